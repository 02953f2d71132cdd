"""The same answers found the slow way: ask each minute by itself whether it counts.

Shares nothing with the program but the data it is given: no windows are merged, no days are walked, no
offsets are kept. Each minute of UTC is turned into local time and looked up.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import Enum
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


@dataclass
class Oracle:
    """One generated case. `minutes` are (local date, open, clock) of each minute from `start` on."""

    plan: RawPlan
    start: datetime
    pauses: list[RawPause]
    _looked_up: list[tuple[date, bool, Clock]] = field(default_factory=list)

    def minutes(self) -> Iterator[tuple[date, bool, Clock]]:
        for number in range(PATIENCE_DAYS * 1440):
            # Each question of a case begins anew, so what was looked up is kept.
            if number == len(self._looked_up):
                self._looked_up.append(self._look_up(self.start + number * MINUTE))
            yield self._looked_up[number]
        raise AssertionError("The generated case has no end.")

    def _look_up(self, moment: datetime) -> tuple[date, bool, Clock]:
        local = moment.astimezone(ZoneInfo(self.plan.zone))
        minute = local.hour * 60 + local.minute
        windows = self.plan.windows(local.date())
        is_open = any(opens <= minute < closes for opens, closes in windows)
        clock = Clock.RUNS
        for since, until in self.pauses:
            if since <= moment and until is None:
                clock = Clock.STOPPED
                break
            if until is not None and since <= moment < until:
                clock = Clock.PAUSED
        return local.date(), is_open, clock

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
