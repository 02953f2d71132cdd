"""Whose turn it is. A claim is committed before the channel is called, so that a death leaves a trace."""

import secrets
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from zhike.core import clock, work
from zhike.core.models import OutboxAttempt, OutboxMessage, OutboxPace, OutboxState
from zhike.core.outbox.carriers import CARRIERS, Carrier, Uncertain
from zhike.core.outbox.moving import log_need, move
from zhike.core.outbox.rules import (
    HOLDING,
    LEASE_MARGIN,
    Tried,
    is_key_kept,
    next_after,
    spacing,
)

ACTOR = work.Actor.system("outbox")
# Beaten to one message, the next is tried; so many at most.
CANDIDATES = 5


def ready(kind: str, now: datetime) -> QuerySet[OutboxMessage]:
    """What may leave by this channel now: due, and the first of its conversation that has no end yet."""
    earlier = OutboxMessage.objects.filter(
        conversation=OuterRef("conversation"), pk__lt=OuterRef("pk"), state__in=HOLDING
    )
    return OutboxMessage.objects.filter(
        Q(conversation="") | ~Exists(earlier),
        kind=kind,
        state=OutboxState.WAITING,
        due_at__lte=now,
    ).order_by("pk")


def is_resting(kind: str, now: datetime) -> bool:
    return OutboxPace.objects.filter(kind=kind, next_at__gt=now).exists()


def anything_ready() -> bool:
    now = clock.now()
    return any(
        not is_resting(carrier.kind, now) and ready(carrier.kind, now).exists()
        for carrier in CARRIERS
    )


def claim_next(carrier: Carrier) -> OutboxMessage | None:
    """The next message of this channel, now ours; None when there is none, or the channel rests."""
    now = clock.now()
    if is_resting(carrier.kind, now):
        return None
    for row in ready(carrier.kind, now)[:CANDIDATES]:
        since = row.uncertain_since
        if since is not None and not is_key_kept(carrier, since, now):
            give_to_a_person(row)
            continue
        if not _take_turn(carrier, now):
            return None
        if _claim(carrier, row, now):
            return row
    return None


def _take_turn(carrier: Carrier, now: datetime) -> bool:
    """The channel's rate, shared by all workers: whoever moves the time of the next call forward has this one."""
    wait = spacing(carrier.per_minute)
    if not wait:
        return True
    with work.unit(ACTOR):
        if OutboxPace.objects.filter(kind=carrier.kind, next_at__lte=now).update(
            next_at=now + wait
        ):
            return True
        OutboxPace.objects.bulk_create(
            [OutboxPace(kind=carrier.kind, next_at=now)], ignore_conflicts=True
        )
    return False


def _claim(carrier: Carrier, row: OutboxMessage, now: datetime) -> bool:
    token = secrets.token_hex(16)
    lease = now + timedelta(seconds=carrier.timeout_seconds) + LEASE_MARGIN
    with work.unit(ACTOR, now=now) as unit:
        taken = move(
            unit,
            row,
            OutboxState.SENDING,
            claim=token,
            lease_until=lease,
            attempts=row.attempts + 1,
        )
        if taken:
            OutboxAttempt.objects.create(message=row, claim=token, began_at=now)
    return taken


def give_to_a_person(row: OutboxMessage) -> None:
    with work.unit(ACTOR) as unit:
        words = _("The receiver does not remember its key any more, so it is not sent again.")
        if move(unit, row, OutboxState.UNKNOWN, words=words, answer=words):
            log_need(unit, row)


def lapse() -> int:
    """Messages whose sender died before it noted an answer: again under their key, or a person decides."""
    now = clock.now()
    held = OutboxMessage.objects.filter(state=OutboxState.SENDING, lease_until__lte=now)
    return sum(_lapse(row, now) for row in list(held.order_by("pk")[:100]))


def _lapse(row: OutboxMessage, now: datetime) -> bool:
    carrier = CARRIERS.get(row.kind)
    attempt = OutboxAttempt.objects.filter(message=row, claim=row.claim).first()
    words = _("The program was interrupted while sending.")
    state, values = OutboxState.UNKNOWN, dict[str, Any]()
    if carrier is not None:
        began = attempt.began_at if attempt else row.changed_at
        tried = Tried(row.attempts, row.round_at, began, row.uncertain_since)
        following = next_after(Uncertain(words), tried, carrier, now)
        state = following.state
        # The lease has been waiting enough.
        values = {"due_at": now, "uncertain_since": following.uncertain_since}
    with work.unit(ACTOR, now=now) as unit:
        if not move(unit, row, state, words=words, answer=words, **values):
            return False
        if attempt is not None:
            OutboxAttempt.objects.filter(pk=attempt.pk).update(result="lost", words=words)
        log_need(unit, row)
    return True
