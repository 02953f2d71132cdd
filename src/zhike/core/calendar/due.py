"""A due time with the account of how it came about. Pure; a case keeps it as JSON."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from zhike.core.calendar.schedule import Schedule, Week, Window, minute_of, moment_of

JSON_VERSION = 1


class Unit(StrEnum):
    BUSINESS_MINUTES = "business_minutes"
    BUSINESS_DAYS = "business_days"
    CALENDAR_DAYS = "calendar_days"


@dataclass(frozen=True, slots=True)
class Interval:
    """A pause of the clock; `end` None means it still lasts."""

    start: datetime
    end: datetime | None
    reason: str = ""


class LineKind(StrEnum):
    COUNTED = "counted"
    # Counted, on a weekend day that was swapped for a holiday.
    SWAPPED = "swapped"
    # In plans of days: the day it began, which does not count; a day that counts; time after the
    # last day that makes up for pauses; the working day to which a closed last day is put off.
    START = "start"
    DAY = "day"
    GIVEN_BACK = "given_back"
    ROLLED = "rolled"
    # The day itself was named, by a notice say; nothing was counted.
    NAMED = "named"
    # Not counted.
    PAUSE = "pause"
    BREAK = "break"
    CLOSED = "closed"
    HOLIDAY = "holiday"


NOT_COUNTED = frozenset({LineKind.PAUSE, LineKind.BREAK, LineKind.CLOSED, LineKind.HOLIDAY})


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the account. `end` is None for a pause that still lasts.

    `minutes` were counted in this row, `total` up to its end: minutes, or days in plans of days.
    """

    kind: LineKind
    date: date
    start: datetime
    end: datetime | None
    minutes: int
    total: int
    label: str = ""


@dataclass(frozen=True, slots=True)
class CalendarFacts:
    """The calendar as it was when the due time was computed: later edits do not rewrite history."""

    name: str
    zone: str
    week: Week
    always_open: bool = False
    calendar_id: int | None = None
    version: int = 0

    @classmethod
    def of(cls, schedule: Schedule) -> "CalendarFacts":
        return cls(
            name=schedule.name,
            zone=schedule.zone,
            week=schedule.week,
            always_open=schedule.always_open,
            calendar_id=schedule.calendar_id,
            version=schedule.version,
        )


@dataclass(frozen=True, slots=True)
class Due:
    """When something is due. `at` is None while a pause lasts.

    `warn_at` is the moment at which so much of the time is used that somebody should be warned. `unknown_years`
    are the years the count touched whose holidays nobody has entered: the due time is then provisional.
    """

    at: datetime | None
    start: datetime
    amount: int
    unit: Unit
    explanation: tuple[Line, ...]
    calendar: CalendarFacts
    warn_at: datetime | None = None
    unknown_years: tuple[int, ...] = ()
    # Of the plan: its name as it then was, and what is due ("first_reply", "resolution" …).
    rule: str = ""
    purpose: str = ""
    # The law or contract the plan follows, if it names one.
    source: str = ""

    @property
    def paused(self) -> bool:
        return self.at is None

    @property
    def is_named(self) -> bool:
        """Somebody named the day; it does not follow from the plan's amount."""
        return any(line.kind is LineKind.NAMED for line in self.explanation)

    def named(self, rule: str, purpose: str = "", source: str = "") -> "Due":
        return replace(self, rule=rule, purpose=purpose, source=source)

    def to_json(self) -> dict[str, Any]:
        facts = self.calendar
        return {
            "v": JSON_VERSION,
            "at": _packed(self.at),
            "start": _packed(self.start),
            "amount": self.amount,
            "unit": self.unit.value,
            "rule": self.rule,
            "purpose": self.purpose,
            "source": self.source,
            "warn_at": _packed(self.warn_at),
            "unknown_years": list(self.unknown_years),
            "calendar": {
                "id": facts.calendar_id,
                "version": facts.version,
                "name": facts.name,
                "zone": facts.zone,
                "always_open": facts.always_open,
                "week": [[[w.start, w.end] for w in day] for day in facts.week],
            },
            "lines": [
                [
                    line.kind.value,
                    line.date.isoformat(),
                    _packed(line.start),
                    _packed(line.end),
                    line.minutes,
                    line.total,
                    line.label,
                ]
                for line in self.explanation
            ],
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Due":
        """Raises ValueError when `data` was not written by `to_json`."""
        if data.get("v") != JSON_VERSION:
            raise ValueError(f"Unknown form of a due time: version {data.get('v')!r}.")
        facts = data["calendar"]
        return cls(
            at=_unpacked(data["at"]),
            start=moment_of(data["start"]),
            amount=data["amount"],
            unit=Unit(data["unit"]),
            rule=data["rule"],
            purpose=data["purpose"],
            source=data.get("source", ""),
            warn_at=_unpacked(data["warn_at"]),
            unknown_years=tuple(data["unknown_years"]),
            calendar=CalendarFacts(
                name=facts["name"],
                zone=facts["zone"],
                week=tuple(tuple(Window(*pair) for pair in day) for day in facts["week"]),
                always_open=facts["always_open"],
                calendar_id=facts["id"],
                version=facts["version"],
            ),
            explanation=tuple(
                Line(
                    kind=LineKind(kind),
                    date=date.fromisoformat(day),
                    start=moment_of(start),
                    end=_unpacked(end),
                    minutes=minutes,
                    total=total,
                    label=label,
                )
                for kind, day, start, end, minutes, total, label in data["lines"]
            ),
        )


# Minute numbers instead of ISO texts: a third of the size, and every moment here is a whole minute.
def _packed(moment: datetime | None) -> int | None:
    return None if moment is None else minute_of(moment)


def _unpacked(minute: int | None) -> datetime | None:
    return None if minute is None else moment_of(minute)
