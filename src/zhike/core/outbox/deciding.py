"""A person says what became of a message the program cannot be sure of, or what shall become of one not sent."""

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from zhike.core import work
from zhike.core.access import Forbidden, Grants
from zhike.core.errors import Conflict, RuleError
from zhike.core.models import OutboxMessage, OutboxState
from zhike.core.outbox.carriers import SUBJECTS
from zhike.core.outbox.moving import move
from zhike.core.outbox.rights import MANAGE
from zhike.core.outbox.selectors import message_for, visible_messages

LONGEST_REASON = 300


class Decision(models.TextChoices):
    DELIVERED = "delivered", pgettext_lazy("outbox", "It has arrived")
    RESEND = "resend", pgettext_lazy("outbox", "It has not arrived; send it once more")
    DROP = "drop", pgettext_lazy("outbox", "Do not send it any more")


CHOICES: dict[OutboxState, tuple[Decision, ...]] = {
    OutboxState.UNKNOWN: (Decision.DELIVERED, Decision.RESEND, Decision.DROP),
    OutboxState.FAILED: (Decision.RESEND, Decision.DROP),
    OutboxState.WAITING: (Decision.DROP,),
}


def choices_for(row: OutboxMessage) -> tuple[Decision, ...]:
    return CHOICES.get(OutboxState(row.state), ())


def may_decide(grants: Grants, row: OutboxMessage) -> bool:
    """Who manages the outbox of its unit, or may work on what it is about."""
    if grants.allows(MANAGE) and visible_messages(grants).filter(pk=row.pk).exists():
        return True
    subject = SUBJECTS.get(row.subject_type)
    return (
        subject is not None
        and row.subject_id is not None
        and subject.may_decide(row.subject_id, grants)
    )


def decide(
    *,
    actor: work.Actor,
    grants: Grants,
    message_id: int,
    decision: str,
    reason: str,
    why_kept: str = "",
) -> OutboxMessage:
    """`reason` is how they know; in the log with their name. `why_kept`: why its words stay as they are."""
    row = message_for(grants, message_id)
    if not may_decide(grants, row):
        raise Forbidden(MANAGE)
    reason = reason.strip()
    if not reason:
        raise RuleError("reason_missing", _("Please say how you know."), field="reason")
    if len(reason) > LONGEST_REASON:
        raise RuleError("reason_too_long", _("Please keep it to 300 characters."), field="reason")
    if decision not in Decision.values:
        raise RuleError("decision_unknown", _("Please choose one of these."), field="decision")
    chosen = Decision(decision)
    if chosen not in choices_for(row):
        raise moved_on()
    before = row.state
    with work.unit(actor, reason) as unit:
        if not _carry_out(unit, row, chosen, reason):
            raise moved_on()
        unit.audit(
            "outbox.decide",
            row,
            before={"state": before},
            after={"state": row.state, **({"why_kept": why_kept} if why_kept else {})},
            unit_id=row.unit_id,
        )
    return row


def _carry_out(unit: work.Work, row: OutboxMessage, chosen: Decision, reason: str) -> bool:
    match chosen:
        case Decision.DELIVERED:
            return move(unit, row, OutboxState.DELIVERED, words=reason, by_person=True)
        case Decision.DROP:
            return move(unit, row, OutboxState.VOID, words=reason, by_person=True)
        case Decision.RESEND:
            # A new round: all tries before it, and the receiver is as good as new to it.
            return move(
                unit,
                row,
                OutboxState.WAITING,
                words=reason,
                by_person=True,
                attempts=0,
                round_at=unit.now,
                due_at=unit.now,
                uncertain_since=None,
            )


def moved_on() -> Conflict:
    return Conflict("messagemoved_on", _("This message has moved on meanwhile. Please look again."))
