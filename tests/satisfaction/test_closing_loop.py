"""A low score by name opens a case, once; a change of it is noted; afterwards the customer is asked again."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from tests.care.conftest import close, through_steps, visit_of
from tests.cast import Cast, make_customer
from tests.complaints.conftest import open_complaint
from tests.guards import given
from tests.satisfaction.loop_scene import (
    answer,
    answered,
    cap,
    count,
    ended,
    leave,
    loop_rule,
    post_fixture,  # noqa: F401
    questionnaire,
    reopen,
    see_to_all,
)
from tests.surveys.sending_scene import Post
from zhike.care import services as care
from zhike.care.models import FollowUp
from zhike.customers.models import TimelineEntry
from zhike.desk import services as desk
from zhike.desk.models import Case, CaseEvent, CaseLink, CaseType
from zhike.satisfaction.comparing import compared
from zhike.satisfaction.models import Ask, AskRule
from zhike.satisfaction.rule_selectors import asked_about, counts_of
from zhike.satisfaction.services.ask_rules import Low
from zhike.surveys.models import Response, Survey

pytestmark = pytest.mark.django_db


@pytest.fixture
def survey(cast: Cast, post: Post) -> Survey:
    with given():
        cap(50)
    return questionnaire(cast)


def asked(cast: Cast, survey: Survey, **changes: Any) -> tuple[Case, Ask]:
    """A case that was closed, its mail sent."""
    if not AskRule.objects.exists():
        loop_rule(cast, survey, **changes)
    case = ended(cast)
    leave()
    return case, Ask.objects.get(case=case, first=None)


def lines(case: Case | int) -> list[tuple[str, str]]:
    pk = case if isinstance(case, int) else case.pk
    rows = CaseEvent.objects.filter(case=pk, kind="further").order_by("seq")
    return [(row.data["line"].removeprefix("satisfaction."), row.text) for row in rows]


# A low score


def test_a_low_score_opens_a_case_that_leads_back(cast: Cast, survey: Survey) -> None:
    case, ask = asked(cast, survey)
    answered(ask, 2, "等了三天")
    opened = ask.opened
    assert opened is not None
    assert (opened.type_id, opened.unit_id, opened.customer_id) == (
        "complaint", case.unit_id, cast.chen.pk,
    )  # fmt: skip
    assert opened.owner_id is None
    assert opened.due_at is not None
    assert CaseLink.objects.filter(case=opened, other=case, kind="follows").exists()
    said = CaseEvent.objects.get(case=opened, kind="message_in").text
    assert "等了三天" in said
    assert "2" in said
    ((key, text),) = lines(case)
    assert key == "low"
    assert "等了三天" in text
    entry = TimelineEntry.objects.get(kind="satisfaction.answer")
    assert (entry.customer_id, entry.object_id) == (cast.chen.pk, case.pk)
    assert Case.objects.filter(customer=cast.chen).count() == 2


def test_a_good_score_opens_nothing_and_is_shown_at_the_case(cast: Cast, survey: Survey) -> None:
    case, ask = asked(cast, survey)
    answered(ask, 5)
    assert ask.opened is None
    assert not lines(case)
    (one,) = asked_about(case, "zh-hans")
    assert one.told is not None
    assert not one.told.is_low
    assert "5" in one.told.score


def test_the_limit_itself_is_low(cast: Cast, survey: Survey) -> None:
    _case, ask = asked(cast, survey)
    answered(ask, 3)
    assert ask.opened is None
    _case, ask = asked(cast, survey)
    answered(ask, 2)
    assert ask.opened is not None


def test_it_goes_to_the_unit_the_rule_names(cast: Cast, survey: Survey) -> None:
    low = Low("case", "q1", "at_most", 2, (), "repair", cast.shangqiu.pk)
    _case, ask = asked(cast, survey, low=low)
    answered(ask, 1)
    assert ask.opened is not None
    assert (ask.opened.unit_id, ask.opened.type_id) == (cast.shangqiu.pk, "repair")


def test_counted_and_seen_to_again_it_is_one_case(cast: Cast, survey: Survey) -> None:
    _case, ask = asked(cast, survey)
    answered(ask, 1)
    opened = ask.opened_id
    for _time in range(3):
        see_to_all()
    with given():
        Response.objects.update(counted_revision=0)
        Ask.objects.update(judged_revision=0)
    count()
    see_to_all()
    ask.refresh_from_db()
    assert ask.opened_id == opened
    assert Case.objects.count() == 2


def test_counting_enqueues_the_job(cast: Cast, survey: Survey) -> None:
    from django_tasks_db.models import DBTaskResult

    _case, ask = asked(cast, survey)
    answer(ask, 1)
    count()
    (job,) = DBTaskResult.objects.filter(task_path="zhike.satisfaction.tasks.see_to_answer")
    assert job.args_kwargs["kwargs"] == {"ask_id": ask.pk}


def test_edited_upward_it_is_noted_and_not_undone(cast: Cast, survey: Survey) -> None:
    case, ask = asked(cast, survey)
    answered(ask, 1)
    opened = ask.opened_id
    answered(ask, 5)
    assert ask.opened_id == opened
    assert Case.objects.count() == 2
    ((key, text),) = lines(opened or 0)
    assert key == "changed"
    assert "5" in text
    assert len(lines(case)) == 1
    assert TimelineEntry.objects.filter(kind="satisfaction.answer").count() == 1


def test_edited_downward_it_opens_then(cast: Cast, survey: Survey) -> None:
    _case, ask = asked(cast, survey)
    answered(ask, 4)
    assert ask.opened is None
    answered(ask, 1, "又坏了")
    assert ask.opened is not None


def test_begun_and_left_it_opens_nothing(cast: Cast, survey: Survey) -> None:
    from tests.surveys.scene import ZH
    from zhike.surveys.invited import signed
    from zhike.surveys.services.answers import Sent, invited_way_of, save

    _case, ask = asked(cast, survey)
    way = invited_way_of(signed(ask.invitation_id or 0))
    save(way, way.ref, way.version_id, Sent(frozenset({"q1"}), {"q1": 1}, ZH, 0))
    count()
    see_to_all()
    ask.refresh_from_db()
    assert ask.judged_revision == 0
    assert ask.opened is None


def test_a_type_out_of_use_gives_way(cast: Cast, survey: Survey) -> None:
    _case, ask = asked(cast, survey, low=Low("case", "q1", "at_most", 2, (), "praise"))
    with given():
        CaseType.objects.filter(code="praise").update(is_active=False)
    answered(ask, 1)
    assert ask.opened is not None
    assert ask.opened.type_id == "repair"


def test_a_case_that_was_merged_meanwhile_is_followed(cast: Cast, survey: Survey) -> None:
    case, ask = asked(cast, survey)
    other = ended(cast)
    desk.merge_cases(**cast.admin.acting, into_id=other.pk, from_id=case.pk, reason="同一件事")
    answered(ask, 1)
    assert ask.opened is not None
    assert CaseLink.objects.filter(case=ask.opened, other=other).exists()


def test_what_it_opened_is_not_asked_about_by_rules(cast: Cast, survey: Survey) -> None:
    _case, ask = asked(cast, survey, low=Low("case", "q1", "at_most", 2, (), "repair"))
    answered(ask, 1)
    assert ask.opened is not None
    close(cast.lin, ask.opened)
    assert not Ask.objects.filter(case=ask.opened).exists()
    with given(), pytest.raises(IntegrityError), transaction.atomic():
        Ask.objects.filter(pk=ask.pk).update(visit=FollowUp.objects.first())


# A call-back


def test_a_low_score_owes_a_call_back(cast: Cast, survey: Survey) -> None:
    low = Low("visit", "q1", "at_most", 2, (), "repair", asks_again=True)
    case, ask = asked(cast, survey, low=low)
    first = visit_of(case)
    care.record_result(
        **cast.lin.acting, follow_up_id=first.pk, outcome=care.Outcome("content", "好")
    )
    answered(ask, 1, "其实没修好")
    assert ask.opened is None
    assert ask.visit is not None
    assert ask.visit.pk != first.pk
    assert "其实没修好" in ask.visit.to_check
    assert [key for key, _text in lines(case)][-1] == "call_back"
    care.record_result(
        **cast.lin.acting, follow_up_id=ask.visit.pk, outcome=care.Outcome("content", "好了")
    )
    second = Ask.objects.get(first=ask)
    assert second.invitation is not None
    reopen(cast, case)
    second.invitation.refresh_from_db()
    assert second.invitation.refusal == "overtaken"
    desk.close_case(**cast.lin.acting, case_id=case.pk, outcome="solved", text="好了")
    leave()
    second.invitation.refresh_from_db()
    assert second.invitation.state == "sent"
    assert Ask.objects.filter(first=ask).count() == 1


def test_a_visit_that_is_due_takes_it_up(cast: Cast, survey: Survey) -> None:
    low = Low("visit", "q1", "at_most", 2, (), "repair")
    case, ask = asked(cast, survey, low=low)
    due = visit_of(case)
    answered(ask, 1, "没修好")
    assert ask.visit_id == due.pk
    due.refresh_from_db()
    assert "没修好" in due.to_check
    assert FollowUp.objects.count() == 1


def test_where_no_call_back_can_be_made_a_case_is_opened(cast: Cast, survey: Survey) -> None:
    low = Low("visit", "q1", "at_most", 2, (), "repair")
    case, ask = asked(cast, survey, low=low)
    reopen(cast, case)
    answered(ask, 1, "没修好")
    assert ask.visit is None
    assert ask.opened is not None


def test_a_complaint_that_was_filed_away_is_not_called_about(cast: Cast, survey: Survey) -> None:
    low = Low("visit", "q1", "at_most", 2, (), "repair")
    loop_rule(cast, survey, low=low)
    complaint = through_steps(cast.lin, open_complaint(cast.lin, cast.chen.pk))
    leave()
    filed = Ask.objects.get(case=complaint)
    care.record_result(
        **cast.lin.acting,
        follow_up_id=visit_of(complaint).pk,
        outcome=care.Outcome("content", "好"),
    )
    answered(filed, 1, "又犯了")
    assert filed.visit is None
    assert filed.opened is not None


# The second measurement


def closed_again(cast: Cast, ask: Ask) -> Ask:
    """What was opened is seen to; the customer gets the second mail."""
    assert ask.opened is not None
    through_steps(cast.lin, Case.objects.get(pk=ask.opened_id))
    leave()
    return Ask.objects.get(first=ask)


def test_once_it_is_seen_to_the_customer_is_asked_again(cast: Cast, survey: Survey) -> None:
    case, ask = asked(cast, survey)
    answered(ask, 1, "太慢")
    second = closed_again(cast, ask)
    assert second.invitation is not None
    assert second.invitation.state == "sent"
    answered(second, 4)
    assert second.opened is None
    assert lines(ask.opened_id or 0)[-1][0] == "again"
    for page in (case, ask.opened):
        assert page is not None
        (one,) = asked_about(page, "zh-hans")
        assert one.told is not None
        assert one.again is not None
        assert one.again.told is not None
        assert "1" in one.told.score
        assert "4" in one.again.told.score
    assert counts_of(ask.rule)["again"] == 1


def test_a_second_low_score_opens_nothing_more(cast: Cast, survey: Survey) -> None:
    _case, ask = asked(cast, survey)
    answered(ask, 1)
    second = closed_again(cast, ask)
    before = Case.objects.count()
    answered(second, 1, "还是不行")
    assert Case.objects.count() == before
    assert lines(ask.opened_id or 0)[-1] == ("again", lines(ask.opened_id or 0)[-1][1])
    assert "还是不行" in lines(ask.opened_id or 0)[-1][1]


def test_reopened_before_the_second_mail_left(cast: Cast, survey: Survey) -> None:
    _case, ask = asked(cast, survey)
    answered(ask, 1)
    assert ask.opened is not None
    opened = through_steps(cast.lin, Case.objects.get(pk=ask.opened_id))
    reopen(cast, opened)
    leave()
    second = Ask.objects.get(first=ask)
    assert second.invitation is not None
    assert second.invitation.refusal == "overtaken"


def test_a_rule_may_not_ask_again(cast: Cast, survey: Survey) -> None:
    _case, ask = asked(cast, survey, low=Low("case", "q1", "at_most", 2, (), "repair"))
    answered(ask, 1)
    assert ask.opened is not None
    close(cast.lin, ask.opened)
    assert not Ask.objects.filter(first=ask).exists()


def twice(cast: Cast, survey: Survey, scores: list[tuple[int, int]]) -> AskRule:
    low = Low("case", "q1", "at_most", 2, (), "repair", asks_again=True)
    made = loop_rule(cast, survey, low=low)
    for number, (first, second) in enumerate(scores):
        with given():
            person = make_customer(cast.zhoukou, f"车主{number}")
            from tests.cast import SETUP, everybody
            from zhike.customers import services as customers

            customers.add_identity(
                actor=SETUP,
                grants=everybody(),
                customer_id=person.pk,
                channel="email",
                value=f"c{number}@example.com",
            )
        case = ended(cast, customer_id=person.pk)
        leave()
        ask = answered(Ask.objects.get(case=case), first)
        assert ask.opened is not None
        close(cast.lin, Case.objects.get(pk=ask.opened_id))
        leave()
        answered(Ask.objects.get(first=ask), second)
    return made


def test_under_five_cases_no_average_is_told(cast: Cast, survey: Survey) -> None:
    found = compared(twice(cast, survey, [(1, 4), (2, 5), (1, 3), (2, 4)]), "zh-hans")
    assert len(found.pairs) == 4
    assert found.summed is None


def test_from_five_cases_on_means_and_difference_with_its_interval(
    cast: Cast, survey: Survey
) -> None:
    found = compared(twice(cast, survey, [(1, 4), (2, 5), (1, 3), (2, 4), (1, 2)]), "zh-hans")
    summed = found.summed
    assert summed is not None
    assert summed.n == 5
    # By hand: differences 3, 3, 2, 2, 1; mean 2.2, s = 0.8367, t(4) = 2.776, half width 1.039.
    assert [summed.before, summed.after] == pytest.approx([1.4, 3.6])
    assert summed.difference == pytest.approx(2.2)
    assert summed.low == pytest.approx(2.2 - 1.0389, abs=1e-3)
    assert summed.high == pytest.approx(2.2 + 1.0389, abs=1e-3)


def test_where_all_moved_alike_no_interval_is_told(cast: Cast, survey: Survey) -> None:
    found = compared(twice(cast, survey, [(1, 4)] * 5), "zh-hans").summed
    assert found is not None
    assert (found.difference, found.low) == (3.0, None)


# Erasing


def test_erasing_a_person_parts_the_answer_from_the_case(cast: Cast, survey: Survey) -> None:
    from zhike.core import work
    from zhike.core.erasing import ERASED
    from zhike.surveys.cutting import cut

    case, ask = asked(cast, survey)
    answered(ask, 5)
    with work.unit(work.Actor.system("erasing")) as unit:
        cut(list(Response.objects.all()), ERASED, unit)
    (one,) = asked_about(case, "zh-hans")
    assert one.told is None


def test_an_open_link_opens_no_case(cast: Cast, survey: Survey) -> None:
    from tests.surveys.scene import ZH
    from zhike.surveys.models import Link
    from zhike.surveys.services.answers import Sent, new_ref, save, way_of

    loop_rule(cast, survey)
    way, ref = way_of(Link.objects.get(is_personal=False).token), new_ref()
    save(way, ref, way.version_id, Sent(frozenset({"q1"}), {"q1": 1}, ZH, 0))
    save(way, ref, way.version_id, Sent(frozenset({"why"}), {}, ZH, 1))
    count()
    assert not Case.objects.exists()
