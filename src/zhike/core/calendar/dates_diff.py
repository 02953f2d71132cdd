"""What a file of dates would change in a calendar. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from zhike.core.calendar.dates_file import FileDate
from zhike.core.calendar.schedule import DateRule, Window, merged


class Change(StrEnum):
    ADDED = "added"
    CHANGED = "changed"
    SAME = "same"
    # In the calendar, but not in the file: stays, unless somebody says otherwise.
    KEPT = "kept"


@dataclass(frozen=True, slots=True)
class DateChange:
    """One date as it is (`before`, None when it is an ordinary day) and as it would be (`after`)."""

    change: Change
    day: date
    before: DateRule | None
    after: DateRule


def compare(
    known: Mapping[date, DateRule], file_dates: Iterable[FileDate], year: int
) -> list[DateChange]:
    """In order of date: each date of the file, and those of the year it does not name."""
    changes: dict[date, DateChange] = {}
    for row in file_dates:
        before = known.get(row.day)
        after = DateRule(row.kind, row.label, _windows(row, before))
        changes[row.day] = DateChange(_change(before, after), row.day, before, after)
    for day, rule in known.items():
        if day.year == year and day not in changes:
            changes[day] = DateChange(Change.KEPT, day, rule, rule)
    return [changes[day] for day in sorted(changes)]


def _change(before: DateRule | None, after: DateRule) -> Change:
    if before is None:
        return Change.ADDED
    return Change.SAME if _alike(before, after) else Change.CHANGED


def _windows(row: FileDate, before: DateRule | None) -> tuple[Window, ...] | None:
    if row.hours is not None:
        return row.hours or None
    # The file does not speak of hours: those somebody has set for this date stay.
    return before.windows if before is not None and before.kind is row.kind else None


def _alike(one: DateRule, other: DateRule) -> bool:
    def facts(rule: DateRule) -> tuple[object, ...]:
        return rule.kind, rule.label, None if rule.windows is None else merged(rule.windows)

    return facts(one) == facts(other)
