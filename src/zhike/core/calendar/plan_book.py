"""Due plans as the arithmetic needs them: which one counts, on whose calendar.

`load_plans` is one small statement, and answers for any number of things.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from zhike.core import settled
from zhike.core.calendar.due import Due, Interval, Unit
from zhike.core.calendar.named_days import due_on, start_of_day
from zhike.core.calendar.plans import kept_schedule
from zhike.core.calendar.rules import due_at
from zhike.core.calendar.schedule import Schedule
from zhike.core.calendar.units import UnitCalendars, unit_calendars, way_up
from zhike.core.models import DuePlan, Stamp


@dataclass(frozen=True, slots=True)
class Plan:
    """How long something may take, on which calendar. `schedule` None: the hours of the unit concerned."""

    name: str
    purpose: str
    amount: int
    unit: Unit
    subject: str = ""
    tier: str = ""
    channel: str = ""
    org_unit: int | None = None
    schedule: Schedule | None = None
    warn_percent: int = 75
    source: str = ""
    source_on: date | None = None
    plan_id: int | None = None

    def due(self, start: datetime, pauses: Sequence[Interval] = ()) -> Due:
        if self.schedule is None:
            raise RuntimeError("Ask `PlanBook.find`, which knows whose hours count.")
        due = due_at(self.schedule, start, self.amount, self.unit, pauses, self.warn_percent)
        return due.named(self.name, self.purpose, self.source)

    def due_after(self, day: date, on: date | None = None) -> Due:
        """Counted from a date instead of a moment; `on` is the last day where somebody named it."""
        if self.schedule is None:
            raise RuntimeError("Ask `PlanBook.find`, which knows whose hours count.")
        start = start_of_day(self.schedule, day)
        if on is None:
            return self.due(start)
        due = due_on(self.schedule, start, on, self.warn_percent)
        return due.named(self.name, self.purpose, self.source)


# How close a plan is: by type, tier, channel, then the nearest unit. Compared in this order.
Closeness = tuple[bool, bool, bool, int]


@dataclass(frozen=True, slots=True)
class PlanBook:
    """All due plans, for many questions in a row."""

    plans: tuple[Plan, ...]
    calendars: UnitCalendars
    _ways: dict[int, Sequence[int]] = field(default_factory=dict)

    def find(
        self,
        purpose: str,
        *,
        subject: str = "",
        tier: str = "",
        channel: str = "",
        unit_id: int | None = None,
    ) -> Plan | None:
        """The closest plan, with the calendar to count on; None when nothing of this purpose is promised."""
        ranked = self.ranked(purpose, subject, tier, channel, unit_id)
        if not ranked:
            return None
        found = ranked[0]
        if found.schedule is not None:
            return found
        return replace(found, schedule=self.calendars.schedule(unit_id))

    def ranked(
        self, purpose: str, subject: str, tier: str, channel: str, unit_id: int | None
    ) -> list[Plan]:
        """All plans that fit, the one that counts first."""
        fitting = [
            plan
            for plan in self.plans
            if plan.purpose == purpose
            and plan.subject in {"", subject}
            and plan.tier in {"", tier}
            and plan.channel in {"", channel}
            and (plan.org_unit is None or plan.org_unit in self._way(unit_id))
        ]
        return sorted(fitting, key=lambda plan: self._closeness(plan, unit_id), reverse=True)

    def _closeness(self, plan: Plan, unit_id: int | None) -> Closeness:
        near = 0
        if plan.org_unit is not None:
            way = self._way(unit_id)
            near = len(way) - list(way).index(plan.org_unit)
        return bool(plan.subject), bool(plan.tier), bool(plan.channel), near

    def _way(self, unit_id: int | None) -> Sequence[int]:
        """Asked only when a plan for a unit might fit."""
        if unit_id is None:
            return ()
        if unit_id not in self._ways:
            self._ways[unit_id] = way_up(unit_id)
        return self._ways[unit_id]


def load_plans(stamp: str = "") -> PlanBook:
    """The plans of today: one small statement, none under a known stamp (`core.settled`)."""
    stamp = stamp or Stamp.objects.values_list("value", flat=True).first() or ""
    return settled.kept(stamp, ("calendar.plans",), _read)


def _read() -> PlanBook:
    rows = DuePlan.objects.select_related("calendar")
    return PlanBook(tuple(as_plan(row) for row in rows), unit_calendars())


def as_plan(row: DuePlan) -> Plan:
    calendar = row.calendar
    return Plan(
        name=row.name,
        purpose=row.purpose,
        subject=row.subject,
        tier=row.tier,
        channel=row.channel,
        org_unit=row.org_unit,
        amount=row.amount,
        unit=Unit(row.unit),
        schedule=kept_schedule(calendar.pk, calendar.version) if calendar is not None else None,
        warn_percent=row.warn_percent,
        source=row.source,
        source_on=row.source_on,
        plan_id=row.pk,
    )
