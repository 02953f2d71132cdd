"""Counting working time: when is something due, how much time has passed. Pure: no Django, no clock.

`due_at` is the one way to a deadline, for cases, steps, notices, promises and visits alike.
"""

from collections.abc import Sequence
from datetime import datetime

from zhike.core.calendar.business_days import account_of_days, working_days
from zhike.core.calendar.calendar_days import count_calendar_days
from zhike.core.calendar.due import CalendarFacts, Due, Interval, LineKind, Unit
from zhike.core.calendar.schedule import NeverOpen, Schedule, day_parts, minute_of, moment_of
from zhike.core.calendar.segments import (
    WARN_PERCENT,
    account_of_minutes,
    count_minutes,
    split,
    tidy,
)


def due_at(
    plan: Schedule,
    start: datetime,
    amount: int,
    unit: Unit,
    pauses: Sequence[Interval] = (),
    warn_percent: int = WARN_PERCENT,
) -> Due:
    """When `amount` of `unit` after `start` is over, and how that came about.

    Business minutes: the first moment at which so many open, unpaused minutes have passed.
    Business days: the day of `start` does not count; due when the last day closes; each open minute
    lost to a pause is given back as an open minute afterwards.
    Calendar days: the day of `start` does not count; each full 24 hours of pause adds a day; a last day
    on which nobody works is put off to the next working day; due when that day closes.
    Raises NeverOpen when the plan does not open often enough, ValueError for a negative amount.
    """
    if amount < 0 or (amount == 0 and unit is not Unit.BUSINESS_MINUTES):
        raise ValueError(f"A deadline needs a positive amount, not {amount}.")
    begin = minute_of(start)
    gaps = tidy(pauses)
    if unit is Unit.BUSINESS_MINUTES:
        counted = count_minutes(plan, begin, amount, gaps, warn_percent)
        account = account_of_minutes(counted)
    elif unit is Unit.BUSINESS_DAYS:
        needed, days = working_days(plan, begin, amount)
        counted = count_minutes(plan, begin, needed, gaps, warn_percent)
        account = account_of_days(plan, begin, days, counted)
    else:
        counted, account = count_calendar_days(plan, begin, amount, gaps, warn_percent)
    return Due(
        at=None if counted.end is None else moment_of(counted.end),
        warn_at=None if counted.end is None else moment_of(counted.warn),
        start=moment_of(begin),
        amount=amount,
        unit=unit,
        explanation=tuple(account.lines),
        calendar=CalendarFacts.of(plan),
        unknown_years=_unknown_years(plan, begin, counted.reached),
    )


def elapsed_minutes(
    plan: Schedule, start: datetime, end: datetime, pauses: Sequence[Interval] = ()
) -> int:
    """The open, unpaused minutes from `start` up to `end`; 0 when `end` is not after `start`."""
    begin, finish = minute_of(start), minute_of(end)
    gaps = tidy(pauses)
    total = 0
    for part in day_parts(plan, begin, limit=None):
        if part.start >= finish:
            break
        for opens, closes in part.open:
            for kind, since, until, _reason in split(opens, min(closes, finish), gaps):
                if kind is LineKind.COUNTED and until is not None:
                    total += until - since
    return total


def is_open(plan: Schedule, at: datetime) -> bool:
    minute = minute_of(at)
    part = next(day_parts(plan, minute))
    return any(opens <= minute for opens, _closes in part.open)


def next_open(plan: Schedule, at: datetime) -> datetime:
    """`at` itself (its minute) when open, else the next opening. Raises NeverOpen."""
    for part in day_parts(plan, minute_of(at)):
        for opens, _closes in part.open:
            return moment_of(opens)
    raise NeverOpen("This calendar never opens.")


def _unknown_years(plan: Schedule, begin: int, reached: int) -> tuple[int, ...]:
    first = next(day_parts(plan, begin)).day.year
    # A day that closes at 24:00 ends in the next year's first minute, which it does not touch.
    last = next(day_parts(plan, max(begin, reached - 1))).day.year
    return tuple(year for year in range(first, last + 1) if not plan.knows(year))
