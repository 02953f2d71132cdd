"""Seeds, loading, the per-process copy and its invalidation, choosing a plan."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from zhike.core.calendar import Unit, Window
from zhike.core.calendar.plan_book import Plan, load_plans
from zhike.core.calendar.plans import (
    NoDefaultCalendar,
    forget_schedules,
    load_default,
    schedule_for,
)
from zhike.core.calendar.seeds import FESTIVALS, KNOWN_YEARS, china_dates
from zhike.core.errors import NotFound
from zhike.core.models import CalendarDate, WorkCalendar

pytestmark = pytest.mark.django_db


def found(purpose: str, **whose: Any) -> Plan:
    plan = load_plans().find(purpose, **whose)
    assert plan is not None
    return plan


def default_id() -> int:
    return WorkCalendar.objects.get(is_default=True).pk


SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.fixture(autouse=True)
def fresh_process():
    forget_schedules()
    yield
    forget_schedules()


def test_a_new_installation_has_the_office_calendar_as_default():
    plan = load_default()
    assert plan.name == "客服部"
    assert plan.zone == "Asia/Shanghai"
    assert plan.week[0] == (Window(510, 720), Window(810, 1050))
    assert plan.week[5] == ()
    assert plan.years == {2025, 2026}


def test_the_days_of_2026_are_those_of_the_notice():
    """Counted by hand from the notice: 33 days off in seven festivals, six weekend days worked."""
    plan = load_default()
    days = [date(2026, 1, 1) + timedelta(days=n) for n in range(365)]
    off = [day for day in days if plan.rule_on(day) and not plan.is_working_day(day)]
    swapped = [day for day in days if plan.rule_on(day) and plan.is_working_day(day)]
    assert len(off) == 3 + 9 + 3 + 5 + 3 + 3 + 7
    assert [f"{day:%m-%d}" for day in swapped] == [
        "01-04",
        "02-14",
        "02-28",
        "05-09",
        "09-20",
        "10-10",
    ]
    assert sum(plan.is_working_day(day) for day in days) == 248


def test_the_seeds_contradict_neither_themselves_nor_the_week():
    dates = china_dates()
    assert len({seed.date for seed in dates}) == len(dates)
    for seed in dates:
        assert seed.kind == "holiday" or seed.date.weekday() >= 5
        assert seed.source
    # In a published year every weekday off that is no festival of the regulation was swapped; that
    # nobody is given a day too many is checked by the sums of the notices: 28 and 33 days off.
    per_year = {
        year: sum((f.last - f.first).days + 1 for f in FESTIVALS if f.first.year == year)
        for year in KNOWN_YEARS
    }
    assert per_year == {2025: 28, 2026: 33}


def test_a_due_time_in_a_year_without_notice_is_flagged_but_skips_the_fixed_days():
    due = found("resolution", subject="suggestion").due(datetime(2026, 12, 25, 9, tzinfo=SHANGHAI))
    assert due.unknown_years == (2027,)
    # 28, 29, 30, 31 December, then not New Year's Day (Friday), then 4 to 11 January.
    assert due.at == datetime(2027, 1, 11, 17, 30, tzinfo=SHANGHAI)


def test_the_closest_plan_is_chosen():
    assert found("answer", subject="complaint", tier="vip").amount == 360
    assert found("answer", subject="complaint", tier="ordinary").unit is Unit.BUSINESS_DAYS
    assert found("first_reply", subject="inquiry", tier="vip").name == "所有工单"
    assert found("resolution", subject="own_kind").amount == 5
    assert load_plans().find("answer", subject="inquiry") is None
    assert load_plans().find("no_such_purpose") is None


def test_a_plan_names_its_due_time():
    due = found("answer", subject="complaint", tier="vip").due(
        datetime(2026, 11, 23, 16, 10, tzinfo=SHANGHAI)
    )
    assert (due.rule, due.purpose) == ("VIP 投诉", "answer")
    assert due.at == datetime(2026, 11, 24, 14, 40, tzinfo=SHANGHAI)
    assert due.calendar.name == "客服部"


def test_a_schedule_is_read_once_and_then_costs_one_query():
    load_default()
    with CaptureQueriesContext(
        connection,
    ) as queries:
        load_default()
    assert len(queries) == 1
    # Plans and calendars of units are kept under the stamp, which is what is read.
    load_plans().find("resolution", subject="complaint")
    with CaptureQueriesContext(connection) as queries:
        load_plans().find("first_reply", subject="complaint")
    assert len(queries) == 1


def test_a_changed_version_is_seen_by_a_process_that_kept_the_old_one(given):
    before = load_default()
    with given():
        WorkCalendar.objects.filter(pk=default_id()).update(version=before.version + 1)
        CalendarDate.objects.create(
            calendar_id=default_id(),
            date=date(2026, 11, 24),
            kind="holiday",
            label="厂庆",
            source="公司通知",
        )
    rule = load_default().rule_on(date(2026, 11, 24))
    assert rule is not None
    assert rule.label == "厂庆"
    assert schedule_for(default_id()) is load_default()


def test_a_missing_calendar_is_not_found():
    with pytest.raises(NotFound):
        schedule_for(987654)


def test_without_a_default_calendar_the_error_says_so(given):
    with given():
        WorkCalendar.objects.update(is_default=False)
    with pytest.raises(NoDefaultCalendar):
        load_default()


def test_seeds_are_planted_once(given):
    from django.apps import apps

    from zhike.core.calendar.seeds import plant

    with given():
        plant(apps)
    assert WorkCalendar.objects.count() == 1


def test_moments_are_utc():
    due = found("first_reply").due(datetime(2026, 11, 23, 8, 30, tzinfo=SHANGHAI))
    assert due.at == datetime(2026, 11, 23, 2, 30, tzinfo=UTC)
