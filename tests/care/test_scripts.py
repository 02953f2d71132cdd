"""Scripts of follow-up visits: questions, versions, which one counts."""

import pytest

from tests.cast import Cast
from zhike.care import services
from zhike.care.data.scripts import SCRIPTS
from zhike.care.models import FollowUp
from zhike.care.selectors import script_for
from zhike.care.services import Asked, Outcome
from zhike.core.access import Forbidden
from zhike.core.errors import Conflict, RuleError

pytestmark = pytest.mark.django_db


def record(who, visit: FollowUp, result: str, **known) -> FollowUp:
    outcome = Outcome(result=result, **known)
    return services.record_result(**who.acting, follow_up_id=visit.pk, outcome=outcome)


def test_old_answers_keep_their_questions(cast: Cast, visit: FollowUp) -> None:
    version = script_for("complaint")
    assert version is not None
    question = version.questions.all()[0]
    record(cast.lin, visit, "content", answers={str(question.pk): True}, script_id=version.pk)
    services.save_script(
        **cast.admin.acting,
        type_code="complaint",
        opening="您好",
        questions=[Asked("text", "都好吗？")],
    )
    visit.refresh_from_db()
    assert visit.script_id == version.pk
    assert next(q.text for q in visit.script.questions.all()) == question.text
    fresh = script_for("complaint")
    assert fresh is not None
    assert (fresh.number, [q.text for q in fresh.questions.all()]) == (2, ["都好吗？"])


def test_a_type_without_a_script_uses_the_one_for_all(cast: Cast) -> None:
    default = script_for("return")
    assert default is not None
    assert default.script.is_default
    own = services.save_script(
        **cast.admin.acting, type_code="return", opening="", questions=[Asked("yes_no", "退了吗？")]
    )
    assert script_for("return") == own
    services.drop_script(**cast.admin.acting, type_code="return")
    assert script_for("return") == default


@pytest.mark.parametrize(
    ("questions", "code"),
    [
        ([], "questions_missing"),
        ([Asked("yes_no", " ")], "text_missing"),
        ([Asked("stars", "几星？")], "kind_unknown"),
        ([Asked("yes_no", "好吗？")] * 13, "questions_many"),
    ],
)
def test_scripts_that_are_refused(cast: Cast, questions, code: str) -> None:
    with pytest.raises(RuleError) as refused:
        services.save_script(**cast.admin.acting, type_code="", opening="", questions=questions)
    assert refused.value.code == code


def test_two_who_change_one_script(cast: Cast) -> None:
    asked = [Asked("yes_no", "好吗？")]
    services.save_script(
        **cast.admin.acting, type_code="", opening="", questions=asked, expected_version=1
    )
    with pytest.raises(Conflict):
        services.save_script(
            **cast.admin.acting, type_code="", opening="", questions=asked, expected_version=1
        )
    with pytest.raises(Forbidden):
        services.save_script(**cast.lin.acting, type_code="", opening="", questions=asked)


def test_yes_to_a_seeded_question_is_always_good() -> None:
    """“没有再出现吧？ 是” may be read either way; figures count a yes as good."""
    asked = [text for seed in SCRIPTS for kind, text in seed.questions if kind == "yes_no"]
    assert asked
    assert [text for text in asked if "没" in text or "不" in text or "吧？" in text] == []
