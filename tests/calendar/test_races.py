"""Several at once on one calendar, with real transactions and threads of their own connections."""

import json
import threading
from collections.abc import Callable
from datetime import date

import pytest
from django.apps import apps
from django.db import connections

from tests.transactions import real_transactions  # noqa: F401
from zhike.core.access import Grants, ScopeKind
from zhike.core.calendar import DateKind, Schedule, Window, seeds
from zhike.core.calendar import services as calendars
from zhike.core.calendar.plans import forget_schedules, load_default
from zhike.core.models import AuditRow, CalendarDate, WorkCalendar
from zhike.core.work import Actor

pytestmark = pytest.mark.django_db(transaction=True)

WANG = Actor(id=7, name="王建国")
MANAGER = Grants(user_id=7, codes=frozenset({"settings.manage"}), scope=ScopeKind.ALL)
DAY = date(2026, 11, 24)


@pytest.fixture
def calendar_id(real_transactions: None, given) -> int:  # noqa: F811
    # A test with real transactions before this one has emptied the tables.
    seeds.plant(apps)
    forget_schedules()
    return WorkCalendar.objects.get(is_default=True).pk


def at_once(*acts: Callable[[], None]) -> list[Exception]:
    start = threading.Barrier(len(acts), timeout=20)
    failures: list[Exception] = []

    def run(act: Callable[[], None]) -> None:
        try:
            start.wait()
            act()
        except Exception as failure:  # noqa: BLE001 - shown by the caller's assertion
            failures.append(failure)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return failures


def name_the_day(calendar_id: int, label: str) -> None:
    calendars.set_date(
        actor=WANG,
        grants=MANAGER,
        calendar_id=calendar_id,
        day=DAY,
        kind=DateKind.HOLIDAY,
        label=label,
        source="公司通知",
    )


def test_of_several_who_enter_one_date_none_overwrites_unseen(calendar_id: int) -> None:
    labels = [f"厂庆 {number}" for number in range(5)]
    failures = at_once(*(lambda label=label: name_the_day(calendar_id, label) for label in labels))
    assert not failures
    rows = AuditRow.objects.filter(action="core.calendar.set_date").order_by("pk")
    changes = [json.loads(row.payload) for row in rows]
    assert sorted(change["after"]["label"] for change in changes) == labels
    # Each saw what the one before it had left.
    assert [change["before"] for change in changes] == [
        None,
        *(change["after"] for change in changes[:-1]),
    ]
    assert CalendarDate.objects.get(date=DAY).label == changes[-1]["after"]["label"]


def test_nobody_ever_reads_half_a_change(calendar_id: int) -> None:
    early, late = (Window(480, 540),), (Window(600, 660),)
    seen: list[Schedule] = []
    done = threading.Event()

    def write() -> None:
        try:
            for number in range(12):
                week = ((early if number % 2 else late),) * 7
                calendars.set_windows(
                    actor=WANG, grants=MANAGER, calendar_id=calendar_id, week=week
                )
        finally:
            done.set()

    def read() -> None:
        while not done.is_set():
            # As a process that has just started: nothing kept, every row read.
            forget_schedules()
            seen.append(load_default())

    assert not at_once(write, read, read)
    office = seeds.OFFICE_WINDOWS
    for schedule in seen:
        whole = set(schedule.week)
        is_office = [tuple((w.start, w.end) for w in day) for day in schedule.week[:5]] == [
            office
        ] * 5
        assert whole in ({early}, {late}) or is_office
    assert load_default().week == ((early),) * 7
