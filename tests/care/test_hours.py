"""Whose hours count: a visit is due in those of the unit its case lies in, by the plan for its channel too."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.care.conftest import close, open_other, visit_of
from tests.cast import Cast
from zhike.care.models import FollowUp
from zhike.care.services import Outcome, record_result
from zhike.core.calendar.plan_services import PlanTerms, add_plan
from zhike.core.calendar.units import set_unit_calendar
from zhike.core.models import CalendarWindow, WorkCalendar

pytestmark = pytest.mark.django_db
# A Tuesday afternoon, 14:26 in Shanghai.
NOW = datetime(2026, 11, 24, 6, 26, tzinfo=UTC)


@pytest.fixture
def night(cast: Cast, given) -> WorkCalendar:
    """From 20:00 to 22:00 every day, for Zhoukou."""
    with given():
        calendar = WorkCalendar.objects.create(name="夜班", zone="Asia/Shanghai", version=5)
        CalendarWindow.objects.bulk_create(
            CalendarWindow(calendar=calendar, weekday=day, start=1200, end=1320) for day in range(7)
        )
    set_unit_calendar(**cast.admin.acting, unit_id=cast.zhoukou.pk, calendar_id=calendar.pk)
    return calendar


def closed_in(cast: Cast) -> FollowUp:
    return visit_of(close(cast.lin, open_other(cast.lin, cast.chen.pk)))


def test_a_visit_is_due_in_the_hours_of_the_cases_unit(
    cast: Cast, night: WorkCalendar, frozen_clock
) -> None:
    frozen_clock(NOW)
    visit = closed_in(cast)
    # One working day: the end of the next evening.
    assert visit.due_at == datetime(2026, 11, 25, 14, 0, tzinfo=UTC)
    assert (visit.due_explanation or {})["calendar"]["name"] == "夜班"


def test_the_second_visit_too(cast: Cast, night: WorkCalendar, frozen_clock) -> None:
    frozen_clock(NOW)
    visit = closed_in(cast)
    record_result(
        **cast.lin.acting, follow_up_id=visit.pk, outcome=Outcome("partly", missing="还差一个螺丝")
    )
    again = visit_of(visit.case)
    assert (again.sequence, again.due_at) == (2, datetime(2026, 11, 27, 14, 0, tzinfo=UTC))


def test_a_plan_for_the_channel_and_the_unit_counts(cast: Cast, frozen_clock) -> None:
    frozen_clock(NOW)
    closest = PlanTerms(
        purpose="follow_up",
        channel="phone",
        org_unit=cast.zhoukou.pk,
        amount=45,
        unit="business_minutes",
    )
    add_plan(**cast.admin.acting, terms=closest)
    assert closed_in(cast).due_at == NOW + timedelta(minutes=45)


def test_without_any_plan_it_is_owed_within_a_working_day_of_the_unit(
    cast: Cast, night: WorkCalendar, given, frozen_clock
) -> None:
    from zhike.core.models import DuePlan

    with given():
        DuePlan.objects.filter(purpose="follow_up").delete()
    frozen_clock(NOW)
    assert closed_in(cast).due_at == datetime(2026, 11, 25, 14, 0, tzinfo=UTC)
