"""Calendars as the arithmetic needs them, read from the database.

A schedule is kept per process and read anew when its calendar's version has changed. So the price of
`schedule_for` is one small query. Due plans are in `plan_book`.
"""

from threading import Lock

from zhike.core.calendar.schedule import DateKind, DateRule, Schedule, Window
from zhike.core.errors import NotFound
from zhike.core.models import CalendarDate, CalendarWindow, CalendarYear, WorkCalendar


class NoDefaultCalendar(RuntimeError):
    """The installation has lost the calendar every deadline falls back to."""


_kept: dict[int, Schedule] = {}
_lock = Lock()


def schedule_for(calendar_id: int) -> Schedule:
    """The calendar as it stands now. Raises NotFound."""
    return kept_schedule(calendar_id, _version(calendar_id))


def load_default() -> Schedule:
    row = WorkCalendar.objects.filter(is_default=True).values_list("pk", "version").first()
    if row is None:
        raise NoDefaultCalendar("No calendar is marked as the default one.")
    return kept_schedule(*row)


def forget_schedules() -> None:
    """Drop what this process keeps; for tests that put another database in place."""
    with _lock:
        _kept.clear()


def _version(calendar_id: int) -> int:
    versions = WorkCalendar.objects.filter(pk=calendar_id).values_list("version", flat=True)
    version = versions.first()
    if version is None:
        raise NotFound
    return version


def kept_schedule(calendar_id: int, version: int) -> Schedule:
    """The calendar of that version, or a later one; no statement while this process keeps it. Raises NotFound."""
    with _lock:
        kept = _kept.get(calendar_id)
    if kept is not None and kept.version == version:
        return kept
    fresh = _read(calendar_id, version)
    # Reads are no transaction: somebody may have changed the rows between two of them, and with them
    # the version. Then what was read is of two minds.
    while (present := _version(calendar_id)) != fresh.version:
        fresh = _read(calendar_id, present)
    with _lock:
        _kept[calendar_id] = fresh
    return fresh


def _read(calendar_id: int, version: int) -> Schedule:
    calendar = WorkCalendar.objects.filter(pk=calendar_id).first()
    if calendar is None:
        raise NotFound
    week: list[list[Window]] = [[] for _ in range(7)]
    dated: dict[int, list[Window]] = {}
    for weekday, day_id, start, end in CalendarWindow.objects.filter(
        calendar_id=calendar_id
    ).values_list("weekday", "day_id", "start", "end"):
        if weekday is not None:
            week[weekday].append(Window(start, end))
        elif day_id is not None:
            dated.setdefault(day_id, []).append(Window(start, end))
    rows = CalendarDate.objects.filter(calendar_id=calendar_id)
    years = CalendarYear.objects.filter(calendar_id=calendar_id)
    return Schedule(
        zone=calendar.zone,
        week=tuple(tuple(day) for day in week),
        dates={
            date: DateRule(DateKind(kind), label, tuple(dated[pk]) if pk in dated else None)
            for pk, date, kind, label in rows.values_list("pk", "date", "kind", "label")
        },
        years=frozenset(years.values_list("year", flat=True)),
        always_open=calendar.always_open,
        swap_weekday=calendar.swap_weekday,
        name=calendar.name,
        calendar_id=calendar_id,
        version=version,
    )
