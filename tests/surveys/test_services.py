from typing import Any

import pytest
from django.db import DatabaseError, transaction

from tests.cast import Cast
from tests.surveys.conftest import choices, make, whole_draft
from zhike.core.errors import Conflict, Forbidden, NotFound, RuleError
from zhike.core.models import AuditRow
from zhike.surveys import services
from zhike.surveys.choices import SurveyState
from zhike.surveys.models import Survey, SurveyVersion
from zhike.surveys.selectors import counts_by_state, get_survey, surveys_for_list, visible_surveys

pytestmark = pytest.mark.django_db


def save(cast: Cast, survey: Survey, draft: Any, seq: int | None = None) -> Survey:
    expected = survey.draft_seq if seq is None else seq
    return services.save_draft(
        **cast.wang.acting, survey_id=survey.pk, document=draft, expected_seq=expected
    )


def retitled(title: str) -> dict[str, Any]:
    return {**whole_draft(), "title": {"zh-hans": title}}


def test_a_questionnaire_is_made_and_only_its_unit_sees_it(cast: Cast, survey: Survey) -> None:
    assert (survey.title, survey.state, survey.draft_seq) == ("车主调查", "draft", 1)
    assert survey.draft == whole_draft()
    assert get_survey(cast.wang.grants, survey.pk) == survey
    assert [vars(row)["answers"] for row in surveys_for_list(cast.admin.grants)] == [0]
    # Zhou works in another unit, and agents do not look at questionnaires at all.
    assert not visible_surveys(cast.zhou.grants).exists()
    assert not visible_surveys(cast.lin.grants).exists()
    row = AuditRow.objects.get(action="surveys.make")
    assert row.object_id == survey.pk
    assert '"questions": 3' in row.payload


def test_who_may_not_write_changes_nothing(cast: Cast, survey: Survey) -> None:
    acts: list[tuple[Any, dict[str, Any]]] = [
        (services.make_survey, {"document": whole_draft(), "unit_id": cast.zhoukou.pk}),
        (
            services.save_draft,
            {"survey_id": survey.pk, "document": retitled("别的"), "expected_seq": 1},
        ),
        (services.publish, {"survey_id": survey.pk}),
        (services.change_state, {"survey_id": survey.pk, "state": "closed"}),
        (services.copy_survey, {"survey_id": survey.pk}),
    ]
    for act, given in acts:
        with pytest.raises(Forbidden):
            act(**cast.lin.acting, **given)
        if "survey_id" in given:
            with pytest.raises(NotFound):
                act(**cast.admin.acting, **{**given, "survey_id": 10**15})
    survey.refresh_from_db()
    assert (Survey.objects.count(), survey.title, SurveyVersion.objects.count()) == (
        1,
        "车主调查",
        0,
    )


def test_a_unit_out_of_reach_and_a_missing_title_are_refused(cast: Cast) -> None:
    for draft, unit, code in (
        (whole_draft(), cast.shangqiu.pk, "unit_out_of_reach"),
        ({**whole_draft(), "title": {"en": "Owners"}}, cast.zhoukou.pk, "title_missing"),
        ({**whole_draft(), "sections": 5}, cast.zhoukou.pk, "questionnaire_misshapen"),
    ):
        with pytest.raises(RuleError) as refused:
            make(cast.wang, unit, draft)
        assert refused.value.code == code
    assert not Survey.objects.exists()


def test_an_unfinished_draft_is_kept_and_an_old_one_refused(cast: Cast, survey: Survey) -> None:
    unfinished = {**whole_draft(), "sections": [{"key": "s1", "questions": []}], "quotas": []}
    saved = save(cast, survey, unfinished)
    assert saved.draft_seq == 2
    with pytest.raises(Conflict) as refused:
        save(cast, survey, retitled("别的"), seq=1)
    assert (refused.value.code, refused.value.status) == ("draft_changed", 409)
    survey.refresh_from_db()
    assert (survey.title, survey.draft_seq) == ("车主调查", 2)
    # The same once more changes nothing, and says nothing in the log.
    assert save(cast, survey, survey.draft).draft_seq == 2
    assert AuditRow.objects.filter(action="surveys.save_draft").count() == 1


def test_publishing_names_what_is_missing(cast: Cast, survey: Survey) -> None:
    draft = whole_draft()
    draft["sections"][1]["questions"][0]["text"] = {}
    draft["sections"][0]["questions"][0]["options"] = []
    save(cast, survey, draft)
    with pytest.raises(RuleError) as refused:
        services.publish(**cast.wang.acting, survey_id=survey.pk)
    error = refused.value
    assert (error.status, error.code) == (422, "questionnaire_unfinished")
    assert str(error).startswith("还差 4 处：第 1 页第 1 题：请至少写两个选项")
    assert {one["place"] for one in error.extra["problems"]} == {
        "sections[0].questions[0].options", "sections[1].questions[0].text", "sections[1].when[0]", "quotas[0]",
    }  # fmt: skip
    survey.refresh_from_db()
    assert (survey.state, survey.current_id) == ("draft", None)


