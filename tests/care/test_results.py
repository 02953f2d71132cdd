"""What came of a visit: content, partly, not content, from round to round."""

from datetime import UTC, datetime

import pytest

from tests.care.conftest import through_steps, visit_of
from tests.cast import Cast, make_staff
from zhike.care import services
from zhike.care.models import FollowUp, Question
from zhike.care.selectors import script_for
from zhike.care.services import Outcome
from zhike.complaints.models import Complaint, Notice, StepRecord
from zhike.complaints.services.notices import withdraw_notice
from zhike.core import clock
from zhike.core.errors import Conflict, RuleError
from zhike.customers.models import TimelineEntry
from zhike.desk import services as desk
from zhike.desk.models import Case, CaseEvent, CaseLink

pytestmark = pytest.mark.django_db

# A Tuesday afternoon in Zhoukou.
NOW = datetime(2026, 11, 24, 6, 26, tzinfo=UTC)
WORDS = "换上三天又断电了，你们到底查没查原因？"


def record(who, visit: FollowUp, result: str, **known) -> FollowUp:
    outcome = Outcome(result=result, **known)
    return services.record_result(**who.acting, follow_up_id=visit.pk, outcome=outcome)


def test_content_archives_the_complaint(cast: Cast, complaint: Case, visit: FollowUp) -> None:
    version = script_for("complaint")
    assert version is not None
    asked = {str(question.pk): question.kind for question in version.questions.all()}
    values = {"yes_no": True, "score": 5, "text": "早点打电话说一声"}
    answers = {key: values[kind] for key, kind in asked.items()}
    done = record(cast.lin, visit, "content", words="挺好，谢谢。", answers=answers)
    assert (done.state, done.result, done.attempts) == ("done", "content", 1)
    assert done.answers == answers
    row = Complaint.objects.get(pk=complaint.pk)
    assert row.archived_at is not None
    step = StepRecord.objects.get(complaint=row, step=6)
    assert step.evidence == {"customer_says": "挺好，谢谢。", "follow_up": str(visit.pk)}
    entry = TimelineEntry.objects.get(kind="care.follow_up")
    assert (entry.customer_id, entry.title) == (cast.chen.pk, "content")


def test_content_ends_a_repair_quietly(cast: Cast, repair_visit: FollowUp, repair: Case) -> None:
    record(cast.lin, repair_visit, "content")
    line = CaseEvent.objects.filter(case=repair, kind="further").latest("seq")
    assert (line.data["line"], line.data["result"]) == ("care.result", "content")
    assert Case.objects.get(pk=repair.pk).state == "closed"


def test_partly_asks_what_is_missing_and_looks_again(
    cast: Cast, visit: FollowUp, complaint: Case, frozen_clock
) -> None:
    frozen_clock(NOW)
    with pytest.raises(RuleError) as refused:
        record(cast.lin, visit, "partly", words="还行")
    assert refused.value.field == "missing"
    record(cast.lin, visit, "partly", words="还行", missing="说好的雨披还没寄到")
    second = visit_of(complaint)
    assert (second.round, second.sequence, second.state) == (1, 2, "due")
    assert second.to_check == "说好的雨披还没寄到"
    assert clock.local(second.due_at).date().isoformat() == "2026-11-27"
    assert Complaint.objects.get(pk=complaint.pk).archived_at is None
    record(cast.lin, second, "content", words="收到了")
    assert Complaint.objects.get(pk=complaint.pk).archived_at is not None


def test_not_content_from_round_to_round_until_the_archive(
    cast: Cast, complaint: Case, visit: FollowUp
) -> None:
    done = record(
        cast.lin, visit, "not_content", words=WORDS, person_id=cast.wang.user.pk, notice=""
    )
    case = Case.objects.get(pk=complaint.pk)
    row = Complaint.objects.get(pk=complaint.pk)
    assert (done.state, done.result, done.words) == ("done", "not_content", WORDS)
    assert (row.round, row.step, case.reopened_count) == (2, 1, 1)
    assert case.state == "waiting_department"
    notice = Notice.objects.get(case=complaint)
    assert (notice.round, notice.person_id, notice.text) == (2, cast.wang.user.pk, WORDS)
    assert not FollowUp.objects.filter(case=complaint, state="due").exists()

    withdraw_notice(**cast.lin.acting, number=notice.number, reason="已当面说清")
    through_steps(cast.lin, case)
    second = visit_of(complaint)
    assert (second.round, second.sequence) == (2, 1)
    record(cast.lin, second, "content", words="这次好了")
    row.refresh_from_db()
    assert row.archived_at is not None
    assert FollowUp.objects.filter(case=complaint).count() == 2


