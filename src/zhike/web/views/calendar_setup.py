"""Whole calendars: a new one, its name and zone, which is the default, deleting one nothing uses."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from zhike.accounts.grants import actor_of_request
from zhike.accounts.permissions import MANAGE_SETTINGS
from zhike.core import access
from zhike.core.calendar import making, selectors
from zhike.core.calendar.zones import COMMON, zone_names, zone_words
from zhike.core.errors import NotFound, RuleError
from zhike.web.calendar_forms import CalendarForm, NewCalendarForm


def calendar_create(request: HttpRequest) -> HttpResponse:
    grants = access.require(request.user, MANAGE_SETTINGS)
    known = selectors.all_calendars()
    original = _named(known, request.GET.get("copy", "")) or (known[0] if known else None)
    initial: dict[str, Any] = {}
    if original is not None:
        initial = {
            "copy_of": original.pk,
            "zone": original.zone,
            "always_open": original.always_open,
            "swap_weekday": original.swap_weekday,
        }
    choices = [(calendar.pk, calendar.name) for calendar in known]
    data = request.POST if request.method == "POST" else None
    form = NewCalendarForm(data, calendars=choices, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            made = making.create_calendar(
                actor=actor_of_request(request),
                grants=grants,
                basics=form.basics(),
                copy_of=form.cleaned_data["copy_of"],
            )
        except RuleError as error:
            _add_rule_error(form, error)
        else:
            messages.success(request, _("The calendar %(name)s is there.") % {"name": made.name})
            return redirect("web:calendar", made.pk)
    return _form_page(request, form, None)


def calendar_edit(request: HttpRequest, pk: int) -> HttpResponse:
    grants = access.require(request.user, MANAGE_SETTINGS)
    calendar = selectors.load_calendar(pk)
    initial = {
        "name": calendar.name,
        "zone": calendar.zone,
        "always_open": calendar.always_open,
        "swap_weekday": calendar.swap_weekday,
    }
    form = CalendarForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            making.change_calendar(
                actor=actor_of_request(request),
                grants=grants,
                calendar_id=pk,
                basics=form.basics(),
            )
        except RuleError as error:
            _add_rule_error(form, error)
        else:
            messages.success(
                request, _("The calendar is changed. It counts for due times from now on.")
            )
            return redirect("web:calendar", pk)
    return _form_page(request, form, calendar)


@require_POST
def calendar_default(request: HttpRequest, pk: int) -> HttpResponse:
    grants = access.require(request.user, MANAGE_SETTINGS)
    made = making.make_default(actor=actor_of_request(request), grants=grants, calendar_id=pk)
    messages.success(
        request, _("%(name)s now holds wherever nothing else is said.") % {"name": made.name}
    )
    return redirect("web:calendar", pk)


@require_POST
def calendar_delete(request: HttpRequest, pk: int) -> HttpResponse:
    grants = access.require(request.user, MANAGE_SETTINGS)
    calendar = selectors.load_calendar(pk)
    try:
        making.delete_calendar(actor=actor_of_request(request), grants=grants, calendar_id=pk)
    except NotFound:
        raise
    except RuleError as error:
        messages.error(request, str(error))
        return redirect("web:calendar", pk)
    messages.success(request, _("The calendar %(name)s is deleted.") % {"name": calendar.name})
    return redirect("web:calendars")


def _named(known: list[Any], text: str) -> Any:
    return next((calendar for calendar in known if str(calendar.pk) == text), None)


def _add_rule_error(form: CalendarForm, error: RuleError) -> None:
    if isinstance(error, NotFound):
        raise error
    form.add_error(error.field if error.field in form.fields else None, str(error))


def _form_page(request: HttpRequest, form: CalendarForm, calendar: Any) -> HttpResponse:
    # By their words first; a place without words of its own is found by its name.
    zones = [zone_words(name) for name in COMMON]
    zones += [name for name in zone_names() if name not in COMMON]
    context = {"form": form, "calendar": calendar, "zones": zones}
    return render(request, "web/calendar_form.html", context, status=422 if form.errors else 200)


urlpatterns = [
    path("settings/calendars/new/", calendar_create, name="calendar-create"),
    path("settings/calendars/<int:pk>/edit/", calendar_edit, name="calendar-edit"),
    path("settings/calendars/<int:pk>/default/", calendar_default, name="calendar-default"),
    path("settings/calendars/<int:pk>/delete/", calendar_delete, name="calendar-delete"),
]
