"""A message goes from one state to another: always by compare-and-set, always told."""

from typing import Any

from zhike.core.models import OutboxMessage, OutboxState
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
    mine = OutboxMessage.objects.filter(pk=row.pk, state=before, claim=row.claim)
    changed = {"state": to, "changed_at": unit.now, "lease_until": None, **values}
    if to is not OutboxState.SENDING and to is not OutboxState.UNKNOWN:
        # An unknown one keeps its claim: whoever sent it may yet come to say how it ended.
        changed["claim"] = ""
    if not mine.update(**changed):
        return False
    for name, value in changed.items():
        setattr(row, name, value)
    recount(unit, row.unit_id, before, -1)
    recount(unit, row.unit_id, to, 1)
    unit.publish(
        MessageMoved(
            row.pk, row.kind, row.subject_type, row.subject_id, before, to, words, by_person
        )
    )
    return True


def recount(unit: Work, unit_id: int | None, state: str, delta: int) -> None:
    if state in TO_DECIDE:
        unit.count(METRIC, delta, unit_id=unit_id, state=state)


def log_need(unit: Work, row: OutboxMessage) -> None:
    """The log keeps what came to need somebody; what went well is told by the message itself."""
    if row.state == OutboxState.UNKNOWN:
        unit.audit("outbox.unknown", row, unit_id=row.unit_id)
    elif row.state == OutboxState.FAILED:
        unit.audit("outbox.failed", row, unit_id=row.unit_id)
