"""Working calendars and every deadline of the product. See docs/adr/0004.

Pure arithmetic (`rules`, `schedule`, `due` and what they use) is re-exported here; loading a calendar and
writing one are in `plans` and `services`, the account for readers in `why`.
"""

from zhike.core.calendar.due import CalendarFacts, Due, Interval, Line, LineKind, Unit
from zhike.core.calendar.rules import due_at, elapsed_minutes, is_open, next_open
from zhike.core.calendar.schedule import DateKind, DateRule, NeverOpen, Schedule, Window

__all__ = [
    "CalendarFacts",
    "DateKind",
    "DateRule",
    "Due",
    "Interval",
    "Line",
    "LineKind",
    "NeverOpen",
    "Schedule",
    "Unit",
    "Window",
    "due_at",
    "elapsed_minutes",
    "is_open",
    "next_open",
]
