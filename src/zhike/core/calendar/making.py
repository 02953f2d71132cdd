"""Whole calendars: made, altered, made the default one, deleted. Permission and log as in `services`."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError
from django.db.models import ProtectedError, Q
from django.utils.translation import gettext as _

from zhike.core import work
from zhike.core.access import Grants
from zhike.core.calendar.schedule import Window
from zhike.core.calendar.seeds import OFFICE_WEEKDAYS, OFFICE_WINDOWS
from zhike.core.calendar.services import MANAGE, locked_calendar, mark_changed
from zhike.core.calendar.zones import zone_called
from zhike.core.errors import Conflict, NotFound, RuleError
from zhike.core.models import (
    CalendarDate,
    CalendarWindow,
    CalendarYear,
    DuePlan,
    UnitCalendar,
    WorkCalendar,
)

LONGEST_NAME = 60
_TRACED = ("name", "zone", "always_open", "swap_weekday")


@dataclass(frozen=True, slots=True)
class CalendarBasics:
    """What a person says of a calendar besides its hours and dates."""

    name: str
    zone: str
    always_open: bool = False
    swap_weekday: int = 0


@dataclass(frozen=True, slots=True)
class CalendarUses:
    """What would be without a calendar if this one were deleted."""

    is_default: bool
    plans: tuple[DuePlan, ...]
    unit_ids: tuple[int, ...]

    @property
    def is_free(self) -> bool:
        return not (self.is_default or self.plans or self.unit_ids)


def create_calendar(
    *, actor: work.Actor, grants: Grants, basics: CalendarBasics, copy_of: int | None = None
) -> WorkCalendar:
    """With the hours, dates and complete years of `copy_of`, or else office hours and no dates."""
    grants.require(MANAGE)
    basics = _checked(basics)
    with work.unit(actor) as unit, _name_is_taken_told():
        _check_name_is_free(basics.name)
        # Held, so that the copy is of one mind.
        original = locked_calendar(copy_of) if copy_of is not None else None
        calendar = WorkCalendar.objects.create(
            name=basics.name,
            zone=basics.zone,
            always_open=basics.always_open,
            swap_weekday=basics.swap_weekday,
            version=secrets.randbits(62),
        )
        if original is not None:
            _copy(original, calendar)
        else:
            _open_office_hours(calendar)
        after: dict[str, Any] = {name: getattr(calendar, name) for name in _TRACED}
        if original is not None:
            after["copy_of"] = original.name
        unit.audit("core.calendar.create", calendar, after=after)
    return calendar


def change_calendar(
    *, actor: work.Actor, grants: Grants, calendar_id: int, basics: CalendarBasics
) -> WorkCalendar:
    grants.require(MANAGE)
    basics = _checked(basics)
    with work.unit(actor) as unit, _name_is_taken_told():
        calendar = locked_calendar(calendar_id)
        _check_name_is_free(basics.name, besides=calendar_id)
        before = {name: getattr(calendar, name) for name in _TRACED}
        for name in _TRACED:
            setattr(calendar, name, getattr(basics, name))
        old, new = work.changes(before, {name: getattr(calendar, name) for name in _TRACED})
        if new:
            calendar.save(update_fields=list(new))
            mark_changed(calendar)
            unit.audit("core.calendar.change", calendar, before=old, after=new)
    return calendar


def make_default(*, actor: work.Actor, grants: Grants, calendar_id: int) -> WorkCalendar:
    """From now on this one holds wherever nothing else is said. Raises NotFound."""
    grants.require(MANAGE)
    with work.unit(actor) as unit:
        rows = WorkCalendar.objects.select_for_update().filter(
            Q(pk=calendar_id) | Q(is_default=True)
        )
        held = {row.pk: row for row in rows.order_by("pk")}
        if calendar_id not in held:
            raise NotFound
        calendar = held.pop(calendar_id)
        if calendar.is_default:
            return calendar
        for former in held.values():
            former.is_default = False
            former.save(update_fields=["is_default"])
            mark_changed(former)
        calendar.is_default = True
        calendar.save(update_fields=["is_default"])
        mark_changed(calendar)
        unit.audit(
            "core.calendar.make_default",
            calendar,
            before={"calendar": next((former.name for former in held.values()), None)},
            after={"calendar": calendar.name},
        )
    return calendar


def delete_calendar(*, actor: work.Actor, grants: Grants, calendar_id: int) -> None:
    """Only one that nothing uses; due times counted on it earlier keep their account."""
    grants.require(MANAGE)
    with work.unit(actor) as unit:
        calendar = locked_calendar(calendar_id)
        uses = uses_of(calendar)
        if not uses.is_free:
            raise Conflict("calendar_in_use", uses_text(uses))
        before = {name: getattr(calendar, name) for name in _TRACED}
        try:
            calendar.delete()
        except ProtectedError as error:
            raise Conflict(
                "calendar_in_use", _("Something still counts on this calendar.")
            ) from error
        calendar.pk = calendar_id
        unit.audit("core.calendar.delete", calendar, before=before)


def uses_of(calendar: WorkCalendar) -> CalendarUses:
    return CalendarUses(
        is_default=calendar.is_default,
        plans=tuple(DuePlan.objects.filter(calendar=calendar)),
        unit_ids=tuple(
            UnitCalendar.objects.filter(calendar=calendar).values_list("unit_id", flat=True)
        ),
    )


def uses_text(uses: CalendarUses) -> str:
    """One sentence that says what is in the way."""
    if uses.is_default:
        return _("This is the default calendar. Make another one the default first.")
    if uses.plans:
        names = dict.fromkeys(f"{plan.name} ({plan.get_purpose_display()})" for plan in uses.plans)
        return _("Due times are counted on this calendar: %(plans)s.") % {
            "plans": _(", ").join(list(names)[:5]) + (" ……" if len(names) > 5 else "")
        }
    return _("This is the calendar of %(n)d units. Choose another one for them first.") % {
        "n": len(uses.unit_ids)
    }


def _checked(basics: CalendarBasics) -> CalendarBasics:
    name = " ".join(basics.name.split())
    if not name:
        raise RuleError(
            "calendar_name_missing", _("Please give the calendar a name."), field="name"
        )
    if len(name) > LONGEST_NAME:
        raise RuleError(
            "calendar_name_too_long",
            _("A name has at most %(most)d characters.") % {"most": LONGEST_NAME},
            field="name",
        )
    if not 0 <= basics.swap_weekday <= 6:
        raise RuleError(
            "calendar_swap_weekday", _("Please choose a weekday."), field="swap_weekday"
        )
    return CalendarBasics(name, zone_called(basics.zone), basics.always_open, basics.swap_weekday)


def _check_name_is_free(name: str, besides: int = 0) -> None:
    if WorkCalendar.objects.filter(name=name).exclude(pk=besides).exists():
        raise _name_taken()


def _name_taken() -> RuleError:
    return RuleError(
        "calendar_name_taken", _("There is already a calendar of this name."), field="name"
    )


@contextmanager
def _name_is_taken_told() -> Iterator[None]:
    """Of two who take one name at the same moment, the later is told as well."""
    try:
        yield
    except IntegrityError as error:
        raise _name_taken() from error


def _open_office_hours(calendar: WorkCalendar) -> None:
    CalendarWindow.objects.bulk_create(
        CalendarWindow(calendar=calendar, weekday=weekday, start=window.start, end=window.end)
        for weekday in OFFICE_WEEKDAYS
        for window in (Window(*pair) for pair in OFFICE_WINDOWS)
    )


def _copy(original: WorkCalendar, calendar: WorkCalendar) -> None:
    dates = list(CalendarDate.objects.filter(calendar=original))
    copies = CalendarDate.objects.bulk_create(
        CalendarDate(
            calendar=calendar, date=row.date, kind=row.kind, label=row.label, source=row.source
        )
        for row in dates
    )
    day_of = {row.pk: copy for row, copy in zip(dates, copies, strict=True)}
    CalendarWindow.objects.bulk_create(
        CalendarWindow(
            calendar=calendar,
            weekday=row.weekday,
            day=day_of[row.day_id] if row.day_id is not None else None,
            start=row.start,
            end=row.end,
        )
        for row in CalendarWindow.objects.filter(calendar=original)
    )
    CalendarYear.objects.bulk_create(
        CalendarYear(calendar=calendar, year=row.year, source=row.source)
        for row in CalendarYear.objects.filter(calendar=original)
    )
