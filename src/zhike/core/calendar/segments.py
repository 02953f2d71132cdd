"""Time cut into stretches that count and stretches that do not. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from zhike.core.calendar.account import Account
from zhike.core.calendar.due import Interval, LineKind
from zhike.core.calendar.schedule import (
    DateKind,
    DayPart,
    NeverOpen,
    Schedule,
    day_parts,
    minute_of,
)

# Three quarters used: from here on a deadline is shown in amber, unless its plan says otherwise.
WARN_PERCENT = 75


@dataclass(frozen=True, slots=True)
class Pause:
    start: int
    end: int | None
    reason: str


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch that is either counted as a whole or not at all. `end` None: a pause that still lasts."""

    kind: LineKind
    day: date
    start: int
    end: int | None
    label: str
    working: bool

    @property
    def counts(self) -> bool:
        return self.kind in {LineKind.COUNTED, LineKind.SWAPPED}


def tidy(pauses: Sequence[Interval]) -> list[Pause]:
    """In order and apart; a pause that still lasts comes last and takes over all later ones.

    Where two overlap, the one that began first has the minutes.
    """
    wanted = sorted(
        (
            Pause(
                start=minute_of(pause.start),
                end=None if pause.end is None else minute_of(pause.end),
                reason=pause.reason,
            )
            for pause in pauses
        ),
        key=lambda pause: pause.start,
    )
    lasting = next((pause for pause in wanted if pause.end is None), None)
    result: list[Pause] = []
    covered: int | None = None
    for pause in wanted:
        if pause.end is None:
            break
        start = pause.start if covered is None else max(pause.start, covered)
        end = pause.end if lasting is None else min(pause.end, lasting.start)
        if start < end:
            result.append(Pause(start, end, pause.reason))
            covered = end
    return result if lasting is None else [*result, lasting]


def split(
    opens: int, closes: int, pauses: Sequence[Pause]
) -> Iterator[tuple[LineKind, int, int | None, str]]:
    """An open stretch cut by the pauses; the last piece has no end when a pause still lasts."""
    at = opens
    for pause in pauses:
        if pause.start >= closes:
            break
        if pause.end is not None and pause.end <= at:
            continue
        if pause.start > at:
            yield LineKind.COUNTED, at, pause.start, ""
            at = pause.start
        if pause.end is None:
            yield LineKind.PAUSE, at, None, pause.reason
            return
        until = min(pause.end, closes)
        yield LineKind.PAUSE, at, until, pause.reason
        at = until
    if at < closes:
        yield LineKind.COUNTED, at, closes, ""


def segments(plan: Schedule, start: int, pauses: Sequence[Pause]) -> Iterator[Segment]:
    """Everything from `start` on that is worth a line, in order of time. Nights are not."""
    for part in day_parts(plan, start):
        if not part.windows:
            yield _closed_day(part)
            continue
        swapped = part.rule is not None and part.rule.kind is DateKind.WORKING
        label = part.rule.label if part.rule is not None else ""
        counted = LineKind.SWAPPED if swapped else LineKind.COUNTED
        closed_since: int | None = None
        for opens, closes in part.windows:
            if closed_since is not None and opens > part.start and closed_since < part.end:
                since, until = max(closed_since, part.start), min(opens, part.end)
                yield Segment(LineKind.BREAK, part.day, since, until, "", part.working)
            closed_since = closes
            opens, closes = max(opens, part.start), min(closes, part.end)
            if opens >= closes:
                continue
            for kind, since, end, reason in split(opens, closes, pauses):
                if kind is LineKind.COUNTED:
                    yield Segment(counted, part.day, since, end, label, part.working)
                else:
                    yield Segment(kind, part.day, since, end, reason, part.working)
                if end is None:
                    return


def _closed_day(part: DayPart) -> Segment:
    holiday = part.rule is not None and part.rule.kind is DateKind.HOLIDAY
    return Segment(
        kind=LineKind.HOLIDAY if holiday else LineKind.CLOSED,
        day=part.day,
        start=part.start,
        end=part.end,
        label=part.rule.label if part.rule is not None else "",
        working=False,
    )


@dataclass(frozen=True, slots=True)
class Count:
    """A finished count: where it ended (None: paused), when it was to be warned of, what it passed."""

    end: int | None
    warn: int
    reached: int
    passed: tuple[Segment, ...]


def count_minutes(
    plan: Schedule,
    start: int,
    amount: int,
    pauses: Sequence[Pause],
    warn_percent: int = WARN_PERCENT,
) -> Count:
    if amount == 0:
        return Count(end=start, warn=start, reached=start, passed=())
    warn_after = amount * warn_percent // 100
    total, warn = 0, start
    passed: list[Segment] = []
    for segment in segments(plan, start, pauses):
        if segment.end is None:
            passed.append(segment)
            return Count(end=None, warn=warn, reached=segment.start, passed=tuple(passed))
        if not segment.counts:
            passed.append(segment)
            continue
        taken = min(segment.end - segment.start, amount - total)
        if total < warn_after <= total + taken:
            warn = segment.start + warn_after - total
        total += taken
        end = segment.start + taken
        passed.append(
            Segment(
                segment.kind,
                segment.day,
                segment.start,
                end,
                segment.label,
                segment.working,
            )
        )
        if total == amount:
            return Count(end=end, warn=warn, reached=end, passed=tuple(passed))
    raise NeverOpen(f"This calendar does not have {amount} open minutes within ten years.")


def account_of_minutes(counted: Count) -> Account:
    account = Account()
    total = 0
    for segment in counted.passed:
        minutes = 0
        if segment.counts and segment.end is not None:
            minutes = segment.end - segment.start
            total += minutes
        account.add(
            segment.kind,
            segment.day,
            segment.start,
            segment.end,
            minutes=minutes,
            total=total,
            label=segment.label,
        )
    return account
