"""When somebody is there: weekly windows, exceptional dates, a time zone. Pure: no Django, no clock.

Everything is counted in whole minutes. Inside, a moment is a *minute number*: minutes since 1970 in UTC.
Local windows are laid over UTC piece by piece, each piece having one offset, so that an hour that
summer time skips is never counted and an hour that it repeats is counted twice.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from itertools import count
from zoneinfo import ZoneInfo

DAY_MINUTES = 1440
# A calendar that does not open once in ten years never will.
HORIZON_DAYS = 3660
_EPOCH_ORDINAL = date(1970, 1, 1).toordinal()
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_END_OF_TIME = "The years of the calendar run from 1 to 9999."


class NeverOpen(ValueError):
    """The schedule has too few open minutes for what was asked, however long one waits."""


class DateKind(StrEnum):
    HOLIDAY = "holiday"
    WORKING = "working"


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """Open from `start` up to, not including, `end`: minutes of the local day, 0 to 1440."""

    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start <= self.end <= DAY_MINUTES:
            raise ValueError(
                f"A window lies between 0:00 and 24:00 and does not end before it starts: {self}"
            )


@dataclass(frozen=True, slots=True)
class DateRule:
    """What holds on one date instead of the week.

    `windows` None means: none on a holiday, on a working date those of `Schedule.swap_weekday`.
    A holiday with windows is one on which somebody is on duty: its minutes count, the day does not.
    """

    kind: DateKind
    label: str = ""
    windows: tuple[Window, ...] | None = None


Week = tuple[tuple[Window, ...], ...]


@dataclass(frozen=True, slots=True)
class Schedule:
    """A calendar as the arithmetic needs it. `week` has seven entries, Monday first."""

    zone: str
    week: Week
    dates: Mapping[date, DateRule] = field(default_factory=dict)
    # Years whose exceptional dates are known; a due date in any other year is flagged.
    years: frozenset[int] = frozenset()
    always_open: bool = False
    # A swapped working day falls on a weekend and works this weekday's hours.
    swap_weekday: int = 0
    name: str = ""
    calendar_id: int | None = None
    version: int = 0

    def __post_init__(self) -> None:
        if len(self.week) != 7:
            raise ValueError("A week has seven days.")
        if not 0 <= self.swap_weekday <= 6:
            raise ValueError("A weekday lies between 0 (Monday) and 6 (Sunday).")
        # Whatever was typed or imported, the arithmetic sees windows in order, apart and not empty.
        object.__setattr__(self, "week", tuple(merged(day) for day in self.week))

    def rule_on(self, day: date) -> DateRule | None:
        return None if self.always_open else self.dates.get(day)

    def windows_on(self, day: date) -> tuple[Window, ...]:
        if self.always_open:
            return _WHOLE_DAY
        rule = self.dates.get(day)
        if rule is None:
            return self.week[day.weekday()]
        if rule.windows is not None:
            return merged(rule.windows)
        return self.week[self.swap_weekday] if rule.kind is DateKind.WORKING else ()

    def is_working_day(self, day: date) -> bool:
        rule = self.rule_on(day)
        return bool(self.windows_on(day)) and (rule is None or rule.kind is DateKind.WORKING)

    def knows(self, year: int) -> bool:
        return self.always_open or year in self.years


_WHOLE_DAY = (Window(0, DAY_MINUTES),)


def merged(windows: tuple[Window, ...]) -> tuple[Window, ...]:
    """The same minutes in as few windows as possible, in order, empty ones dropped."""
    result: list[Window] = []
    for window in sorted(windows):
        if window.start == window.end:
            continue
        if result and window.start <= result[-1].end:
            result[-1] = Window(result[-1].start, max(result[-1].end, window.end))
        else:
            result.append(window)
    return tuple(result)


@dataclass(frozen=True, slots=True)
class DayPart:
    """A stretch of UTC minutes with one local date and one offset.

    Nearly always a whole day; a change of the clocks cuts the day in two. `windows` are the day's windows
    in UTC minutes, not cut to the stretch; `open` is what of them lies inside it.
    """

    day: date
    start: int
    end: int
    windows: tuple[tuple[int, int], ...]
    working: bool
    rule: DateRule | None

    @property
    def open(self) -> Iterator[tuple[int, int]]:
        for opens, closes in self.windows:
            if opens < self.end and closes > self.start:
                yield max(opens, self.start), min(closes, self.end)


def day_parts(
    schedule: Schedule, start: int, limit: int | None = HORIZON_DAYS
) -> Iterator[DayPart]:
    """The stretches from minute `start` on, without gap; at most `limit` of them."""
    zone = ZoneInfo(schedule.zone)
    at = start
    offset = _offset(zone, at)
    for _ in count() if limit is None else range(limit):
        local_day = (at + offset) // DAY_MINUTES
        midnight = local_day * DAY_MINUTES - offset
        until = midnight + DAY_MINUTES
        next_offset = _offset(zone, until)
        if next_offset != offset:
            until = _first_change(zone, at, until, offset)
            next_offset = _offset(zone, until)
        day = date.fromordinal(local_day + _EPOCH_ORDINAL)
        yield DayPart(
            day=day,
            start=at,
            end=until,
            windows=tuple(
                (midnight + window.start, midnight + window.end)
                for window in schedule.windows_on(day)
            ),
            working=schedule.is_working_day(day),
            rule=schedule.rule_on(day),
        )
        at, offset = until, next_offset


def _offset(zone: ZoneInfo, minute: int) -> int:
    try:
        offset = moment_of(minute).astimezone(zone).utcoffset()
    except OverflowError:
        raise NeverOpen(_END_OF_TIME) from None
    return 0 if offset is None else offset // timedelta(minutes=1)


def _first_change(zone: ZoneInfo, low: int, high: int, offset: int) -> int:
    """The first minute after `low` with another offset than `low`; `high` is known to have one."""
    while high - low > 1:
        middle = (low + high) // 2
        if _offset(zone, middle) == offset:
            low = middle
        else:
            high = middle
    return high


def minute_of(moment: datetime) -> int:
    """The minute a moment lies in. Seconds are dropped, so every figure adds up to the last minute."""
    if moment.tzinfo is None:
        raise ValueError("Deadlines need moments with a time zone.")
    return (moment - _EPOCH) // timedelta(minutes=1)


def moment_of(minute: int) -> datetime:
    try:
        return _EPOCH + timedelta(minutes=minute)
    except OverflowError:
        raise NeverOpen(_END_OF_TIME) from None
