"""The same answers found the slow way: ask each minute by itself whether it counts.

Shares nothing with the program but the data it is given: no windows are merged, no days are walked, no
offsets are kept. Each minute of UTC is turned into local time by itself and looked up. What a minute is in a
zone, and which minutes of a date are open, is asked once and kept: that alone made 20,000 cases take a third.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from functools import lru_cache
from zoneinfo import ZoneInfo

MINUTE = timedelta(minutes=1)
# No generated case needs more; one that did would be a mistake in the generator.
PATIENCE_DAYS = 400

RawWindow = tuple[int, int]
RawPause = tuple[datetime, datetime | None]


@dataclass(frozen=True)
class RawDate:
    working: bool
    windows: tuple[RawWindow, ...] | None


@dataclass(frozen=True)
class RawPlan:
    zone: str
    week: tuple[tuple[RawWindow, ...], ...]
    dates: dict[date, RawDate]
    swap_weekday: int
    always_open: bool

    def windows(self, day: date) -> tuple[RawWindow, ...]:
        special = None if self.always_open else self.dates.get(day)
        if self.always_open:
            return ((0, 1440),)
        if special is None:
            return self.week[day.weekday()]
        if special.windows is not None:
            return special.windows
        return self.week[self.swap_weekday] if special.working else ()

    def is_holiday(self, day: date) -> bool:
        special = None if self.always_open else self.dates.get(day)
        return special is not None and not special.working


class Clock(Enum):
    RUNS = "runs"
    PAUSED = "paused"
    # By a pause that has no end.
    STOPPED = "stopped"


EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DAY = 1440


@lru_cache(maxsize=4000)
def local_minutes(zone: str, utc_day: int) -> list[tuple[date, int]]:
    """Local date and minute of that date, for each minute of one day of UTC."""
    info = ZoneInfo(zone)
    found: list[tuple[date, int]] = []
    latest = date.min
    for number in range(utc_day * DAY, (utc_day + 1) * DAY):
        local = (EPOCH + number * MINUTE).astimezone(info)
        if local.date() != latest:
            latest = local.date()
        found.append((latest, local.hour * 60 + local.minute))
    return found


def open_minutes(windows: tuple[RawWindow, ...]) -> list[bool]:
    """For each minute of a date whether it lies in any of the windows."""
    is_open = [False] * DAY
    for opens, closes in windows:
        for minute in range(opens, closes):
            is_open[minute] = True
    return is_open


@dataclass
class Oracle:
    """One generated case. `minutes` are (local date, open, clock) of each minute from `start` on."""

    plan: RawPlan
    start: datetime
    pauses: list[RawPause]
    _looked_up: list[tuple[date, bool, Clock]] = field(default_factory=list)
    _open: dict[date, list[bool]] = field(default_factory=dict)

    def minutes(self) -> Iterator[tuple[date, bool, Clock]]:
        # Each question of a case begins anew, so what was looked up is kept.
        number = 0
        while number < PATIENCE_DAYS * DAY:
            if number == len(self._looked_up):
                self._look_up()
            yield self._looked_up[number]
            number += 1
        raise AssertionError("The generated case has no end.")

    def _look_up(self) -> None:
        """The minutes up to the end of the day of UTC."""
        first = len(self._looked_up)
        utc_day, minute = divmod((self.start - EPOCH) // MINUTE + first, DAY)
        table = local_minutes(self.plan.zone, utc_day)[minute:]
        clocks = self._clocks(first, len(table))
        for (day, at), clock in zip(table, clocks, strict=True):
            if day not in self._open:
                self._open[day] = open_minutes(self.plan.windows(day))
            self._looked_up.append((day, self._open[day][at], clock))

    def _clocks(self, first: int, count: int) -> list[Clock]:
        clocks = [Clock.RUNS] * count
        for since, until in self.pauses:
            start = (since - self.start) // MINUTE - first
            end = count if until is None else (until - self.start) // MINUTE - first
            for place in range(max(start, 0), min(end, count)):
                if until is None:
                    clocks[place] = Clock.STOPPED
                elif clocks[place] is Clock.RUNS:
                    clocks[place] = Clock.PAUSED
        return clocks

    def moment(self, number: int) -> datetime:
        return self.start + number * MINUTE

    def is_open(self) -> bool:
        return next(self.minutes())[1]

    def next_open(self) -> datetime:
        return next(self.moment(n) for n, (_, is_open, _) in enumerate(self.minutes()) if is_open)

    def elapsed(self, end: datetime) -> int:
        length = (end - self.start) // MINUTE
        counted = 0
        for number, (_, is_open, clock) in enumerate(self.minutes()):
            if number >= length:
                break
            counted += is_open and clock is Clock.RUNS
        return counted

    def due_in_minutes(self, amount: int) -> datetime | None:
        if amount == 0:
            return self.start
        counted = 0
        for number, (_, is_open, clock) in enumerate(self.minutes()):
            if is_open and clock is Clock.STOPPED:
                return None
            counted += is_open and clock is Clock.RUNS
            if counted == amount:
                return self.moment(number + 1)
        raise AssertionError

    def due_in_working_days(self, days: int) -> datetime | None:
        """The close of the last day as if nothing paused; then as many open minutes, unpaused."""
        latest = next(self.minutes())[0]
        seen, open_minutes, upto_close = 0, 0, 0
        for day, is_open, _ in self.minutes():
            if seen == days and day > latest:
                break
            if not is_open:
                continue
            open_minutes += 1
            if day > latest and not self.plan.is_holiday(day):
                seen, latest = seen + 1, day
            if day == latest:
                upto_close = open_minutes
        return self.due_in_minutes(upto_close)

    def due_in_calendar_days(self, days: int) -> datetime | None:
        last = next(self.minutes())[0] + timedelta(days=days)
        paused = 0
        for day, _, clock in self.minutes():
            if day > last + timedelta(days=paused // 1440):
                break
            if clock is Clock.STOPPED:
                return None
            paused += clock is Clock.PAUSED
        target = last + timedelta(days=paused // 1440)
        chosen: date | None = None
        close = self.start
        for number, (day, is_open, _) in enumerate(self.minutes()):
            if chosen is not None and day > chosen:
                return close
            if day >= target and is_open and not self.plan.is_holiday(day):
                chosen, close = day, self.moment(number + 1)
        raise AssertionError
