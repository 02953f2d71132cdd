"""Calendars and plans as their pages show them. The caller has checked who is asking."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from zhike.core.calendar.due import Unit
from zhike.core.calendar.schedule import Schedule, Window
from zhike.core.calendar.why import amount_text
from zhike.core.errors import NotFound
from zhike.core.models import CalendarDate, CalendarYear, DuePlan, DuePurpose, WorkCalendar


@dataclass(frozen=True, slots=True)
class DateRow:
    """One exceptional date; `windows` None when the usual hours hold."""

    row: CalendarDate
    windows: tuple[Window, ...] | None


@dataclass(frozen=True, slots=True)
class PlanRow:
    row: DuePlan
    amount: str


@dataclass(frozen=True, slots=True)
class YearRow:
    """A year of a calendar: how many dates are entered, and by which document they are complete."""

    year: int
    days_off: int
    swapped: int
    source: str

    @property
    def is_known(self) -> bool:
        return bool(self.source)


def load_calendar(calendar_id: int) -> WorkCalendar:
    """Raises NotFound."""
    calendar = WorkCalendar.objects.filter(pk=calendar_id).first()
    if calendar is None:
        raise NotFound
    return calendar


def load_date(calendar_id: int, day: date) -> DateRow:
    """Raises NotFound."""
    row = CalendarDate.objects.filter(calendar_id=calendar_id, date=day).first()
    if row is None:
        raise NotFound
    return DateRow(row, _own_windows(row))


def load_plan(plan_id: int) -> DuePlan:
    """Raises NotFound."""
    plan = DuePlan.objects.select_related("calendar").filter(pk=plan_id).first()
    if plan is None:
        raise NotFound
    return plan


def all_calendars() -> list[WorkCalendar]:
    return list(WorkCalendar.objects.all())


def all_plans(calendar_id: int | None = None) -> list[PlanRow]:
    rows = DuePlan.objects.select_related("calendar")
    if calendar_id is not None:
        # Those of the unit's hours are counted on the default calendar wherever a unit has none of its own.
        rows = rows.filter(Q(calendar_id=calendar_id) | Q(calendar=None))
    # As things happen: first the reply, then the solution, then the end; the general before the special.
    order = {purpose: place for place, purpose in enumerate(DuePurpose.values)}
    in_order = sorted(
        rows, key=lambda row: (order[row.purpose], row.subject, row.tier, row.channel)
    )
    return [PlanRow(row, amount_text(row.amount, Unit(row.unit))) for row in in_order]


def dates_of_year(calendar_id: int, year: int) -> list[DateRow]:
    rows = CalendarDate.objects.filter(calendar_id=calendar_id, date__year=year)
    return [DateRow(row, _own_windows(row)) for row in rows.prefetch_related("windows")]


def year_row(schedule: Schedule, year: int) -> YearRow:
    row = CalendarYear.objects.filter(calendar_id=schedule.calendar_id, year=year).first()
    days = [day for day in schedule.dates if day.year == year]
    off = sum(not schedule.is_working_day(day) for day in days)
    return YearRow(
        year=year,
        days_off=off,
        swapped=len(days) - off,
        source=row.source if row is not None else "",
    )


def years_to_show(schedule: Schedule, today: date) -> Sequence[int]:
    """Those with dates, and at least this year and the next."""
    return sorted({day.year for day in schedule.dates} | {today.year, today.year + 1})


def _own_windows(row: CalendarDate) -> tuple[Window, ...] | None:
    windows = tuple(Window(window.start, window.end) for window in row.windows.all())
    return windows or None
