"""A due time whose day somebody named, such as the notice of an authority. Pure."""

from datetime import UTC, date, datetime, time
from itertools import takewhile
from zoneinfo import ZoneInfo

from zhike.core.calendar.account import Account
from zhike.core.calendar.due import CalendarFacts, Due, LineKind, Unit
from zhike.core.calendar.schedule import Schedule, day_parts, minute_of, moment_of
from zhike.core.calendar.segments import WARN_PERCENT


def start_of_day(plan: Schedule, day: date) -> datetime:
    """When a date begins where this calendar counts."""
    return datetime.combine(day, time(), ZoneInfo(plan.zone)).astimezone(UTC)


def due_on(plan: Schedule, start: datetime, day: date, warn_percent: int = WARN_PERCENT) -> Due:
    """Due when `day` closes; where nobody works that day in its last minute, for the day is not ours to move."""
    begin = minute_of(start)
    parts = list(takewhile(lambda part: part.day <= day, day_parts(plan, begin)))
    if not parts:
        raise ValueError("The day that is named lies before the start.")
    of_day = [part for part in parts if part.day == parts[-1].day]
    closings = [closes for part in of_day for _opens, closes in part.open]
    at = closings[-1] if closings else of_day[-1].end - 1
    account = Account()
    account.add(LineKind.START, parts[0].day, begin, parts[0].end)
    account.add(LineKind.NAMED, of_day[0].day, of_day[0].start, at)
    return Due(
        at=moment_of(at),
        start=moment_of(begin),
        amount=(of_day[0].day - parts[0].day).days,
        unit=Unit.CALENDAR_DAYS,
        explanation=tuple(account.lines),
        calendar=CalendarFacts.of(plan),
        warn_at=moment_of(begin + (at - begin) * warn_percent // 100),
    )
