"""What becomes of a message after a try: every answer, with and without a key the receiver remembers."""

from datetime import UTC, datetime, timedelta

import pytest

from zhike.core.models import OutboxState as S
from zhike.core.outbox import Away, Carrier, Later, Refused, Sent, Uncertain
from zhike.core.outbox.rules import Tried, next_after, rest_after, wait_after

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def carrier(key_kept: timedelta = timedelta(0), **options) -> Carrier:
    return Carrier("pigeon", "Pigeon", lambda message: Sent(), key_kept=key_kept, **options)


def tried(attempt: int = 1, age: timedelta = timedelta(0), since: datetime | None = None) -> Tried:
    return Tried(attempt, NOW - age, NOW - timedelta(seconds=2), since)


@pytest.mark.parametrize("key", [timedelta(0), timedelta(days=1)])
@pytest.mark.parametrize(
    ("answer", "state"),
    [
        (Sent("x"), S.SENT),
        (Sent("x", delivered=True), S.DELIVERED),
        (Refused("no such box"), S.FAILED),
        (Later("box full"), S.WAITING),
        (Away("no route"), S.WAITING),
    ],
)
def test_a_certain_answer_means_the_same_with_and_without_a_key(key, answer, state):
    assert next_after(answer, tried(), carrier(key), NOW).state is state


def test_without_a_key_an_uncertain_message_is_never_sent_again():
    for attempt in range(1, 12):
        assert next_after(Uncertain("?"), tried(attempt), carrier(), NOW).state is S.UNKNOWN


def test_with_a_key_it_is_sent_again_as_long_as_the_receiver_remembers_it():
    keyed = carrier(2 * HOUR)
    again = next_after(Uncertain("?"), tried(), keyed, NOW)
    assert (again.state, again.wait) == (S.WAITING, timedelta(seconds=5))
    assert again.uncertain_since == NOW - timedelta(seconds=2), "counted from the first call"
    old = tried(2, since=NOW - 2 * HOUR + timedelta(seconds=40))
    assert next_after(Uncertain("?"), old, keyed, NOW).state is S.UNKNOWN


def test_when_tries_are_used_up_it_is_failed_unless_one_may_have_arrived():
    keyed = carrier(timedelta(days=1), attempts=3)
    assert next_after(Later("full"), tried(3), keyed, NOW).state is S.FAILED
    maybe = tried(3, since=NOW - timedelta(minutes=1))
    assert next_after(Later("full"), maybe, keyed, NOW).state is S.UNKNOWN


def test_a_receiver_away_costs_the_message_no_try_but_age_ends_it():
    away = next_after(Away("no route"), tried(99), carrier(), NOW)
    assert (away.state, away.is_free) == (S.WAITING, True)
    old = tried(1, age=timedelta(days=2, seconds=1))
    assert next_after(Away("no route"), old, carrier(), NOW).state is S.FAILED


def test_waits_grow_to_an_hour_and_rests_to_five_minutes():
    assert [wait_after(n).total_seconds() for n in (1, 2, 3, 4, 5, 6, 40)] == [
        *(5, 20, 80, 320, 1280, 3600, 3600)
    ]
    assert [rest_after(n, 0).total_seconds() for n in (1, 2, 7, 90)] == [5, 10, 300, 300]
    assert rest_after(1, 900).total_seconds() == 900, "as long as the receiver asks"
    assert next_after(Later("slow", 60), tried(), carrier(), NOW).wait.total_seconds() == 60


@pytest.mark.parametrize("options", [{"timeout_seconds": 61}, {"per_minute": 0}])
def test_a_carrier_that_cannot_work_is_refused(options):
    with pytest.raises(ValueError, match="pigeon"):
        carrier(**options)
