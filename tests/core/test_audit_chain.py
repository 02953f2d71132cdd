"""The audit log is a chain: whatever is done to a row behind the program's back is found and named."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import connection, connections
from django.db.transaction import atomic
from django.db.utils import DatabaseError

from tests.cast import Cast, cast_fixture, make_staff  # noqa: F401
from tests.guards import given
from tests.transactions import real_transactions  # noqa: F401
from zhike.core import audit_chain, clock, work
from zhike.core.audit_chain import Fault, lengthen, verify
from zhike.core.models import AuditCheck, AuditRow, AuditSeal, Notification
from zhike.core.tasks import check_audit_log

pytestmark = pytest.mark.django_db
ACTOR = work.Actor(id=7, name="林静", kind="user", via="page", ip="10.0.0.7")


def write(count: int = 1, action: str = "tests.did") -> None:
    for n in range(count):
        with work.unit(ACTOR, reason=f"因为 {n}") as unit:
            unit.audit(action, None, before={"n": n}, after={"n": n + 1})


@contextmanager
def behind_the_back() -> Iterator[None]:
    """As one who may do anything in the database: the triggers are off, links need no row."""
    with given(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET session_replication_role = replica")
            yield
            cursor.execute("SET session_replication_role = DEFAULT")
            return
        cursor.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'core_audit%'"
        )
        triggers = cursor.fetchall()
        for name, _sql in triggers:
            cursor.execute(f"DROP TRIGGER {name}")
        yield
        for _name, sql in triggers:
            cursor.execute(sql)


def run(sql: str, *values: str | int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


def rows() -> list[int]:
    return list(AuditRow.objects.order_by("pk").values_list("pk", flat=True))


def test_every_row_gets_one_link_and_the_chain_is_whole():
    write(5)
    assert lengthen(rows_at_once=2) == 5
    assert lengthen() == 0
    verdict = verify()
    assert (verdict.rows, verdict.fault) == (5, None)
    assert verdict.head == AuditSeal.objects.latest("pk").digest


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("at", "2026-01-01 00:00:00+00:00"),
        ("actor_id", 8),
        ("actor_name", "王建国"),
        ("actor_kind", "system"),
        ("via", "api"),
        ("ip", "10.0.0.8"),
        ("action", "tests.other"),
        ("object_type", "desk.case"),
        ("object_id", 3),
        ("unit_id", 4),
        ("reason", ""),
        ("payload", '{"before": null}'),
        ("subject_key_id", 9),
    ],
)
def test_a_changed_column_is_found(column: str, value: str | int):
    write(4)
    lengthen()
    victim = rows()[2]
    with behind_the_back():
        run(f"UPDATE core_auditrow SET {column} = %s WHERE id = %s", value, victim)
    verdict = verify()
    assert (verdict.fault, verdict.fault_row, verdict.rows) == (Fault.CHANGED, victim, 2)


def test_every_column_is_tried_above():
    (mark,) = test_a_changed_column_is_found.pytestmark
    tried = {column for column, _value in mark.args[1]}
    assert tried | {"id"} == {field.attname for field in AuditRow._meta.concrete_fields}


def test_a_row_taken_out_with_its_link_is_found():
    write(4)
    lengthen()
    victim, after = rows()[1:3]
    with behind_the_back():
        run("DELETE FROM core_auditseal WHERE audit_id = %s", victim)
        run("DELETE FROM core_auditrow WHERE id = %s", victim)
    verdict = verify()
    assert (verdict.fault, verdict.fault_row) == (Fault.BROKEN, after)


@pytest.mark.django_db(transaction=True)
def test_a_row_taken_out_alone_is_found(real_transactions: None):  # noqa: F811
    write(3)
    lengthen()
    victim = rows()[1]
    with behind_the_back():
        if connection.vendor == "sqlite":
            run("PRAGMA foreign_keys = OFF")
        run("DELETE FROM core_auditrow WHERE id = %s", victim)
        if connection.vendor == "sqlite":
            run("PRAGMA foreign_keys = ON")
    verdict = verify()
    assert (verdict.fault, verdict.fault_row) == (Fault.MISSING, victim)


def test_a_forged_link_does_not_fit_without_the_key():
    write(3)
    lengthen()
    victim = rows()[1]
    with behind_the_back():
        run("UPDATE core_auditrow SET reason = '' WHERE id = %s", victim)
        # The forger knows the program, not the ring: all links from here on are computed anew.
        previous = AuditSeal.objects.get(audit_id=victim).previous
        for link in AuditSeal.objects.filter(audit_id__gte=victim).order_by("pk"):
            digest = audit_chain.digest_of(b"guessed", previous, link.audit)
            run(
                "UPDATE core_auditseal SET previous = %s, digest = %s WHERE id = %s",
                *(previous, digest, link.pk),
            )
            previous = digest
    assert verify().fault_row == victim


def test_a_cut_off_end_shows_beside_a_noted_head():
    write(4)
    lengthen()
    head = verify().head
    with behind_the_back():
        for victim in rows()[2:]:
            run("DELETE FROM core_auditseal WHERE audit_id = %s", victim)
            run("DELETE FROM core_auditrow WHERE id = %s", victim)
    assert verify().fault is None
    assert verify(head).fault == Fault.CUT_OFF


def test_a_row_long_without_a_link_is_named():
    write(2)
    assert verify().fault is None
    with clock.override(clock.now() + timedelta(minutes=6)):
        verdict = verify()
    assert (verdict.fault, verdict.fault_row) == (Fault.UNSEALED, rows()[0])


def test_rows_that_come_late_are_sealed_after_those_that_came_before():
    # Numbers are taken in one order, transactions end in another.
    write(3)
    first, second, third = AuditRow.objects.order_by("pk")
    with given():
        audit_chain._link([third], audit_chain.START)
    assert lengthen() == 2
    assert list(AuditSeal.objects.order_by("pk").values_list("audit_id", flat=True)) == [
        *(third.pk, first.pk, second.pk)
    ]
    assert verify().fault is None


def test_a_straggler_beyond_reach_is_sealed_at_night(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(audit_chain, "LATE_ROWS", 0)
    write(2)
    with given():
        audit_chain._link([AuditRow.objects.latest("pk")], audit_chain.START)
    assert lengthen() == 0
    check_audit_log.call()
    check = AuditCheck.objects.get()
    assert (check.rows, check.fault) == (2, "")


def test_links_and_rows_cannot_be_changed_or_deleted():
    write()
    lengthen()
    for sql in (
        "UPDATE core_auditseal SET digest = ''",
        "DELETE FROM core_auditseal",
        "UPDATE core_auditrow SET reason = ''",
        "DELETE FROM core_auditrow",
    ):
        with pytest.raises(DatabaseError, match="append-only"), given(), atomic():
            run(sql)
    assert verify().rows == 1


@pytest.mark.django_db(transaction=True)
def test_two_workers_make_one_chain(real_transactions: None):  # noqa: F811
    write(30)
    start = threading.Barrier(4)
    made: list[int] = []

    def work_on() -> None:
        start.wait()
        made.extend([lengthen(rows_at_once=3) for _ in range(8)])
        connections.close_all()

    threads = [threading.Thread(target=work_on) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(made) == 30
    assert verify() == audit_chain.Verdict(30, AuditSeal.objects.latest("pk").digest)


# What people see of it


def test_a_fault_rings_for_who_may_read_the_whole_log(cast: Cast):
    write(2)
    lengthen()
    victim = rows()[0]
    with behind_the_back():
        run("UPDATE core_auditrow SET reason = 'x' WHERE id = %s", victim)
    check_audit_log.call()
    (told,) = Notification.objects.filter(kind="audit.fault")
    assert told.user_id == cast.admin.user.pk
    page = cast.admin.client().get("/audit/").content.decode()
    assert "审计日志对不上" in page
    assert f"第 {victim} 条写入后被改动过" in page


def test_the_page_says_when_the_log_was_found_whole(cast: Cast):
    assert "还没有核验过" in cast.admin.client().get("/audit/").content.decode()
    write(2)
    check_audit_log.call()
    rows_then = AuditCheck.objects.get().rows
    page = cast.admin.client().get("/audit/").content.decode()
    assert f"已封存 {rows_then} 条" in page


def test_only_who_may_read_the_whole_log_has_it_checked(cast: Cast):
    part = make_staff("9002", "钱审", cast.zhoukou, "executive", "subtree")
    for client, status in (
        (cast.admin.client(), 302),
        (part.client(), 403),
        (cast.lin.client(), 403),
    ):
        assert client.post("/audit/check/").status_code == status
    assert AuditRow.objects.filter(action="audit.ask_check").count() == 1
    assert "现在核验" not in part.client().get("/audit/").content.decode()
