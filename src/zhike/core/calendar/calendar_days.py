"""Deadlines in calendar days, as laws and contracts count them. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from zhike.core.calendar.account import Account
from zhike.core.calendar.due import LineKind
from zhike.core.calendar.schedule import (
    DAY_MINUTES,
    DateKind,
    DayPart,
    NeverOpen,
    Schedule,
    day_parts,
)
from zhike.core.calendar.segments import WARN_PERCENT, Count, Pause


@dataclass(frozen=True, slots=True)
class _Span:
    """The days counted: up to `base_end` as the plan says, up to `end` with the days that pauses add."""

    first: DayPart
    first_end: int
    base_end: int
    last_day: date
    end: int
    added: int
    lasting: Pause | None


def count_calendar_days(
    plan: Schedule,
    start: int,
    days: int,
    pauses: Sequence[Pause],
    warn_percent: int = WARN_PERCENT,
) -> tuple[Count, Account]:
    span = _span(plan, start, days, pauses)
    account = Account()
    account.add(LineKind.START, span.first.day, start, span.first_end)
    account.add(LineKind.DAY, _later(span.first.day, 1), span.first_end, span.base_end, total=days)
    for pause in pauses:
        if pause.start < span.end and (pause.end is None or pause.end > start):
            since = max(pause.start, start)
            until = None if pause.end is None else min(pause.end, span.end)
            day = next(day_parts(plan, since)).day
            account.add(LineKind.PAUSE, day, since, until, total=days, label=pause.reason)
    if span.lasting is not None:
        reached = max(span.lasting.start, start)
        return Count(end=None, warn=start, reached=reached, passed=()), account
    if span.added:
        account.add(
            LineKind.GIVEN_BACK,
            _later(span.first.day, days + 1),
            span.base_end,
            span.end,
            minutes=span.added * DAY_MINUTES,
            total=days,
        )
    closes = _close_on_or_after(plan, start, span.last_day, account, days)
    warn = start + (closes - start) * warn_percent // 100
    return Count(end=closes, warn=warn, reached=closes, passed=()), account


def _span(plan: Schedule, start: int, days: int, pauses: Sequence[Pause]) -> _Span:
    first = next(day_parts(plan, start))
    base_end = end = _end_of_day(plan, start, _later(first.day, days))
    added = 0
    while True:
        lasting = next((p for p in pauses if p.end is None and p.start < end), None)
        # Days added for pauses may reach into further pauses, so count again until nothing is new.
        more = _paused_minutes(pauses, start, end) // DAY_MINUTES
        if lasting is not None or more == added:
            break
        added = more
        end = _end_of_day(plan, start, _later(first.day, days + added))
    return _Span(
        first=first,
        first_end=_end_of_day(plan, start, first.day),
        base_end=base_end,
        last_day=_later(first.day, days + added),
        end=end,
        added=added,
        lasting=lasting,
    )


def _later(day: date, days: int) -> date:
    try:
        return day + timedelta(days=days)
    except OverflowError:
        raise NeverOpen("The years of the calendar run from 1 to 9999.") from None


def _end_of_day(plan: Schedule, start: int, day: date) -> int:
    """The first minute of a later local date."""
    for part in day_parts(plan, start):
        if part.day > day:
            return part.start
    raise NeverOpen("A deadline lies at most ten years ahead.")


def _paused_minutes(pauses: Sequence[Pause], start: int, end: int) -> int:
    return sum(
        max(0, min(pause.end, end) - max(pause.start, start))
        for pause in pauses
        if pause.end is not None
    )


def _close_on_or_after(plan: Schedule, start: int, day: date, account: Account, days: int) -> int:
    """When `day` closes, or else the first working day after it; the days passed over get a line each."""
    chosen: date | None = None
    opens = closes = 0
    for part in day_parts(plan, start):
        if part.day < day:
            continue
        if chosen is not None and part.day > chosen:
            break
        spans = list(part.open)
        if part.working and spans:
            opens = opens if chosen else spans[0][0]
            chosen, closes = part.day, spans[-1][1]
        elif chosen is None:
            holiday = part.rule is not None and part.rule.kind is DateKind.HOLIDAY
            account.add(
                LineKind.HOLIDAY if holiday else LineKind.CLOSED,
                part.day,
                part.start,
                part.end,
                total=days,
                label=part.rule.label if part.rule is not None else "",
            )
    if chosen is None:
        raise NeverOpen("No working day within ten years.")
    if chosen > day:
        account.add(LineKind.ROLLED, chosen, opens, closes, total=days)
    return closes
