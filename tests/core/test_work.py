import threading
from dataclasses import dataclass

import pytest
from django.db import connection, transaction
from django.db.utils import DatabaseError

from zhike.core import counts, events, numbers, sealing, work
from zhike.core.access import everything
from zhike.core.models import AuditRow, CountRow, LiveEvent, LiveTopic, Notification, PersonKey
from zhike.core.notify import notify
from zhike.core.work import Actor

LIN = Actor(id=7, name="林静", ip="127.0.0.1")


@dataclass(frozen=True)
class Happened:
    what: str


@pytest.mark.django_db
def test_a_unit_writes_audit_counters_and_topic_numbers_at_its_end() -> None:
    with work.unit(LIN, "试") as unit:
        key = sealing.new_key(unit.now)
        unit.audit("core.test", key, after={"name": "陈志强"}, subject=key.pk, unit_id=3)
        unit.count("desk.case", 1, unit_id=3, state="new")
        unit.count("desk.case", -1, unit_id=3, state="new")
        unit.count("desk.case", 1, unit_id=3, state="open")
        unit.touch("queue:3")
        unit.touch("queue:3")
        unit.touch("case:1", "reply", {"seq": 4})
        assert not AuditRow.objects.exists()
    row = AuditRow.objects.get()
    assert (row.actor_name, row.action, row.reason, row.ip) == (
        "林静",
        "core.test",
        "",
        "127.0.0.1",
    )
    assert "陈志强" not in row.payload
    # What somebody typed as the reason may name the person as well.
    assert "陈志强" in sealing.unseal(row.payload)
    assert '"reason": "试"' in sealing.unseal(row.payload)
    assert list(CountRow.objects.values_list("state", "n")) == [("open", 1)]
    told = LiveEvent.objects.order_by("topic").values_list("topic", "seq", "kind")
    assert list(told) == [("case:1", 1, "reply"), ("queue:3", 1, "changed")]


@pytest.mark.django_db
def test_an_error_inside_leaves_nothing_behind() -> None:
    def fail() -> None:
        with work.unit(LIN) as unit:
            sealing.new_key(unit.now)
            unit.audit("core.test", None)
            unit.touch("queue:3")
            raise ValueError("stop")

    with pytest.raises(ValueError, match="stop"):
        fail()
    assert work.current() is None
    assert not PersonKey.objects.exists()
    assert not AuditRow.objects.exists()
    assert not LiveTopic.objects.exists()


@pytest.mark.django_db
def test_inner_units_join_the_outer_one() -> None:
    with work.unit(LIN, "outer") as outer:
        with work.unit(Actor.system("inner"), "inner") as inner:
            assert inner is outer
            inner.audit("core.test", None)
        assert not AuditRow.objects.exists()
    assert AuditRow.objects.get().actor_name == "林静"


@pytest.mark.django_db
def test_events_are_handled_inside_the_unit() -> None:
    heard: list[tuple[str, bool]] = []

    def hear(event: Happened, unit: work.Work) -> None:
        heard.append((event.what, work.current() is unit))
        notify(unit, user_id=7, kind="test", values={"what": event.what})

    events.subscribe(Happened, hear)
    events.subscribe(Happened, hear)
    with work.unit(LIN) as unit:
        unit.publish(Happened("rain"))
    assert heard == [("rain", True)]
    assert Notification.objects.get().values == {"what": "rain"}
    assert LiveTopic.objects.get(name="user:7").seq == 1


@pytest.mark.django_db(transaction=True)
def test_topic_numbers_have_no_gap_and_no_double_when_many_write_at_once() -> None:
    barrier = threading.Barrier(4)
    failures: list[Exception] = []

    def write(topics: tuple[str, str]) -> None:
        try:
            barrier.wait()
            for _ in range(5):
                with work.unit(LIN) as unit:
                    for topic in topics:
                        unit.touch(topic, "changed")
        except Exception as error:  # noqa: BLE001 - shown by the assertion below
            failures.append(error)
        finally:
            connection.close()

    # Opposite orders: without sorting, two units would wait for each other.
    orders = [("a", "b"), ("b", "a"), ("a", "b"), ("b", "a")]
    threads = [threading.Thread(target=write, args=(order,)) for order in orders]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not failures
    for topic in ("a", "b"):
        seqs = LiveEvent.objects.filter(topic=topic).order_by("seq").values_list("seq", flat=True)
        assert list(seqs) == list(range(1, 21))


@pytest.mark.django_db(transaction=True)
def test_numbers_are_given_out_once_when_many_ask() -> None:
    given_out: list[int] = []
    lock = threading.Lock()

    def take() -> None:
        for _ in range(5):
            with transaction.atomic():
                number = numbers.next_number("TS20261122")
            with lock:
                given_out.append(number)
        connection.close()

    threads = [threading.Thread(target=take) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(given_out) == list(range(1, 21))


@pytest.mark.django_db
def test_folding_counters_keeps_every_total() -> None:
    for delta, state in (
        (1, "new"),
        (1, "new"),
        (-1, "new"),
        (1, "open"),
        (1, "new"),
        (-1, "open"),
    ):
        with work.unit(LIN) as unit:
            unit.count("desk.case", delta, unit_id=3, kind="complaint", state=state, owner_id=7)
    before = counts.totals_by_state("desk.case", everything("t"))
    assert before == {"new": 2, "open": 0}
    assert counts.fold() == 6
    assert counts.totals_by_state("desk.case", everything("t")) == {"new": 2}
    assert CountRow.objects.count() == 1
    assert counts.fold() == 0


@pytest.mark.django_db
@pytest.mark.parametrize(
    "sql", ["UPDATE core_auditrow SET reason = 'x'", "DELETE FROM core_auditrow"]
)
def test_the_audit_log_refuses_changes(sql: str, given) -> None:
    with work.unit(LIN) as unit:
        unit.audit("core.test", None)

    def tamper() -> None:
        with given(), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)

    with pytest.raises(DatabaseError, match="append-only"):
        tamper()
    assert AuditRow.objects.get().reason == ""