def test_a_version_is_made_only_when_something_differs(cast: Cast, published: Survey) -> None:
    assert published.state == SurveyState.OPEN
    assert published.current is not None
    again = services.publish(**cast.wang.acting, survey_id=published.pk)
    assert again.pk == published.current_id
    save(cast, published, retitled("车主调查二"))
    second = services.publish(**cast.wang.acting, survey_id=published.pk)
    assert (second.number, second.definition["title"]) == (2, {"zh-hans": "车主调查二"})
    assert list(published.versions.order_by("number").values_list("number", flat=True)) == [1, 2]
    assert AuditRow.objects.filter(action="surveys.publish").count() == 2


def test_publishing_another_draft_than_the_one_looked_at_is_refused(
    cast: Cast, survey: Survey
) -> None:
    save(cast, survey, retitled("别人改的"))
    with pytest.raises(Conflict):
        services.publish(**cast.wang.acting, survey_id=survey.pk, expected_seq=1)
    assert not SurveyVersion.objects.exists()


def test_a_key_keeps_its_meaning(cast: Cast, published: Survey) -> None:
    draft = whole_draft()
    draft["sections"][1]["questions"][0]["points"] = 10
    draft["sections"][0]["questions"][0]["options"] = choices("客货两用", "货运")
    save(cast, published, draft)
    with pytest.raises(RuleError) as refused:
        services.publish(**cast.wang.acting, survey_id=published.pk)
    assert refused.value.code == "meaning_changed"
    told = refused.value.extra["problems"]
    assert [one["at"] for one in told] == ["第 1 页第 1 题", "第 1 页第 1 题", "第 2 页第 1 题"]
    assert "5 级" in told[2]["sentence"]
    draft["sections"][1]["questions"][0]["key"] = "q7"
    draft["sections"][0]["questions"][0]["options"] = choices("货运", "客货两用")
    published.refresh_from_db()
    save(cast, published, draft)
    assert services.publish(**cast.wang.acting, survey_id=published.pk).number == 2


def test_a_published_version_never_changes(published: Survey, given: Any) -> None:
    assert published.current is not None
    for act in (
        lambda: SurveyVersion.objects.filter(pk=published.current_id).update(definition={}),
        lambda: SurveyVersion.objects.filter(pk=published.current_id).delete(),
    ):
        with given(), pytest.raises(DatabaseError), transaction.atomic():
            act()


def test_words_of_the_list_are_not_published_unless_somebody_says_why(
    cast: Cast, survey: Survey
) -> None:
    draft = whole_draft()
    draft["sections"][1]["questions"][1]["text"] = {"zh-hans": "您可能不太明白，为什么？"}
    save(cast, survey, draft)
    with pytest.raises(RuleError) as refused:
        services.publish(**cast.wang.acting, survey_id=survey.pk)
    assert refused.value.code == "phrases_flagged"
    assert refused.value.extra["phrases"][0]["field"] == "sections[1].questions[1].text.zh-hans"
    version = services.publish(
        **cast.wang.acting, survey_id=survey.pk, why_kept="沿用去年的问法，便于比较"
    )
    assert version.number == 1
    assert AuditRow.objects.get(action="surveys.publish").reason == "沿用去年的问法，便于比较"


def test_opening_and_closing(cast: Cast, survey: Survey) -> None:
    for state in ("open", "closed"):
        with pytest.raises(RuleError) as refused:
            services.change_state(**cast.wang.acting, survey_id=survey.pk, state=state)
        assert refused.value.code == "state_not_possible"
    services.publish(**cast.wang.acting, survey_id=survey.pk)
    acting = {**cast.wang.acting, "survey_id": survey.pk}
    assert services.change_state(**acting, state="closed").state == "closed"
    assert counts_by_state(cast.wang.grants) == {"closed": 1}
    # A later version of a closed one stays closed.
    survey.refresh_from_db()
    save(cast, survey, retitled("改过"))
    services.publish(**acting)
    assert services.change_state(**acting, state="closed").state == "closed"
    assert services.change_state(**acting, state="open").state == "open"
    assert AuditRow.objects.filter(action="surveys.change_state").count() == 2


def test_a_copy_is_a_draft_of_its_own(cast: Cast, published: Survey) -> None:
    copy = services.copy_survey(**cast.wang.acting, survey_id=published.pk)
    assert (copy.title, copy.state, copy.current_id) == ("车主调查（副本）", "draft", None)
    assert copy.draft["sections"] == published.draft["sections"]
    assert copy.draft["title"] == {"zh-hans": "车主调查（副本）", "en": "Owners"}
    assert copy.unit_id == published.unit_id
