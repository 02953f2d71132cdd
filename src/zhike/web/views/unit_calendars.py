"""Which calendar holds in which org unit: the administrator's page."""

from dataclasses import dataclass

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _

from zhike.accounts.grants import actor_of_request
from zhike.accounts.models import Unit
from zhike.accounts.permissions import MANAGE_SETTINGS
from zhike.accounts.selectors import load_unit, unit_tree
from zhike.core import access
from zhike.core.calendar import selectors
from zhike.core.calendar.units import UnitCalendars, set_unit_calendar, unit_calendars
from zhike.web.calendar_forms import UnitCalendarForm


@dataclass(frozen=True)
class UnitRow:
    """`above` names the unit whose calendar holds here too; empty when the default one does."""

    unit: Unit
    depth: int
    calendar_id: int
    calendar: str
    is_own: bool
    above: str


def unit_list(request: HttpRequest) -> HttpResponse:
    access.require(request.user, MANAGE_SETTINGS)
    context = {"units": _rows(unit_calendars()), "calendars": selectors.all_calendars()}
    return render(request, "web/unit_calendars.html", context)


def unit_calendar(request: HttpRequest, pk: int) -> HttpResponse:
    grants = access.require(request.user, MANAGE_SETTINGS)
    unit = load_unit(pk)
    found = unit_calendars()
    names = {calendar.pk: calendar.name for calendar in selectors.all_calendars()}
    inherited = names[found.calendar_id(unit.parent_id)]
    form = UnitCalendarForm(
        request.POST if request.method == "POST" else None,
        calendars=list(names.items()),
        inherited=inherited,
        initial={"calendar": str(found.own.get(pk, ""))},
    )
    if request.method == "POST" and form.is_valid():
        set_unit_calendar(
            actor=actor_of_request(request),
            grants=grants,
            unit_id=pk,
            calendar_id=form.calendar_id(),
        )
        messages.success(
            request,
            _("%(unit)s now counts on the calendar %(calendar)s.")
            % {"unit": unit.name, "calendar": names.get(form.calendar_id() or 0, inherited)},
        )
        return redirect("web:unit-calendars")
    return _form_page(request, form, unit)


def _form_page(request: HttpRequest, form: forms.Form, unit: Unit) -> HttpResponse:
    context = {"form": form, "unit": unit}
    status = 422 if form.errors else 200
    return render(request, "web/unit_calendar.html", context, status=status)


def _rows(found: UnitCalendars) -> list[UnitRow]:
    """In reading order: each unit after the one above it, so what holds there is known already."""
    names = {calendar.pk: calendar.name for calendar in selectors.all_calendars()}
    rows: dict[int, UnitRow] = {}
    for node in unit_tree():
        unit = node.unit
        parent = rows.get(unit.parent_id or 0)
        own = found.own.get(unit.pk)
        above = ""
        if own is None and parent is not None:
            above = parent.unit.name if parent.is_own else parent.above
        calendar_id = own or (parent.calendar_id if parent is not None else found.default_id)
        rows[unit.pk] = UnitRow(
            unit, node.depth, calendar_id, names[calendar_id], own is not None, above
        )
    return list(rows.values())


urlpatterns = [
    path("settings/calendars/units/", unit_list, name="unit-calendars"),
    path("settings/calendars/units/<int:pk>/", unit_calendar, name="unit-calendar"),
]
