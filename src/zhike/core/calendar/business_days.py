"""Deadlines in working days. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from zhike.core.calendar.account import Account
from zhike.core.calendar.due import LineKind
from zhike.core.calendar.schedule import NeverOpen, Schedule, day_parts
from zhike.core.calendar.segments import Count, Segment


@dataclass(frozen=True, slots=True)
class WorkingDay:
    day: date
    opens: int
    closes: int
    swapped: bool


def working_days(plan: Schedule, start: int, days: int) -> tuple[int, list[WorkingDay]]:
    """The `days` working days after the one `start` lies in, and the open minutes until the last closes."""
    found: list[WorkingDay] = []
    total = upto_close = 0
    last_day: date | None = None
    for part in day_parts(plan, start):
        if last_day is None:
            last_day = part.day
        elif len(found) == days and part.day > last_day:
            return upto_close, found
        spans = list(part.open)
        if not spans:
            continue
        total += sum(closes - opens for opens, closes in spans)
        if part.working and part.day > last_day:
            last_day = part.day
            found.append(WorkingDay(part.day, spans[0][0], spans[-1][1], part.rule is not None))
        elif found and part.day == last_day:
            # The clocks changed that day: its second part.
            found[-1] = replace(found[-1], closes=spans[-1][1])
        if found and part.day == last_day:
            upto_close = total
    raise NeverOpen(f"This calendar does not have {days} working days within ten years.")


def account_of_days(
    plan: Schedule, start: int, days: Sequence[WorkingDay], counted: Count
) -> Account:
    account = Account()
    first = next(day_parts(plan, start))
    account.add(LineKind.START, first.day, start, first.end)
    last_close = days[-1].closes
    rows = [
        (day.opens, 0, Segment(_kind_of(day), day.day, day.opens, day.closes, "", working=True))
        for day in days
        if day.opens < counted.reached
    ]
    for segment in counted.passed:
        if segment.counts and segment.start >= last_close:
            rows.append((segment.start, 1, replace(segment, kind=LineKind.GIVEN_BACK)))
        elif not segment.counts and segment.kind is not LineKind.BREAK:
            rows.append((segment.start, 1, segment))
    total = 0
    for _start, _order, segment in sorted(rows, key=lambda row: row[:2]):
        if segment.kind in {LineKind.DAY, LineKind.SWAPPED}:
            total += 1
        given = segment.kind is LineKind.GIVEN_BACK and segment.end is not None
        account.add(
            segment.kind,
            segment.day,
            segment.start,
            segment.end,
            minutes=segment.end - segment.start if given and segment.end is not None else 0,
            total=total,
            label=_label_on(plan, segment),
        )
    return account


def _kind_of(day: WorkingDay) -> LineKind:
    return LineKind.SWAPPED if day.swapped else LineKind.DAY


def _label_on(plan: Schedule, segment: Segment) -> str:
    rule = plan.rule_on(segment.day)
    return rule.label if segment.kind is LineKind.SWAPPED and rule is not None else segment.label
