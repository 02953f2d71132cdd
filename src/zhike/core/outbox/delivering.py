"""One message after another is handed to its channel, outside of any transaction, and the answer noted."""

import logging
import time
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext as _

from zhike.core import clock, sealing, work
from zhike.core.jobs import current
from zhike.core.models import OutboxAttempt, OutboxMessage, OutboxPace, OutboxState
from zhike.core.outbox import rules
from zhike.core.outbox.carriers import (
    CARRIERS,
    SUBJECTS,
    Answer,
    Away,
    Carrier,
    Outgoing,
    Refused,
    Sent,
    Uncertain,
)
from zhike.core.outbox.claiming import ACTOR, claim_next, lapse
from zhike.core.outbox.moving import log_need, move
from zhike.core.outbox.rules import Tried

log = logging.getLogger("zhike.outbox")

# A job ends its turn after this, so that a hanging one is noticed by its limit.
TURN_SECONDS = 60.0
# What is written while it waits leaves by the same job.
LINGER_SECONDS = 3.0
LOOK_EVERY_SECONDS = 0.2


def send_due(*, linger_seconds: float = LINGER_SECONDS) -> int:
    """Deliver what is due, channel by channel in turn, until nothing is left; how many were tried."""
    began, idle_since, tried = time.monotonic(), time.monotonic(), 0
    while time.monotonic() - began < TURN_SECONDS:
        lapse()
        sent = 0
        for carrier in CARRIERS:
            current().pause()
            row = claim_next(carrier)
            if row is not None:
                _deliver(carrier, row)
                sent += 1
        tried += sent
        if sent:
            idle_since = time.monotonic()
        elif time.monotonic() - idle_since >= linger_seconds:
            break
        else:
            time.sleep(LOOK_EVERY_SECONDS)
    return tried


def _deliver(carrier: Carrier, row: OutboxMessage) -> None:
    began = clock.now()
    try:
        address = sealing.unseal(row.address)
    except (sealing.SealBroken, ValueError):
        answer: Answer = Refused(_("The address has been erased."))
    else:
        answer = _call(carrier, row, address)
    note_answer(carrier, row, answer, began)


def _call(carrier: Carrier, row: OutboxMessage, address: str) -> Answer:
    try:
        return carrier.deliver(
            Outgoing(
                id=row.pk,
                kind=row.kind,
                address=address,
                text=_completed(row),
                dedup_key=row.dedup_key,
                subject_type=row.subject_type,
                subject_id=row.subject_id,
                attempt=row.attempts,
                timeout_seconds=carrier.timeout_seconds,
            )
        )
    except Exception as error:  # noqa: BLE001
        # The class alone: what a channel's library says may hold the address.
        log.error("outbox message %s: %s failed with %s", row.pk, row.kind, type(error).__name__)
        return Uncertain(_("The channel broke off without an answer."))


def _completed(row: OutboxMessage) -> str:
    subject = SUBJECTS.get(row.subject_type)
    if subject is None or row.subject_id is None:
        return row.text
    return subject.complete(row.subject_id, row.text)


def note_answer(carrier: Carrier, row: OutboxMessage, answer: Answer, began: Any) -> None:
    """`row` as it was claimed. An answer that comes after the claim has lapsed still settles what is unknown."""
    now = clock.now()
    tried = Tried(row.attempts, row.round_at, began, row.uncertain_since)
    following = rules.next_after(answer, tried, carrier, now)
    words = getattr(answer, "words", "")
    values: dict[str, Any] = {
        "answer": words,
        "due_at": now + following.wait,
        "uncertain_since": following.uncertain_since,
    }
    if isinstance(answer, Sent):
        values["receipt"] = answer.receipt[:200]
    if following.is_free:
        values["attempts"] = row.attempts - 1
    claim = row.claim
    with work.unit(ACTOR, now=now) as unit:
        OutboxAttempt.objects.filter(message=row, claim=claim).update(
            ended_at=now, result=type(answer).__name__.lower(), words=words
        )
        _note_pace(carrier, answer, now)
        if _settle(unit, row, following.state, words, values):
            log_need(unit, row)


def _settle(
    unit: work.Work, row: OutboxMessage, state: OutboxState, words: str, values: dict[str, Any]
) -> bool:
    if move(unit, row, state, words=words, **values):
        return True
    if state not in (OutboxState.SENT, OutboxState.DELIVERED, OutboxState.FAILED):
        return False
    # Taken for dead meanwhile, and nobody has decided yet: a certain answer is better than none.
    row.state = OutboxState.UNKNOWN
    return move(unit, row, state, words=words, **values)


def _note_pace(carrier: Carrier, answer: Answer, now: Any) -> None:
    pace = OutboxPace.objects.filter(kind=carrier.kind)
    if not isinstance(answer, Away):
        pace.exclude(times_away=0).update(times_away=0)
        return
    row = pace.first()
    times = (row.times_away if row else 0) + 1
    rest: timedelta = rules.rest_after(times, answer.after_seconds)
    OutboxPace.objects.bulk_create(
        [OutboxPace(kind=carrier.kind, next_at=now + rest, times_away=times)],
        update_conflicts=True,
        unique_fields=["kind"],
        update_fields=["next_at", "times_away"],
    )
