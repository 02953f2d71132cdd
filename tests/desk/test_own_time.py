"""A time set for one case alone counts in place of the plan for its end, whatever happens to case or plans."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.urls import reverse

from tests.cast import Cast, make_staff
from tests.guards import given
from zhike.core.calendar import Due, Unit
from zhike.core.calendar.own_time import OwnTime
from zhike.core.calendar.plan_book import load_plans
from zhike.core.calendar.plan_services import change_plan, remove_plan, terms_of
from zhike.core.calendar.recounts import recount_everything, run_recounts
from zhike.core.calendar.units import set_unit_calendar
from zhike.core.models import DuePlan, Notification, WorkCalendar
from zhike.customers import services as customers
from zhike.desk import services
from zhike.desk.models import Case, CaseEvent
from zhike.desk.services.alarms import watch_clocks
from zhike.desk.services.clocks import is_counted_by

pytestmark = pytest.mark.django_db
# A Monday, nine o'clock in Zhoukou, where they work from 8:30 to 12:00 and from 13:30 to 17:30.
MONDAY = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
EIGHT_HOURS = OwnTime(8 * 60, Unit.BUSINESS_MINUTES, "遇低分")
# Three hours until noon, four in the afternoon, one on Tuesday; six of them are three quarters.
DUE = datetime(2026, 11, 24, 1, 30, tzinfo=UTC)
WARNING = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)


def opened(cast: Cast, own: OwnTime | None = EIGHT_HOURS, **more: Any) -> Case:
    given_: dict[str, Any] = {
        "type_code": "request",
        "channel": "phone",
        "text": "没人给我回话",
        "customer_id": cast.chen.pk,
        "own_time": own,
        **more,
    }
    return services.open_case(**cast.lin.acting, new=services.NewCase(**given_)).case


@pytest.fixture
def case(cast: Cast, frozen_clock) -> Case:
    frozen_clock(MONDAY)
    return opened(cast)


def fresh(case: Case) -> Case:
    """As it lies in the database, counted as it would be today."""
    found = Case.objects.get(pk=case.pk)
    assert is_counted_by(found, load_plans())
    return found


def request_plan() -> DuePlan:
    return DuePlan.objects.get(purpose="resolution", subject="request", tier="")


def end(case: Case) -> Due:
    return Due.from_json((fresh(case).clocks or {})["resolution"])


def test_it_takes_the_place_of_the_plan_and_says_where_it_comes_from(
    cast: Cast, case: Case
) -> None:
    now = fresh(case)
    assert (now.resolution_due_at, now.due_at, now.queue_at) == (DUE, DUE, DUE)
    assert (now.due_what, now.due_warn_at) == ("resolution", WARNING)
    due = end(case)
    assert (due.rule, due.amount, due.unit) == ("遇低分", 480, Unit.BUSINESS_MINUTES)
    html = cast.lin.client().get(reverse("desk:case", args=[case.number])).content.decode()
    assert "规则：遇低分，受理后 <b>8 工作小时</b>内办结" in html
    # The plans are not where this comes from.
    assert reverse("web:due-plans") not in html.split('class="zk-why"')[1].split("</div>")[0]
    clocks = cast.lin.client().get(reverse("desk:clocks", args=[case.number])).content.decode()
    assert "规则：遇低分" in clocks


def test_a_looser_one_counts_too_and_the_other_clocks_go_by_their_plans(
    cast: Cast, frozen_clock
) -> None:
    frozen_clock(MONDAY)
    own = OwnTime(10, Unit.CALENDAR_DAYS, "遇低分")
    case = fresh(opened(cast, own, channel="letter"))
    plain = fresh(opened(cast, None, channel="letter"))
    assert case.resolution_due_at > plain.resolution_due_at
    assert case.first_reply_due_at == plain.first_reply_due_at


def test_it_needs_no_plan_and_a_plan_lends_its_calendar(cast: Cast, case: Case) -> None:
    with given():
        always = WorkCalendar.objects.create(
            name="全天", zone="Asia/Shanghai", always_open=True, version=9
        )
    plan = request_plan()
    terms = terms_of(plan)
    change_plan(
        **cast.admin.acting,
        plan_id=plan.pk,
        terms=type(terms)(**{**vars_of(terms), "calendar_id": always.pk, "warn_percent": 50}),
    )
    assert run_recounts() == 1
    assert fresh(case).resolution_due_at == MONDAY + 8 * HOUR
    assert fresh(case).due_warn_at == MONDAY + 4 * HOUR
    with given():
        DuePlan.objects.filter(purpose="resolution").exclude(pk=plan.pk).delete()
    remove_plan(**cast.admin.acting, plan_id=plan.pk)
    run_recounts()
    assert fresh(case).resolution_due_at == DUE
    assert fresh(opened(cast, None)).resolution_due_at is None


def vars_of(terms: Any) -> dict[str, Any]:
    return {name: getattr(terms, name) for name in terms.__dataclass_fields__}


def test_holidays_are_left_out(cast: Cast, frozen_clock) -> None:
    # The last afternoon before the National Day week.
    frozen_clock(datetime(2026, 9, 30, 6, 0, tzinfo=UTC))
    case = opened(cast)
    assert fresh(case).resolution_due_at == datetime(2026, 10, 8, 6, 30, tzinfo=UTC)
    assert "holiday" in {line.kind.value for line in end(case).explanation}


def test_it_outlives_another_type_tier_and_priority(cast: Cast, case: Case) -> None:
    services.change_type(**cast.lin.acting, case_id=case.pk, type_code="inquiry")
    services.set_priority(**cast.lin.acting, case_id=case.pk, priority=3)
    customers.update_customer(**cast.wang.acting, customer_id=cast.chen.pk, tier="ordinary")
    assert fresh(case).resolution_due_at == DUE
    services.change_type(**cast.lin.acting, case_id=case.pk, type_code="complaint")
    now = fresh(case)
    assert now.resolution_due_at == DUE
    # What a complaint owes step by step goes by the plans.
    assert now.step_due_at is not None
    assert not CaseEvent.objects.filter(case=case, data__moved__0__what="resolution").exists()


def test_in_another_unit_it_counts_in_the_hours_there(cast: Cast, case: Case) -> None:
    with given():
        night = WorkCalendar.objects.create(
            name="夜班", zone="Asia/Shanghai", always_open=True, version=7
        )
    set_unit_calendar(**cast.admin.acting, unit_id=cast.shangqiu.pk, calendar_id=night.pk)
    colleague = make_staff("7009", "钱江", cast.shangqiu, role="agent")
    services.hand_over(
        **cast.wang.acting,
        case_id=case.pk,
        to_user_id=colleague.user.pk,
        reason="属商丘",
        expected_owner_id=case.owner_id,
    )
    assert fresh(case).resolution_due_at == MONDAY + 8 * HOUR
    assert end(case).rule == "遇低分"


def test_another_plan_does_not_move_it(cast: Cast, case: Case) -> None:
    plain = opened(cast, None)
    plan = request_plan()
    terms = terms_of(plan)
    longer = type(terms)(**{**vars_of(terms), "amount": 9, "name": "放宽"})
    change_plan(**cast.admin.acting, plan_id=plan.pk, terms=longer)
    before = fresh_seq(case)
    # The case that goes by the plan moves, this one has no line of it.
    assert run_recounts() == 1
    assert end(plain).rule == "放宽"
    assert (fresh(case).resolution_due_at, fresh_seq(case)) == (DUE, before)
    recount_everything(**cast.admin.acting)
    assert run_recounts() == 0


def fresh_seq(case: Case) -> int:
    return Case.objects.values_list("seq", flat=True).get(pk=case.pk)


def test_a_pause_is_given_back(cast: Cast, case: Case, frozen_clock) -> None:
    frozen_clock(MONDAY + HOUR)
    services.wait_for_customer(**cast.lin.acting, case_id=case.pk, reason="等照片")
    assert fresh(case).resolution_due_at is None
    frozen_clock(MONDAY + 3 * HOUR)
    services.resume(**cast.lin.acting, case_id=case.pk)
    assert fresh(case).resolution_due_at == DUE + 2 * HOUR


def test_a_reopened_case_has_the_same_time_again(cast: Cast, case: Case, frozen_clock) -> None:
    frozen_clock(MONDAY + HOUR)
    services.close_case(**cast.lin.acting, case_id=case.pk, outcome="solved", text="已致歉")
    assert fresh_seq(case)
    # What ended keeps the time it had.
    assert Case.objects.get(pk=case.pk).resolution_due_at == DUE
    tuesday = MONDAY + timedelta(days=1)
    frozen_clock(tuesday)
    services.reopen(**cast.lin.acting, case_id=case.pk, reason="客户仍不满意")
    assert fresh(case).resolution_due_at == DUE + timedelta(days=1)
    assert end(case).start == tuesday


def test_it_is_warned_of_and_escalated(cast: Cast, case: Case, frozen_clock) -> None:
    assert fresh(case).alarm_at == WARNING
    frozen_clock(WARNING)
    assert watch_clocks() == 1
    [note] = Notification.objects.filter(kind="desk.due_soon")
    assert (note.user_id, note.values["due"]) == (cast.lin.user.pk, "11-24 09:30")
    frozen_clock(DUE)
    assert watch_clocks() == 1
    told = Notification.objects.filter(kind="desk.due_over").values_list("user_id", flat=True)
    assert set(told) == {cast.lin.user.pk, cast.wang.user.pk}
    [line] = CaseEvent.objects.filter(case=case, data__line="desk.escalated")
    assert line.data["what"] == ["resolution"]
