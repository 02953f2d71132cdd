"""Writing a message, and taking back one that has not left."""

from django.db import models

from zhike.core.models import OutboxMessage, OutboxState
from zhike.core.outbox.carriers import CARRIERS
from zhike.core.outbox.moving import move, recount
from zhike.core.outbox.rules import TO_DECIDE
from zhike.core.work import Work


def put(
    unit: Work,
    *,
    kind: str,
    address: str,
    text: str,
    dedup_key: str,
    subject: models.Model | None = None,
    conversation: str = "",
    unit_id: int | None = None,
    author_id: int | None = None,
) -> OutboxMessage:
    """A message of this unit of work, which a job delivers after the commit. `address` is sealed."""
    if CARRIERS.get(kind) is None:
        raise ValueError(f"No channel carries {kind!r}.")
    row = OutboxMessage(
        kind=kind,
        address=address,
        text=text,
        dedup_key=dedup_key,
        subject_type=subject._meta.label_lower if subject is not None else "",
        subject_id=subject.pk if subject is not None else None,
        conversation=conversation,
        unit_id=unit_id,
        author_id=author_id,
        due_at=unit.now,
        made_at=unit.now,
        round_at=unit.now,
        changed_at=unit.now,
    )
    unit.add(row)
    return row


def void(unit: Work, *, conversation: str) -> int:
    """What has not left and shall not any more; how many. What is being sent or may have arrived stays."""
    rows = OutboxMessage.objects.filter(
        conversation=conversation, state__in=(OutboxState.WAITING, OutboxState.FAILED)
    )
    return sum(move(unit, row, OutboxState.VOID) for row in list(rows.order_by("pk")))


def move_to_unit(unit: Work, *, conversation: str, unit_id: int | None) -> None:
    """The conversation belongs to another unit now."""
    rows = OutboxMessage.objects.filter(conversation=conversation)
    for row in list(rows.filter(state__in=TO_DECIDE).select_for_update().order_by("pk")):
        recount(unit, row.unit_id, row.state, -1)
        recount(unit, unit_id, row.state, 1)
    rows.update(unit_id=unit_id)
