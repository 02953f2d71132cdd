"""A person's word on a message to a customer, from the page of the outbox."""

from zhike.core import outbox, work
from zhike.core.access import Grants
from zhike.core.models import OutboxMessage
from zhike.desk.phrases import Place
from zhike.desk.services.words import NOT_KEPT, Kept, check_words


def decide_message(
    *,
    actor: work.Actor,
    grants: Grants,
    pk: int,
    decision: str,
    reason: str,
    kept: Kept = NOT_KEPT,
) -> OutboxMessage:
    """The reason is read by colleagues on the case and in the log, so it is asked like a note."""
    words = check_words(reason, Place.NOTE, actor=actor, grants=grants, kept=kept)
    return outbox.decide(
        actor=actor,
        grants=grants,
        message_id=pk,
        decision=decision,
        reason=reason,
        why_kept=words.get("why_kept", ""),
    )
