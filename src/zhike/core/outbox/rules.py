"""What becomes of a message after a try. Pure: no clock, no database."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from zhike.core.models.outbox import OutboxState
from zhike.core.outbox.carriers import Answer, Away, Carrier, Later, Refused, Sent, Uncertain

FIRST_WAIT_SECONDS = 5.0
LONGEST_WAIT_SECONDS = 3600.0
# Beyond the channel's own time-out, before the process that sends counts as dead.
LEASE_MARGIN = timedelta(seconds=5)
# What still needs somebody's eye; counted for the menu.
TO_DECIDE = frozenset({OutboxState.UNKNOWN, OutboxState.FAILED})
# A later message of the same conversation waits for these.
HOLDING = frozenset({OutboxState.WAITING, OutboxState.SENDING, OutboxState.UNKNOWN})
SETTLED = frozenset({OutboxState.SENT, OutboxState.DELIVERED, OutboxState.VOID})


@dataclass(frozen=True)
class Tried:
    """A message as it stood when it was tried, for the `attempt`-th time."""

    attempt: int
    round_at: datetime
    began_at: datetime
    uncertain_since: datetime | None = None


@dataclass(frozen=True)
class Next:
    state: OutboxState
    wait: timedelta = timedelta(0)
    uncertain_since: datetime | None = None
    # The try was no fault of the message and does not count.
    is_free: bool = False


def wait_after(attempt: int) -> timedelta:
    """5 s, 20 s, 80 s … up to an hour."""
    seconds = FIRST_WAIT_SECONDS * 4 ** min(max(attempt - 1, 0), 10)
    return timedelta(seconds=min(seconds, LONGEST_WAIT_SECONDS))


def next_after(answer: Answer, tried: Tried, carrier: Carrier, now: datetime) -> Next:
    match answer:
        case Sent():
            return Next(OutboxState.DELIVERED if answer.delivered else OutboxState.SENT)
        case Refused():
            return Next(OutboxState.FAILED)
        case Uncertain():
            since = tried.uncertain_since or tried.began_at
            return _again(tried, carrier, now, wait_after(tried.attempt), since)
        case Later():
            wait = max(wait_after(tried.attempt), timedelta(seconds=answer.after_seconds))
            return _again(tried, carrier, now, wait, tried.uncertain_since)
        case Away():
            # The channel rests as a whole; the message itself is ready at once.
            return _again(tried, carrier, now, timedelta(0), tried.uncertain_since, is_free=True)


def _again(
    tried: Tried,
    carrier: Carrier,
    now: datetime,
    wait: timedelta,
    since: datetime | None,
    *,
    is_free: bool = False,
) -> Next:
    if since is not None and not is_key_kept(carrier, since, now + wait):
        return Next(OutboxState.UNKNOWN)
    is_out_of_tries = not is_free and tried.attempt >= carrier.attempts
    if is_out_of_tries or now + wait - tried.round_at > carrier.give_up_after:
        # An earlier try may have arrived: then nobody can say that it was not sent.
        return Next(OutboxState.FAILED if since is None else OutboxState.UNKNOWN)
    return Next(OutboxState.WAITING, wait, since, is_free)


def is_key_kept(carrier: Carrier, since: datetime, then: datetime) -> bool:
    """Whether a receiver that may have the key from `since` still knows it when a call of `then` ends."""
    return then + timedelta(seconds=carrier.timeout_seconds) <= since + carrier.key_kept


def rest_after(times_away: int, asked_seconds: float) -> timedelta:
    """How long a channel rests that was found away for the n-th time in a row: 5 s … 5 minutes, or as asked."""
    seconds = min(FIRST_WAIT_SECONDS * 2 ** min(max(times_away - 1, 0), 10), 300.0)
    return timedelta(seconds=max(seconds, asked_seconds))


def spacing(per_minute: int | None) -> timedelta:
    return timedelta(seconds=60 / per_minute) if per_minute else timedelta(0)
