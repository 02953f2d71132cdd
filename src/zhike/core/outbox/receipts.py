"""What a receiver says later: it arrived, or it came back."""

from zhike.core import work
from zhike.core.models import OutboxMessage, OutboxState
from zhike.core.outbox.moving import move

# A report may come before our own note of the answer, and for a message nobody was sure of.
_OPEN_TO_REPORTS = (OutboxState.SENDING, OutboxState.SENT, OutboxState.UNKNOWN)


def note_delivery(
    *, actor: work.Actor, kind: str, receipt: str, arrived: bool, words: str = ""
) -> bool:
    """By the receiver's own name for the message; False when no message of ours is open to it."""
    found = OutboxMessage.objects.filter(kind=kind, receipt=receipt, state__in=_OPEN_TO_REPORTS)
    row = found.order_by("-pk").first() if receipt else None
    if row is None:
        return False
    to = OutboxState.DELIVERED if arrived else OutboxState.FAILED
    with work.unit(actor) as unit:
        return move(unit, row, to, words=words, answer=words)
