"""The guards themselves: what they stop, what they let pass."""

import json
import socket
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread

import pytest
from django.db import connection

from tests.budgets import Budget
from tests.guards import NetworkRefused, WriteGuard, WriteOutsideUnit
from zhike.core import clock, work

Given = Callable[[], AbstractContextManager[None]]
BUSINESS = "UPDATE customers_nosuch SET a = 1"


def run(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


@pytest.fixture
def guard() -> WriteGuard:
    """A second guard, so that what it sees does not fail this test."""
    return WriteGuard()


def through(guard: WriteGuard, sql: str) -> None:
    guard(lambda *_: None, sql, None, False, {})


def test_a_business_write_outside_a_unit_is_refused(guard: WriteGuard) -> None:
    for sql in (BUSINESS, 'INSERT INTO "desk_case" VALUES (1)', "delete from accounts_user"):
        with pytest.raises(WriteOutsideUnit):
            through(guard, sql)
    assert len(guard.seen) == 3


def test_reads_sessions_counters_and_drafts_are_let_pass(guard: WriteGuard) -> None:
    for sql in (
        "SELECT * FROM desk_case FOR UPDATE",
        'UPDATE "django_session" SET a = 1',
        "UPDATE core_countrow SET n = 1",
        "INSERT INTO core_livetopic VALUES (1)",
        "UPDATE desk_draft SET body = ''",
        "UPDATE desk_case_fts SET a = 1",
    ):
        through(guard, sql)
    assert guard.seen == []


def test_the_scene_of_a_test_may_be_written_directly(guard: WriteGuard, given: Given) -> None:
    with given():
        through(guard, BUSINESS)
    assert guard.seen == []


@pytest.mark.django_db
def test_a_write_inside_a_unit_is_let_pass(guard: WriteGuard) -> None:
    with work.unit(work.Actor.system("test")):
        through(guard, BUSINESS)
    assert guard.seen == []


@pytest.mark.django_db
def test_every_connection_is_watched_those_of_threads_too() -> None:
    found = []

    def look() -> None:
        connection.ensure_connection()
        found.append(any(isinstance(w, WriteGuard) for w in connection.execute_wrappers))
        connection.close()

    look_here = any(isinstance(w, WriteGuard) for w in connection.execute_wrappers)
    thread = Thread(target=look)
    thread.start()
    thread.join()

    assert look_here
    assert found == [True]


def test_other_machines_are_out_of_reach() -> None:
    with socket.socket() as sock, pytest.raises(NetworkRefused):
        sock.connect(("192.0.2.1", 80))


def test_the_clock_stops_where_it_is_set(frozen_clock: Callable[[datetime], None]) -> None:
    frozen_clock(datetime(2026, 11, 24, 6, 26, tzinfo=UTC))
    assert clock.now() == datetime(2026, 11, 24, 6, 26, tzinfo=UTC)
    assert str(clock.today()) == "2026-11-24"


@pytest.mark.django_db
def test_a_budget_counts_statements_but_not_transactions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.db import transaction

    monkeypatch.delenv("ZHIKE_REWRITE_BUDGETS", raising=False)
    file = tmp_path / "budgets.json"
    file.write_text('{"page": 1}')
    budget = Budget(file)

    with budget("page"), transaction.atomic():
        run("SELECT 1")

    def two_statements() -> None:
        with budget("page"):
            run("SELECT 1")
            run("SELECT 2")

    with pytest.raises(AssertionError, match="took 2 statements, its budget is 1"):
        two_statements()

    monkeypatch.setenv("ZHIKE_REWRITE_BUDGETS", "1")
    two_statements()
    assert json.loads(file.read_text()) == {"page": 2}
