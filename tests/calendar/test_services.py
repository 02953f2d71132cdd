"""Changing calendars: who may, what is refused, what stays behind in the audit log, who sees it."""

import json
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from zhike.core.access import Forbidden, Grants, ScopeKind
from zhike.core.calendar import DateKind, Due, LineKind, Window
from zhike.core.calendar import services as calendars
from zhike.core.calendar.plan_book import load_plans
from zhike.core.calendar.plans import load_default
from zhike.core.errors import NotFound, RuleError
from zhike.core.models import (
    AuditRow,
    CalendarDate,
    CalendarWindow,
    CalendarYear,
    WorkCalendar,
)
from zhike.core.work import Actor

pytestmark = pytest.mark.django_db


def first_reply_due(start: datetime) -> Due:
    plan = load_plans().find("first_reply")
    assert plan is not None
    return plan.due(start)


WANG = Actor(id=7, name="王建国")
MANAGER = Grants(user_id=7, codes=frozenset({"settings.manage"}), scope=ScopeKind.ALL)
AGENT = Grants(user_id=8, codes=frozenset({"cases.view", "cases.work"}), scope=ScopeKind.ALL)
SHANGHAI = ZoneInfo("Asia/Shanghai")
MONDAY = datetime(2026, 11, 23, 16, 10, tzinfo=SHANGHAI)
OFFICE = (Window(510, 720), Window(810, 1050))


def calendar_id() -> int:
    return WorkCalendar.objects.get(is_default=True).pk


def by_wang(**more: Any) -> dict[str, Any]:
    return {"actor": WANG, "grants": MANAGER, "calendar_id": calendar_id(), **more}


def company_day(**more: Any) -> dict[str, Any]:
    day: dict[str, Any] = {
        "day": date(2026, 11, 24),
        "kind": DateKind.HOLIDAY,
        "label": "厂庆",
        "source": "公司通知 2026-31",
    }
    return by_wang(**{**day, **more})


def last_audit() -> tuple[str, dict[str, Any]]:
    row = AuditRow.objects.latest("pk")
    assert row.actor_name == "王建国"
    return row.action, json.loads(row.payload)


def first_reply() -> Due:
    due = first_reply_due(MONDAY)
    assert due is not None
    return due


def test_a_company_holiday_moves_the_next_due_time():
    assert first_reply().at == datetime(2026, 11, 24, 9, 10, tzinfo=SHANGHAI)
    calendars.set_date(**company_day())
    due = first_reply()
    assert due.at == datetime(2026, 11, 25, 9, 10, tzinfo=SHANGHAI)
    assert [line.label for line in due.explanation if line.kind is LineKind.HOLIDAY] == ["厂庆"]
    action, payload = last_audit()
    assert action == "core.calendar.set_date"
    assert payload["before"] is None
    assert payload["after"]["source"] == "公司通知 2026-31"


def test_a_date_is_altered_in_place_with_hours_of_its_own():
    calendars.set_date(**company_day())
    calendars.set_date(**company_day(label="厂庆值班", windows=[Window(600, 720)]))
    assert CalendarDate.objects.filter(date=date(2026, 11, 24)).count() == 1
    assert first_reply().at == datetime(2026, 11, 24, 10, 40, tzinfo=SHANGHAI)
    calendars.set_date(**company_day(kind=DateKind.WORKING, label="照常"))
    assert first_reply().at == datetime(2026, 11, 24, 9, 10, tzinfo=SHANGHAI)
    assert last_audit()[1]["before"]["hours"] == ["10:00–12:00"]


def test_removing_a_date_brings_the_week_back():
    before = first_reply().at
    calendars.set_date(**company_day())
    calendars.remove_date(**by_wang(day=date(2026, 11, 24)))
    assert first_reply().at == before
    assert last_audit()[0] == "core.calendar.remove_date"
    with pytest.raises(NotFound):
        calendars.remove_date(**by_wang(day=date(2026, 11, 24)))


def test_new_hours_replace_the_week_and_leave_kept_due_times_alone():
    kept = first_reply().to_json()
    saturdays_too = (OFFICE,) * 5 + ((Window(540, 720),), ())
    calendars.set_windows(**by_wang(week=saturdays_too))
    assert load_default().week == saturdays_too
    assert CalendarWindow.objects.filter(weekday__isnull=False).count() == 11
    action, payload = last_audit()
    assert action == "core.calendar.set_windows"
    assert payload["after"]["week"][5] == ["9:00–12:00"]
    assert Due.from_json(kept).calendar.week[5] == ()


def test_the_same_hours_again_write_nothing():
    version, rows = WorkCalendar.objects.get().version, AuditRow.objects.count()
    calendars.set_windows(**by_wang(week=(OFFICE,) * 5 + ((), ())))
    assert WorkCalendar.objects.get().version == version
    assert AuditRow.objects.count() == rows


def test_a_year_is_declared_complete_and_taken_back():
    calendars.set_year_known(**by_wang(year=2027, known=True, source="国办发明电〔2026〕9号"))
    assert load_default().knows(2027)
    assert last_audit()[1]["after"] == {"year": 2027, "source": "国办发明电〔2026〕9号"}
    calendars.set_year_known(**by_wang(year=2027, known=False))
    assert not load_default().knows(2027)


def test_only_who_may_change_settings_changes_anything():
    week = (OFFICE,) * 7
    attempts: list[tuple[Any, dict[str, Any]]] = [
        (calendars.set_date, company_day(grants=AGENT)),
        (calendars.remove_date, by_wang(grants=AGENT, day=date(2026, 10, 1))),
        (calendars.set_windows, by_wang(grants=AGENT, week=week)),
        (calendars.set_year_known, by_wang(grants=AGENT, year=2027, known=True, source="x")),
    ]
    before = list(CalendarDate.objects.values()), list(CalendarWindow.objects.values())
    for service, arguments in attempts:
        with pytest.raises(Forbidden):
            service(**arguments)
    assert before == (list(CalendarDate.objects.values()), list(CalendarWindow.objects.values()))
    assert not AuditRow.objects.exists()
    assert CalendarYear.objects.count() == 2


@pytest.mark.parametrize(
    ("wrong", "code", "field"),
    [
        ({"label": "  "}, "calendar_label_missing", "label"),
        ({"source": ""}, "calendar_source_missing", "source"),
        ({"day": date(1066, 10, 14)}, "calendar_year_out_of_range", "date"),
    ],
)
def test_a_date_without_words_or_source_is_refused(wrong, code, field):
    with pytest.raises(RuleError) as refused:
        calendars.set_date(**company_day(**wrong))
    assert (refused.value.code, refused.value.field) == (code, field)
    assert not AuditRow.objects.exists()


def test_a_week_without_hours_is_refused():
    with pytest.raises(RuleError) as refused:
        calendars.set_windows(**by_wang(week=((),) * 7))
    assert refused.value.code == "calendar_never_open"


def test_a_calendar_that_is_not_there_is_not_found():
    with pytest.raises(NotFound):
        calendars.set_date(**company_day(calendar_id=987654))
