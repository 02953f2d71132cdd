"""Everything that can be done with a complaint. Each call is one unit of work."""

from zhike.complaints.services.archive import (
    archive_unconfirmed,
    follow_up_content,
    stand_unconfirmed,
)
from zhike.complaints.services.findings import set_cause
from zhike.complaints.services.steps import record_steps, skip_step, step_of
from zhike.complaints.services.ways_out import (
    closing_reasons,
    set_way_out_rule,
    take_way_out,
    undo_way_out,
)

__all__ = [
    "archive_unconfirmed",
    "closing_reasons",
    "follow_up_content",
    "record_steps",
    "set_cause",
    "set_way_out_rule",
    "skip_step",
    "stand_unconfirmed",
    "step_of",
    "take_way_out",
    "undo_way_out",
]
