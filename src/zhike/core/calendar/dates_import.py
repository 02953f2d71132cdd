"""Next year's dates from a file: sent, looked at beside the calendar, then taken over in one unit of work."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from zhike.core import work
from zhike.core.access import Grants
from zhike.core.calendar.dates_diff import Change, DateChange, compare
from zhike.core.calendar.dates_file import LONGEST_SOURCE, FileDate, read_dates
from zhike.core.calendar.hours import span_text
from zhike.core.calendar.recounts import EVERYTHING, begin_recount
from zhike.core.calendar.schedule import DateKind, DateRule, Window
from zhike.core.calendar.services import MANAGE, locked_calendar, mark_changed, set_year_known
from zhike.core.errors import Conflict, NotFound, RuleError
from zhike.core.models import CalendarDate, CalendarWindow, DatesImport, WorkCalendar

KEPT_IMPORTS = 10


def send_dates(
    *, actor: work.Actor, grants: Grants, calendar_id: int, file_name: str, data: bytes
) -> DatesImport:
    """Read a file and keep it beside the calendar, which stays as it is. One at a time waits to be taken over."""
    grants.require(MANAGE)
    found = read_dates(data)
    with work.unit(actor) as unit:
        calendar = locked_calendar(calendar_id)
        DatesImport.objects.filter(calendar=calendar, applied_at=None).delete()
        row = DatesImport.objects.create(
            calendar=calendar,
            year=found.year,
            file_name=_printable(file_name)[:200] or "-",
            source=found.source,
            dates=[_packed(one) for one in found.dates],
            faults=[[fault.line, fault.text] for fault in found.faults],
            sent_by_id=actor.id,
            sent_by_name=actor.name[:80],
            sent_at=unit.now,
        )
        unit.audit(
            "core.calendar.send_dates",
            calendar,
            after={"file": row.file_name, "year": row.year, "rows": len(found.dates)},
        )
    return row


@dataclass(frozen=True, slots=True)
class Applied:
    """What taking a file over did."""

    added: int
    changed: int
    removed: int


def apply_dates(
    *,
    actor: work.Actor,
    grants: Grants,
    import_id: int,
    version: int,
    source: str,
    is_complete: bool,
    remove: Iterable[date] = (),
    recount: bool = False,
) -> Applied:
    """Take all dates of the file over, or none. `version` is that of the calendar the person has compared with.

    `remove` are dates the file does not name that shall go; `is_complete` declares the year complete;
    `recount` has all due times that still run computed anew, by a job.
    """
    grants.require(MANAGE)
    source = _said(source)
    with work.unit(actor) as unit:
        row = DatesImport.objects.select_for_update().filter(pk=import_id).first()
        if row is None:
            raise NotFound
        calendar = locked_calendar(row.calendar_id)
        _check_can_apply(row, calendar, version)
        changes = changes_of(row)
        wanted = set(remove)
        gone = [one for one in changes if one.change is Change.KEPT and one.day in wanted]
        _write(calendar, [one for one in changes if one.change is not Change.KEPT], source)
        CalendarDate.objects.filter(calendar=calendar, date__in=[one.day for one in gone]).delete()
        mark_changed(calendar)
        row.source, row.applied_at = source[:LONGEST_SOURCE], unit.now
        row.save(update_fields=["source", "applied_at"])
        touched = [one for one in changes if one.change in (Change.ADDED, Change.CHANGED)]
        before = [_words(one.day, one.before) for one in (*touched, *gone) if one.before]
        after = [_words(one.day, one.after) for one in touched]
        unit.audit(
            "core.calendar.import_dates",
            calendar,
            before={"dates": before},
            after={"file": row.file_name, "source": row.source, "dates": after},
        )
        if is_complete:
            set_year_known(
                actor=actor,
                grants=grants,
                calendar_id=calendar.pk,
                year=row.year,
                known=True,
                source=source,
            )
        if recount:
            begin_recount(unit, calendar.name, "", EVERYTHING)
    added = sum(one.change is Change.ADDED for one in touched)
    return Applied(added=added, changed=len(touched) - added, removed=len(gone))


def discard_dates(*, actor: work.Actor, grants: Grants, import_id: int) -> WorkCalendar:
    """Forget a file that was not taken over."""
    grants.require(MANAGE)
    with work.unit(actor) as unit:
        row = DatesImport.objects.select_for_update().filter(pk=import_id).first()
        if row is None or row.applied_at is not None:
            raise NotFound
        calendar = row.calendar
        unit.audit("core.calendar.discard_dates", calendar, before={"file": row.file_name})
        row.delete()
    return calendar


def load_import(import_id: int) -> DatesImport:
    """Raises NotFound."""
    row = DatesImport.objects.select_related("calendar").filter(pk=import_id).first()
    if row is None:
        raise NotFound
    return row


def latest_imports(calendar_id: int) -> list[DatesImport]:
    rows = DatesImport.objects.filter(calendar_id=calendar_id).defer("dates")
    return list(rows.order_by("-pk")[:KEPT_IMPORTS])


def changes_of(row: DatesImport) -> list[DateChange]:
    """The file beside the calendar as it stands now."""
    return compare(_rules(row.calendar_id), [_unpacked(one) for one in row.dates], row.year)


def _check_can_apply(row: DatesImport, calendar: WorkCalendar, version: int) -> None:
    if row.applied_at is not None:
        raise Conflict("calendar_import_applied", _("This file has been taken over already."))
    if row.faults or not row.dates:
        raise RuleError(
            "calendar_import_faulty",
            _("The file has faults. Please mend it and send it once more."),
        )
    if calendar.version != version:
        raise Conflict(
            "calendar_changed",
            _("Somebody has changed this calendar meanwhile. Please look at the comparison again."),
        )


def _rules(calendar_id: int) -> Mapping[date, DateRule]:
    """Read here and not from the kept schedule: inside the unit of work the rows are what counts."""
    windows: dict[int, list[Window]] = {}
    dated = CalendarWindow.objects.filter(calendar_id=calendar_id, day__isnull=False)
    for day_id, start, end in dated.values_list("day_id", "start", "end"):
        windows.setdefault(day_id or 0, []).append(Window(start, end))
    rows = CalendarDate.objects.filter(calendar_id=calendar_id)
    return {
        day: DateRule(DateKind(kind), label, tuple(windows[pk]) if pk in windows else None)
        for pk, day, kind, label in rows.values_list("pk", "date", "kind", "label")
    }


def _write(calendar: WorkCalendar, changes: Sequence[DateChange], source: str) -> None:
    days = [one.day for one in changes]
    known = {row.date: row for row in CalendarDate.objects.filter(calendar=calendar, date__in=days)}
    fresh = {day: CalendarDate(calendar=calendar, date=day) for day in days if day not in known}
    rows = [known.get(day) or fresh[day] for day in days]
    for row, one in zip(rows, changes, strict=True):
        row.kind, row.label = one.after.kind.value, one.after.label
        row.source = source[:LONGEST_SOURCE]
    CalendarDate.objects.bulk_update(known.values(), ["kind", "label", "source"])
    CalendarDate.objects.bulk_create(fresh.values())
    CalendarWindow.objects.filter(day__in=[row.pk for row in rows]).delete()
    CalendarWindow.objects.bulk_create(
        CalendarWindow(calendar=calendar, day=row, start=window.start, end=window.end)
        for row, one in zip(rows, changes, strict=True)
        for window in one.after.windows or ()
    )


def _packed(row: FileDate) -> list[Any]:
    hours = None if row.hours is None else [[w.start, w.end] for w in row.hours]
    return [row.day.isoformat(), row.kind.value, row.label, hours]


def _unpacked(packed: Sequence[Any]) -> FileDate:
    day, kind, label, hours = packed
    return FileDate(
        line=0,
        day=date.fromisoformat(day),
        kind=DateKind(kind),
        label=label,
        hours=None if hours is None else tuple(Window(start, end) for start, end in hours),
    )


def _words(day: date, rule: DateRule | None) -> str:
    if rule is None:
        return day.isoformat()
    hours = " ".join(span_text(window) for window in rule.windows or ())
    mark = "+" if rule.kind is DateKind.WORKING else "-"
    return " ".join(part for part in (f"{day.isoformat()} {mark}{rule.label}", hours) if part)


def _said(source: str) -> str:
    source = _printable(source)
    if not source:
        raise RuleError(
            "calendar_source_missing",
            _("Please say who decided it, so that others can check."),
            field="source",
        )
    return source


def _printable(text: str) -> str:
    return "".join(sign for sign in " ".join(text.split()) if sign.isprintable())
