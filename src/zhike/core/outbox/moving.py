"""A message goes from one state to another: always by compare-and-set, always told."""

from typing import Any

from zhike.core.models import OutboxMessage, OutboxState
from zhike.core.outbox.carriers import SUBJECTS
from zhike.core.outbox.events import MessageMoved
from zhike.core.outbox.rules import TO_DECIDE
from zhike.core.work import Work

# Counted in the states somebody must look at, so that the menu says how many wait.
METRIC = "core.outbox"


def move(
    unit: Work,
    row: OutboxMessage,
    to: OutboxState,
    *,
    words: str = "",
    by_person: bool = False,
    **values: Any,
) -> bool:
    """From the state and the claim `row` was read with; False when somebody was first."""
    before = row.state
    if by_person or to in TO_DECIDE or before == OutboxState.UNKNOWN:
        # It will be written down where the message stands. Who moves a case to another unit holds the case first
        # and then its messages; so do we, or each waits for the other.
        _lock_subject(row)
    mine = OutboxMessage.objects.filter(pk=row.pk, state=before, claim=row.claim)
    changed = {"state": to, "changed_at": unit.now, "lease_until": None, **values}
    if to is not OutboxState.SENDING and to is not OutboxState.UNKNOWN:
        # An unknown one keeps its claim: whoever sent it may yet come to say how it ended.
        changed["claim"] = ""
    if not mine.update(**changed):
        return False
    for name, value in changed.items():
        setattr(row, name, value)
    # Another unit may have taken the conversation over while the call was under way; now the row is ours.
    row.unit_id = OutboxMessage.objects.values_list("unit_id", flat=True).get(pk=row.pk)
    recount(unit, row.unit_id, before, -1)
    recount(unit, row.unit_id, to, 1)
    unit.publish(
        MessageMoved(
            row.pk, row.kind, row.subject_type, row.subject_id, before, to, words, by_person
        )
    )
    return True


def _lock_subject(row: OutboxMessage) -> None:
    subject = SUBJECTS.get(row.subject_type)
    if subject is not None and row.subject_id is not None:
        subject.lock(row.subject_id)


def recount(unit: Work, unit_id: int | None, state: str, delta: int) -> None:
    if state in TO_DECIDE:
        unit.count(METRIC, delta, unit_id=unit_id, state=state)


def log_need(unit: Work, row: OutboxMessage) -> None:
    """The log keeps what came to need somebody; what went well is told by the message itself."""
    if row.state == OutboxState.UNKNOWN:
        unit.audit("outbox.unknown", row, unit_id=row.unit_id)
    elif row.state == OutboxState.FAILED:
        unit.audit("outbox.failed", row, unit_id=row.unit_id)
