"""Everything that can be done with a follow-up visit. Each call is one unit of work."""

from zhike.care.services.changes import call_off, reassign, set_best_time
from zhike.care.services.recording import Outcome, record_attempt, record_result
from zhike.care.services.settings import Asked, drop_script, save_script, set_rules

__all__ = [
    "Asked",
    "Outcome",
    "call_off",
    "drop_script",
    "reassign",
    "record_attempt",
    "record_result",
    "save_script",
    "set_best_time",
    "set_rules",
]
