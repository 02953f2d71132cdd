"""Changing calendars: permission `settings.manage`, one unit of work, one audit row each.

A change holds for due times computed from then on; what a case keeps stays as it was.
"""

import secrets
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext as _

from zhike.core import work
from zhike.core.access import Grants
from zhike.core.calendar.hours import span_text
from zhike.core.calendar.schedule import DateKind, Week, Window
from zhike.core.errors import NotFound, RuleError
from zhike.core.models import (
    CalendarDate,
    CalendarWindow,
    CalendarYear,
    WorkCalendar,
)

MANAGE = "settings.manage"
FIRST_YEAR, LAST_YEAR = 2000, 2099
MOST_DATES_AT_ONCE = 31


def set_windows(*, actor: work.Actor, grants: Grants, calendar_id: int, week: Week) -> WorkCalendar:
    """Replace the weekly hours. `week` has seven entries, Monday first."""
    grants.require(MANAGE)
    if len(week) != 7:
        raise ValueError("A week has seven days.")
    if not any(window.start < window.end for day in week for window in day):
        raise RuleError(
            "calendar_never_open",
            _("At least one day needs hours, or no deadline would ever come."),
        )
    with work.unit(actor) as unit:
        calendar = locked_calendar(calendar_id)
        before = _week_of(calendar)
        if before == _week_words(week):
            return calendar
        CalendarWindow.objects.filter(calendar=calendar, weekday__isnull=False).delete()
        CalendarWindow.objects.bulk_create(
            CalendarWindow(calendar=calendar, weekday=weekday, start=window.start, end=window.end)
            for weekday, day in enumerate(week)
            for window in day
        )
        mark_changed(calendar)
        unit.audit(
            "core.calendar.set_windows",
            calendar,
            before={"week": before},
            after={"week": _week_words(week)},
        )
    return calendar


def set_date(
    *,
    actor: work.Actor,
    grants: Grants,
    calendar_id: int,
    day: date,
    kind: DateKind,
    label: str,
    source: str,
    windows: Sequence[Window] = (),
) -> CalendarDate:
    """Say what holds on one date, instead of what was said before. No `windows`: the usual ones."""
    grants.require(MANAGE)
    label, source = label.strip(), source.strip()
    if not label:
        raise RuleError("calendar_label_missing", _("Please say what day this is."), field="label")
    if not source:
        raise RuleError(
            "calendar_source_missing",
            _("Please say who decided it, so that others can check."),
            field="source",
        )
    _check_year(day.year, field="date")
    with work.unit(actor) as unit:
        calendar = locked_calendar(calendar_id)
        row = CalendarDate.objects.filter(calendar=calendar, date=day).first()
        before = _date_words(row) if row is not None else None
        row = row or CalendarDate(calendar=calendar, date=day)
        row.kind, row.label, row.source = kind.value, label[:40], source[:200]
        row.save()
        row.windows.all().delete()
        CalendarWindow.objects.bulk_create(
            CalendarWindow(calendar=calendar, day=row, start=window.start, end=window.end)
            for window in windows
        )
        after = _date_words(row)
        if after != before:
            mark_changed(calendar)
            unit.audit("core.calendar.set_date", calendar, before=before, after=after)
    return row


def set_dates(
    *,
    actor: work.Actor,
    grants: Grants,
    calendar_id: int,
    first: date,
    last: date,
    kind: DateKind,
    label: str,
    source: str,
    windows: Sequence[Window] = (),
) -> int:
    """The same for every date from `first` to `last`, all or none; how many they are."""
    count = (last - first).days + 1
    if not 1 <= count <= MOST_DATES_AT_ONCE:
        raise RuleError(
            "calendar_dates_span",
            _("The last date lies at most %(most)d days after the first, and not before it.")
            % {"most": MOST_DATES_AT_ONCE - 1},
            field="last",
        )
    with work.unit(actor):
        for number in range(count):
            set_date(
                actor=actor,
                grants=grants,
                calendar_id=calendar_id,
                day=first + timedelta(days=number),
                kind=kind,
                label=label,
                source=source,
                windows=windows,
            )
    return count


def remove_date(*, actor: work.Actor, grants: Grants, calendar_id: int, day: date) -> None:
    """Let the ordinary week hold again on `day`. Raises NotFound."""
    grants.require(MANAGE)
    with work.unit(actor) as unit:
        calendar = locked_calendar(calendar_id)
        row = CalendarDate.objects.filter(calendar=calendar, date=day).first()
        if row is None:
            raise NotFound
        before = _date_words(row)
        row.delete()
        mark_changed(calendar)
        unit.audit("core.calendar.remove_date", calendar, before=before)


def set_year_known(
    *, actor: work.Actor, grants: Grants, calendar_id: int, year: int, known: bool, source: str = ""
) -> None:
    """Say that all exceptional dates of `year` are entered, and after which document; or take it back."""
    grants.require(MANAGE)
    source = source.strip()
    _check_year(year, field="year")
    if known and not source:
        raise RuleError(
            "calendar_source_missing",
            _("Please say who decided it, so that others can check."),
            field="source",
        )
    with work.unit(actor) as unit:
        calendar = locked_calendar(calendar_id)
        row = CalendarYear.objects.filter(calendar=calendar, year=year).first()
        before = {"year": year, "source": row.source} if row is not None else None
        if known:
            row = row or CalendarYear(calendar=calendar, year=year)
            row.source = source[:200]
            row.save()
        elif row is not None:
            row.delete()
        after = {"year": year, "source": source[:200]} if known else None
        if after != before:
            mark_changed(calendar)
            unit.audit("core.calendar.set_year_known", calendar, before=before, after=after)


def locked_calendar(calendar_id: int) -> WorkCalendar:
    """The calendar, held against a second change at the same time. Raises NotFound."""
    calendar = WorkCalendar.objects.select_for_update().filter(pk=calendar_id).first()
    if calendar is None:
        raise NotFound
    return calendar


def mark_changed(calendar: WorkCalendar) -> None:
    calendar.version = secrets.randbits(62)
    calendar.save(update_fields=["version"])


def _check_year(year: int, field: str) -> None:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise RuleError(
            "calendar_year_out_of_range",
            _("Years from %(first)s to %(last)s can be entered.")
            % {"first": FIRST_YEAR, "last": LAST_YEAR},
            field=field,
        )


def _week_of(calendar: WorkCalendar) -> list[list[str]]:
    week: list[list[Window]] = [[] for _ in range(7)]
    rows = CalendarWindow.objects.filter(calendar=calendar, weekday__isnull=False)
    for weekday, start, end in rows.values_list("weekday", "start", "end"):
        if weekday is not None:
            week[weekday].append(Window(start, end))
    return _week_words(week)


def _week_words(week: Sequence[Sequence[Window]]) -> list[list[str]]:
    return [[span_text(window) for window in sorted(day)] for day in week]


def _date_words(row: CalendarDate) -> dict[str, Any]:
    return {
        "date": row.date.isoformat(),
        "kind": row.kind,
        "label": row.label,
        "source": row.source,
        "hours": [span_text(Window(w.start, w.end)) for w in row.windows.all()],
    }
