"""Visits as a whole: made by closing, tried, called off, handed over, rung for."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.care.conftest import close, open_other, through_steps, visit_of
from tests.cast import Cast, make_staff
from tests.complaints.conftest import open_complaint
from zhike.care import services
from zhike.care.data.scripts import SWITCHED_ON
from zhike.care.models import FollowUp, FollowUpAttempt
from zhike.care.selectors import METRIC
from zhike.care.services import Outcome
from zhike.care.services.reminding import remind_due
from zhike.complaints import services as complaints
from zhike.complaints.models import Complaint
from zhike.complaints.services.ways_out import attempts_of
from zhike.core import clock, counts
from zhike.core.access import Forbidden
from zhike.core.calendar import Due
from zhike.core.errors import NotFound, RuleError
from zhike.core.models import AuditRow, Notification
from zhike.desk import services as desk
from zhike.desk.models import Case, CaseEvent

pytestmark = pytest.mark.django_db

# A Tuesday afternoon in Zhoukou.
NOW = datetime(2026, 11, 24, 6, 26, tzinfo=UTC)


def record(who, visit: FollowUp, result: str, **known) -> FollowUp:
    outcome = Outcome(result=result, **known)
    return services.record_result(**who.acting, follow_up_id=visit.pk, outcome=outcome)


# Made by closing


def test_closing_makes_a_visit_due_within_one_working_day(cast: Cast, frozen_clock) -> None:
    frozen_clock(NOW)
    case = through_steps(cast.lin, open_complaint(cast.lin, cast.chen.pk))
    visit = visit_of(case)
    assert (visit.round, visit.sequence, visit.state) == (1, 1, "due")
    assert (visit.assigned_id, visit.assigned_name) == (cast.lin.user.pk, "林静")
    assert (visit.customer_name, visit.customer_tier) == ("陈志强", "vip")
    assert clock.local(visit.due_at).date().isoformat() == "2026-11-25"
    assert visit.due_explanation is not None
    assert Due.from_json(visit.due_explanation).at == visit.due_at
    assert AuditRow.objects.filter(action="care.follow_up.make", object_id=visit.pk).count() == 1


@pytest.mark.parametrize("type_code", ["inquiry", "complaint", "repair", "request", "return"])
def test_only_types_switched_on_make_one(cast: Cast, type_code: str) -> None:
    if type_code == "complaint":
        case = through_steps(cast.lin, open_complaint(cast.lin, cast.chen.pk))
    else:
        case = close(cast.lin, open_other(cast.lin, cast.chen.pk, type_code))
    assert FollowUp.objects.filter(case=case).exists() is (type_code in SWITCHED_ON)


def test_types_are_switched_by_whoever_may_change_settings(cast: Cast) -> None:
    with pytest.raises(Forbidden):
        services.set_rules(**cast.wang.acting, on=["inquiry"])
    services.set_rules(**cast.admin.acting, on=["inquiry"])
    assert FollowUp.objects.filter(
        case=close(cast.lin, open_other(cast.lin, cast.chen.pk, "inquiry"))
    ).exists()
    assert not FollowUp.objects.filter(
        case=close(cast.lin, open_other(cast.lin, cast.chen.pk, "repair"))
    ).exists()
    with pytest.raises(RuleError):
        services.set_rules(**cast.admin.acting, on=["nonsense"])


def test_nobody_is_called_without_a_customer_or_after_a_prank(cast: Cast) -> None:
    nameless = open_complaint(cast.lin)
    complaints.take_way_out(
        **cast.lin.acting, case_id=nameless.pk, way="anonymous", why="未留姓名电话"
    )
    close(cast.lin, nameless)
    prank = open_complaint(cast.lin, cast.chen.pk)
    complaints.take_way_out(
        **cast.wang.acting, case_id=prank.pk, way="prank", why="孩子按着玩，家长已致歉"
    )
    close(cast.wang, prank)
    close(cast.lin, open_other(cast.lin, None))
    assert not FollowUp.objects.exists()


def test_a_withdrawn_complaint_is_followed_up_all_the_same(cast: Cast) -> None:
    case = open_complaint(cast.lin, cast.chen.pk)
    complaints.take_way_out(
        **cast.lin.acting, case_id=case.pk, way="withdrawn", why="客户说不追究了"
    )
    close(cast.lin, case)
    assert visit_of(case).state == "due"


def test_an_unowned_case_is_visited_by_who_closed_it(cast: Cast) -> None:
    new = desk.NewCase(
        type_code="repair", channel="letter", text="异响", customer_id=cast.chen.pk, keep=False
    )
    case = desk.open_case(**cast.lin.acting, new=new).case
    close(cast.wang, case)
    assert visit_of(case).assigned_id == cast.wang.user.pk


@pytest.mark.parametrize("what", ["reopen", "merge"])
def test_what_overtakes_the_case_calls_the_visit_off(
    cast: Cast, repair: Case, repair_visit: FollowUp, what: str
) -> None:
    if what == "reopen":
        desk.reopen(**cast.lin.acting, case_id=repair.pk, reason="客户来电说又响了")
    else:
        other = open_other(cast.lin, cast.chen.pk)
        desk.merge_cases(**cast.wang.acting, into_id=other.pk, from_id=repair.pk)
    repair_visit.refresh_from_db()
    assert (repair_visit.state, repair_visit.remind_at) == ("called_off", None)
    assert repair_visit.call_off == {"reopen": "reopened", "merge": "merged"}[what]
    if what == "reopen":
        close(cast.lin, repair)
        assert visit_of(repair).round == 2, "the next closing makes the next one"


# Calls in vain


def test_a_call_in_vain_is_counted_everywhere(cast: Cast, visit: FollowUp, complaint: Case) -> None:
    again = (clock.now() + timedelta(days=1)).replace(hour=2, minute=0)
    services.record_attempt(
        **cast.lin.acting, follow_up_id=visit.pk, note="关机", next_try_at=again
    )
    visit.refresh_from_db()
    assert (visit.attempts, visit.state, visit.plan_at, visit.remind_at) == (1, "due", again, again)
    attempt = FollowUpAttempt.objects.get()
    assert (attempt.reached, attempt.note, attempt.by_name) == (False, "关机", "林静")
    line = CaseEvent.objects.filter(case=complaint, kind="further").latest("seq")
    assert (line.data["line"], line.data["reached"]) == ("care.attempt", False)
    assert attempts_of(complaint.pk, 0).count == 1


def test_the_same_form_notes_one_call(cast: Cast, visit: FollowUp) -> None:
    for _time in range(2):
        services.record_attempt(
            **cast.lin.acting, follow_up_id=visit.pk, note="占线", submit_key="abc"
        )
    visit.refresh_from_db()
    assert (visit.attempts, FollowUpAttempt.objects.count()) == (1, 1)


@pytest.mark.parametrize("ahead", [timedelta(minutes=-1), timedelta(days=61)])
def test_the_next_call_lies_ahead_and_not_next_year(
    cast: Cast, visit: FollowUp, ahead: timedelta
) -> None:
    with pytest.raises(RuleError) as refused:
        services.record_attempt(
            **cast.lin.acting, follow_up_id=visit.pk, next_try_at=clock.now() + ahead
        )
    assert refused.value.field == "next_try_at"
    assert not FollowUpAttempt.objects.exists()


def test_unreachable_only_after_enough_calls_over_enough_days(
    cast: Cast, complaint: Case, visit: FollowUp, frozen_clock
) -> None:
    start = clock.now()
    for number in range(3):
        with pytest.raises(RuleError) as refused:
            record(cast.lin, visit, "unreachable")
        assert refused.value.code == "unreachable_too_early"
        assert refused.value.extra["attempts"] == number
        services.record_attempt(**cast.lin.acting, follow_up_id=visit.pk, note="无人接听")
    # Three calls on one day are still one day.
    with pytest.raises(RuleError):
        record(cast.lin, visit, "unreachable")
    frozen_clock(start + timedelta(days=1))
    services.record_attempt(**cast.lin.acting, follow_up_id=visit.pk, note="无人接听")
    done = record(cast.lin, visit, "unreachable")
    assert (done.state, done.result, done.is_reached) == ("done", "unreachable", False)
    assert Complaint.objects.get(pk=complaint.pk).archived_at is None
    assert Case.objects.get(pk=complaint.pk).state == "closed"


# Reach, calling off, handing over


def test_other_units_meet_a_missing_visit(cast: Cast, visit: FollowUp) -> None:
    for act in (
        lambda: record(cast.zhou, visit, "content"),
        lambda: services.record_attempt(**cast.zhou.acting, follow_up_id=visit.pk),
        lambda: services.reassign(
            **cast.zhou.acting, follow_up_id=visit.pk, user_id=cast.zhou.user.pk
        ),
    ):
        with pytest.raises(NotFound):
            act()
    visit.refresh_from_db()
    assert visit.state == "due"


def test_a_role_without_the_permission_makes_none(cast: Cast, visit: FollowUp) -> None:
    owner = make_staff("1009", "孙立", cast.zhoukou, "department_owner")
    with pytest.raises(Forbidden):
        record(owner, visit, "content")


def test_only_a_supervisor_calls_off_and_says_why(cast: Cast, visit: FollowUp) -> None:
    with pytest.raises(Forbidden):
        services.call_off(**cast.lin.acting, follow_up_id=visit.pk, reason="不想打")
    with pytest.raises(RuleError):
        services.call_off(**cast.wang.acting, follow_up_id=visit.pk, reason=" ")
    done = services.call_off(**cast.wang.acting, follow_up_id=visit.pk, reason="客户要求勿扰")
    assert (done.state, done.call_off, done.call_off_reason) == (
        "called_off", "by_hand", "客户要求勿扰",
    )  # fmt: skip


def test_giving_a_visit_to_somebody_else(cast: Cast, visit: FollowUp) -> None:
    other = make_staff("1003", "赵磊", cast.zhoukou)
    with pytest.raises(Forbidden):
        services.reassign(**other.acting, follow_up_id=visit.pk, user_id=other.user.pk)
    with pytest.raises(RuleError) as refused:
        services.reassign(**cast.lin.acting, follow_up_id=visit.pk, user_id=cast.zhou.user.pk)
    assert refused.value.code == "person_out_of_reach"
    services.reassign(**cast.lin.acting, follow_up_id=visit.pk, user_id=other.user.pk)
    visit.refresh_from_db()
    assert visit.assigned_name == "赵磊"
    assert Notification.objects.get(kind="care.assigned").user_id == other.user.pk


def test_a_case_that_moves_takes_its_visits_along(cast: Cast, visit: FollowUp, complaint) -> None:
    desk.reopen(**cast.wang.acting, case_id=complaint.pk, reason="转商丘处理")
    desk.set_unit(
        **cast.admin.acting, case_id=complaint.pk, unit_id=cast.shangqiu.pk, reason="车在商丘"
    )
    visit.refresh_from_db()
    assert visit.unit_id == cast.shangqiu.pk


def test_counters_follow(cast: Cast, visit: FollowUp, repair_visit: FollowUp) -> None:
    record(cast.lin, repair_visit, "content")
    totals = counts.totals_by_state(METRIC, cast.lin.grants)
    assert {state: n for state, n in totals.items() if n} == {"due": 1, "done": 1}
    assert counts.totals_by_state(METRIC, cast.zhou.grants) == {}


# The bell


def test_the_bell_rings_once_for_each_time(cast: Cast, visit: FollowUp, frozen_clock) -> None:
    assert remind_due() == 0
    assert visit.remind_at is not None
    frozen_clock(visit.remind_at + timedelta(minutes=1))
    assert [remind_due(), remind_due()] == [1, 0]
    told = Notification.objects.get(kind="care.due")
    assert (told.user_id, told.values["customer"]) == (cast.lin.user.pk, "陈志强")
    again = clock.now() + timedelta(hours=2)
    services.record_attempt(**cast.lin.acting, follow_up_id=visit.pk, next_try_at=again)
    frozen_clock(again)
    assert remind_due() == 1
    record(cast.lin, visit, "content")
    frozen_clock(again + timedelta(days=30))
    assert remind_due() == 0