@pytest.mark.parametrize(
    ("known", "field"), [({}, "words"), ({"words": "  "}, "words"), ({"words": WORDS}, "person")]
)
def test_not_content_needs_words_and_somebody_to_ask(
    cast: Cast, visit: FollowUp, complaint: Case, known: dict[str, str], field: str
) -> None:
    with pytest.raises(RuleError) as refused:
        record(cast.lin, visit, "not_content", **known)
    assert refused.value.field == field
    visit.refresh_from_db()
    assert visit.state == "due"
    assert Complaint.objects.get(pk=complaint.pk).round == 1


def test_a_notice_that_is_refused_leaves_nothing_behind(
    cast: Cast, visit: FollowUp, complaint: Case
) -> None:
    before = CaseEvent.objects.filter(case=complaint).count()
    with pytest.raises(RuleError) as refused:
        record(cast.lin, visit, "not_content", words=WORDS, person_id=cast.lin.user.pk)
    assert refused.value.field == "person"
    visit.refresh_from_db()
    assert visit.state == "due"
    assert Case.objects.get(pk=complaint.pk).state == "closed"
    assert CaseEvent.objects.filter(case=complaint).count() == before


def test_a_colleague_of_the_owner_may_begin_the_next_round(
    cast: Cast, visit: FollowUp, complaint: Case
) -> None:
    other = make_staff("1003", "赵磊", cast.zhoukou)
    record(other, visit, "not_content", words=WORDS, person_id=cast.wang.user.pk)
    assert Notice.objects.get(case=complaint).sent_by_name == "赵磊"
    assert Case.objects.get(pk=complaint.pk).owner_id == cast.lin.user.pk


@pytest.mark.parametrize("asks", [True, False])
def test_a_repair_that_did_not_please_becomes_a_complaint(
    cast: Cast, repair: Case, repair_visit: FollowUp, asks: bool
) -> None:
    person = cast.wang.user.pk if asks else None
    done = record(cast.lin, repair_visit, "not_content", words=WORDS, person_id=person)
    fresh = done.new_case
    assert fresh is not None
    assert (fresh.type_id, fresh.customer_id, fresh.owner_id) == (
        "complaint", cast.chen.pk, cast.lin.user.pk,
    )  # fmt: skip
    link = CaseLink.objects.get(case=fresh)
    assert (link.other_id, link.kind) == (repair.pk, "follows")
    assert Case.objects.get(pk=repair.pk).state == "closed", "the repair itself stays done"
    assert Notice.objects.filter(case=fresh).count() == int(asks)


def test_recorded_twice_is_told_who_was_first(cast: Cast, visit: FollowUp) -> None:
    record(cast.lin, visit, "content", words="好")
    with pytest.raises(Conflict) as refused:
        record(cast.wang, visit, "not_content", words=WORDS, person_id=cast.zhou.user.pk)
    assert refused.value.code == "already_recorded"
    assert "林静" in str(refused.value)
    with pytest.raises(Conflict):
        services.record_attempt(**cast.wang.acting, follow_up_id=visit.pk)
    assert Notice.objects.count() == 0


def test_no_result_while_the_case_is_open(cast: Cast, visit: FollowUp, complaint: Case) -> None:
    desk.reopen(**cast.lin.acting, case_id=complaint.pk, reason="客户来电")
    with pytest.raises(Conflict) as refused:
        record(cast.lin, visit, "content")
    assert refused.value.code == "called_off"


@pytest.mark.parametrize(
    "answer",
    [{"999999": True}, {"yes_no": "yes"}, {"score": 6}, {"score": True}, {"text": 5}],
    ids=str,
)
def test_answers_are_of_their_kind(cast: Cast, visit: FollowUp, answer) -> None:
    kinds = {q.kind: str(q.pk) for q in Question.objects.filter(version=script_for("complaint"))}
    given = {kinds.get(key, key): value for key, value in answer.items()}
    with pytest.raises(RuleError) as refused:
        record(cast.lin, visit, "content", answers=given)
    assert refused.value.field == "answers"
    visit.refresh_from_db()
    assert visit.state == "due"


@pytest.mark.parametrize("result", ["", "happy", "due"])
def test_a_result_is_one_of_four(cast: Cast, visit: FollowUp, result: str) -> None:
    with pytest.raises(RuleError) as refused:
        record(cast.lin, visit, result)
    assert refused.value.field == "result"
