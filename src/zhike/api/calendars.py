"""Working calendars over the API, to read: planning tools and telephone systems ask for hours and days off."""

from datetime import date
from typing import Any, Literal

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema

from zhike.core.access import require_any
from zhike.core.api import REFUSALS, RowId, caller
from zhike.core.calendar import selectors
from zhike.core.calendar.hours import clock_text
from zhike.core.calendar.plans import schedule_for
from zhike.core.calendar.schedule import Schedule, Window
from zhike.core.calendar.services import FIRST_YEAR, LAST_YEAR
from zhike.core.models import WorkCalendar

router = Router(tags=["calendars"])
READ = "cases.view"
MANAGE_SETTINGS = "settings.manage"


class SpanOut(Schema):
    start: str = Field(description="Local time of day, such as 8:30.")
    end: str = Field(description="Up to, not including; 24:00 is midnight.")


class CalendarOut(Schema):
    id: int
    name: str
    zone: str = Field(description="Name in the tz database.")
    is_default: bool
    always_open: bool = Field(description="Round the clock: hours and dates are not looked at.")
    week: list[list[SpanOut]] = Field(description="Seven days, Monday first; an empty one is off.")
    complete_years: list[int] = Field(description="Due times in other years are provisional.")


class DateOut(Schema):
    date: date
    kind: Literal["holiday", "working"]
    label: str
    source: str
    hours: list[SpanOut] | None = Field(description="Null: the usual ones.")


class YearOut(Schema):
    year: int
    is_complete: bool
    source: str = Field(description="By which document the year is complete; empty if it is not.")
    dates: list[DateOut]


class YearAsked(Schema):
    year: int = Field(ge=FIRST_YEAR, le=LAST_YEAR)


@router.get("/calendars", response={200: list[CalendarOut], **REFUSALS})
def calendars(request: HttpRequest) -> Any:
    """All calendars, the default one first."""
    _actor, grants = caller(request)
    require_any(grants, READ, MANAGE_SETTINGS)
    return [_calendar_out(calendar) for calendar in selectors.all_calendars()]


@router.get("/calendars/{calendar_id}/dates", response={200: YearOut, **REFUSALS})
def calendar_dates(request: HttpRequest, calendar_id: RowId, asked: Query[YearAsked]) -> Any:
    """Days off and swapped working days of one year."""
    _actor, grants = caller(request)
    require_any(grants, READ, MANAGE_SETTINGS)
    calendar = selectors.load_calendar(calendar_id)
    year = selectors.year_row(schedule_for(calendar.pk), asked.year)
    return {
        "year": asked.year,
        "is_complete": year.is_known,
        "source": year.source,
        "dates": [
            {
                "date": one.row.date,
                "kind": one.row.kind,
                "label": one.row.label,
                "source": one.row.source,
                "hours": None if one.windows is None else _spans(one.windows),
            }
            for one in selectors.dates_of_year(calendar.pk, asked.year)
        ],
    }


def _calendar_out(calendar: WorkCalendar) -> dict[str, Any]:
    schedule: Schedule = schedule_for(calendar.pk)
    return {
        "id": calendar.pk,
        "name": calendar.name,
        "zone": calendar.zone,
        "is_default": calendar.is_default,
        "always_open": calendar.always_open,
        "week": [_spans(day) for day in schedule.week],
        "complete_years": sorted(schedule.years),
    }


def _spans(windows: tuple[Window, ...]) -> list[dict[str, str]]:
    return [{"start": clock_text(one.start), "end": clock_text(one.end)} for one in windows]
