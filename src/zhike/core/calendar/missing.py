"""Calendars whose dates of this year, or from November on of the next, nobody has declared complete.

Due times in such a year are provisional: the pages say so, `zhike doctor` too, and once the bell of those who
can do something about it. Next year's become pressing when the year is near or something falls due in it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from zhike.core import clock, settled, work
from zhike.core.calendar.recounts import falls_due_from
from zhike.core.models import CalendarYear, DatesReminder, WorkCalendar

# The State Council publishes next year's days off each November.
NEXT_YEAR_FROM_MONTH = 11
# By then they are published, and what is taken in falls due beyond the end of the year.
PRESSING_FROM = (12, 15)
REMINDER = work.Actor.system("calendar")


@dataclass(frozen=True, slots=True)
class Lacking:
    """A calendar and the years it lacks."""

    calendar_id: int
    name: str
    years: tuple[int, ...]


@dataclass(frozen=True)
class DatesMissing:
    """The dates of `year` are missing in these calendars; told once for each year."""

    year: int
    calendars: tuple[str, ...]
    calendar_id: int


def years_wanted(today: date) -> tuple[int, ...]:
    soon = today.month >= NEXT_YEAR_FROM_MONTH
    return (today.year, today.year + 1) if soon else (today.year,)


def calendars_lacking_dates(today: date, stamp: str = "") -> Sequence[Lacking]:
    """The default calendar first. No statement while `stamp` is that of what was read before (`core.settled`)."""
    wanted = years_wanted(today)
    return settled.kept(stamp, ("calendars lacking dates", wanted), lambda: _read(wanted))


def is_pressing(years: Sequence[int], today: date) -> bool:
    """Is it high time for the dates of these years?"""
    return any(_is_pressing(year, today) for year in years)


def _is_pressing(year: int, today: date) -> bool:
    if today >= date(year - 1, *PRESSING_FROM):
        return True
    return falls_due_from(datetime(year, 1, 1, tzinfo=clock.zone()))


def tell_of_missing_dates() -> int:
    """For each year that lacks dates and was not told of: tell it now. How many years were told."""
    lacking = calendars_lacking_dates(clock.today())
    known = set(DatesReminder.objects.values_list("year", flat=True))
    years = sorted({year for one in lacking for year in one.years} - known)
    for year in years:
        of_year = [one for one in lacking if year in one.years]
        with work.unit(REMINDER) as unit:
            DatesReminder.objects.create(year=year, told_at=unit.now)
            names = tuple(one.name for one in of_year)
            unit.publish(DatesMissing(year, names, of_year[0].calendar_id))
    return len(years)


def _read(wanted: Sequence[int]) -> list[Lacking]:
    # Round the clock nobody looks at dates.
    calendars = list(WorkCalendar.objects.filter(always_open=False))
    known = set(CalendarYear.objects.filter(year__in=wanted).values_list("calendar_id", "year"))
    found = [
        Lacking(row.pk, row.name, tuple(year for year in wanted if (row.pk, year) not in known))
        for row in calendars
    ]
    return [one for one in found if one.years]
