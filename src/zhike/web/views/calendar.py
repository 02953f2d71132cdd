"""Working hours and due times: everybody on the desk may read the rules, some may change them."""

from datetime import date
from itertools import groupby
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from zhike.accounts.grants import actor_of_request
from zhike.accounts.models import Unit as OrgUnit
from zhike.accounts.permissions import MANAGE_SETTINGS
from zhike.core import access, clock
from zhike.core.calendar import Schedule, Unit, due_at, selectors
from zhike.core.calendar import services as calendars
from zhike.core.calendar.hours import hours_text, week_text
from zhike.core.calendar.making import uses_of
from zhike.core.calendar.missing import calendars_lacking_dates
from zhike.core.calendar.plans import schedule_for
from zhike.core.calendar.why import WEEKDAYS, WhyDue, explain
from zhike.core.calendar.zones import zone_words
from zhike.core.errors import NotFound, RuleError
from zhike.core.models import DayKind, WorkCalendar
from zhike.web.calendar_forms import DateForm, TryForm, WeekForm, YearForm

# The rules bind everybody who works on cases, so all of them may read them.
READ = "cases.view"


def calendar_list(request: HttpRequest) -> HttpResponse:
    grants = access.require_any(request.user, READ, MANAGE_SETTINGS)
    rows = []
    lacking = {
        one.calendar_id: one.years for one in calendars_lacking_dates(clock.today(), grants.stamp)
    }
    for calendar in selectors.all_calendars():
        schedule = schedule_for(calendar.pk)
        rows.append(
            {
                "calendar": calendar,
                "hours": _hours(schedule),
                "zone": zone_words(calendar.zone),
                "lacks": lacking.get(calendar.pk, ()),
            }
        )
    context = {
        "calendars": rows,
        "can_manage": grants.allows(MANAGE_SETTINGS),
    }
    return render(request, "web/calendars.html", context)


def calendar_detail(request: HttpRequest, pk: int) -> HttpResponse:
    grants = access.require_any(request.user, READ, MANAGE_SETTINGS)
    calendar = selectors.load_calendar(pk)
    schedule = schedule_for(pk)
    today = clock.today()
    years = selectors.years_to_show(schedule, today)
    year = _year(request.GET.get("year"), today.year)
    plans = selectors.all_plans(pk) or selectors.all_plans()
    dates = selectors.dates_of_year(pk, year)
    try_form, account = _tried(request, schedule, plans)
    context = {
        "calendar": calendar,
        "zone": zone_words(calendar.zone),
        "uses": _uses(calendar) if grants.allows(MANAGE_SETTINGS) else None,
        "hours": _hours(schedule),
        "week": [
            (name, hours_text(windows))
            for name, windows in zip(WEEKDAYS, schedule.week, strict=True)
        ],
        "festivals": _festivals(dates),
        "source": _one_source(dates),
        "years": years,
        "year": selectors.year_row(schedule, year),
        "year_form": YearForm(),
        "try_form": try_form,
        "account": account,
        "can_manage": grants.allows(MANAGE_SETTINGS),
    }
    return render(request, "web/calendar.html", context)


def calendar_hours(request: HttpRequest, pk: int) -> HttpResponse:
    grants = access.require(request.user, MANAGE_SETTINGS)
    calendar = selectors.load_calendar(pk)
    form = WeekForm(_posted(request), week=schedule_for(pk).week)
    if request.method == "POST" and form.is_valid():
        try:
            calendars.set_windows(
                actor=actor_of_request(request), grants=grants, calendar_id=pk, week=form.week()
            )
        except RuleError as error:
            _add_rule_error(form, error)
        else:
            messages.success(
                request, _("The hours are changed. They count for due times from now on.")
            )
            return redirect("web:calendar", pk)
    return _form_page(request, "web/calendar_hours.html", {"form": form, "calendar": calendar})


def calendar_date(request: HttpRequest, pk: int, day: str = "") -> HttpResponse:
    """Add a date, or alter the one in the address."""
    grants = access.require(request.user, MANAGE_SETTINGS)
    calendar = selectors.load_calendar(pk)
    shown = selectors.load_date(pk, _day(day)) if day else None
    if shown is not None:
        initial: dict[str, Any] = {
            "date": shown.row.date,
            "kind": shown.row.kind,
            "label": shown.row.label,
            "hours": shown.windows or (),
            "source": shown.row.source,
        }
    else:
        initial = {"kind": DayKind.HOLIDAY.value, "date": _day_or_none(request.GET.get("date"))}
    form = DateForm(_posted(request), initial=initial)
    if shown is not None:
        form.fields["date"].disabled = True
        form.fields["last"].disabled = True
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            count = calendars.set_dates(
                actor=actor_of_request(request),
                grants=grants,
                calendar_id=pk,
                first=given["date"],
                last=given["last"] or given["date"],
                kind=given["kind"],
                label=given["label"],
                source=given["source"],
                windows=given["hours"],
            )
        except RuleError as error:
            _add_rule_error(form, error)
        else:
            messages.success(request, _entered(given, count))
            return _to_year(pk, given["date"].year)
    context = {"form": form, "calendar": calendar, "shown": shown}
    return _form_page(request, "web/calendar_date.html", context)


def _entered(given: dict[str, Any], count: int) -> str:
    values = {"n": count, "date": f"{given['date']:%Y-%m-%d}", "label": given["label"]}
    if count == 1:
        return _("%(date)s is entered: %(label)s.") % values
    return _("%(n)d dates from %(date)s on are entered: %(label)s.") % values


@require_POST
def calendar_date_remove(request: HttpRequest, pk: int, day: str) -> HttpResponse:
    grants = access.require(request.user, MANAGE_SETTINGS)
    when = _day(day)
    calendars.remove_date(actor=actor_of_request(request), grants=grants, calendar_id=pk, day=when)
    messages.success(
        request, _("%(date)s is an ordinary day again.") % {"date": f"{when:%Y-%m-%d}"}
    )
    return _to_year(pk, when.year)


@require_POST
def calendar_year(request: HttpRequest, pk: int, year: int) -> HttpResponse:
    grants = access.require(request.user, MANAGE_SETTINGS)
    known = request.POST.get("known") == "1"
    try:
        calendars.set_year_known(
            actor=actor_of_request(request),
            grants=grants,
            calendar_id=pk,
            year=year,
            known=known,
            source=request.POST.get("source", ""),
        )
    except NotFound:
        raise
    except RuleError as error:
        messages.error(request, str(error))
    else:
        text = (
            _("The dates of %(year)d are complete. Due times in it are no longer provisional.")
            if known
            else _("The dates of %(year)d are open again. Due times in it are provisional.")
        )
        messages.success(request, text % {"year": year})
    return _to_year(pk, year)


def _uses(calendar: WorkCalendar) -> dict[str, Any]:
    uses = uses_of(calendar)
    names = dict(OrgUnit.objects.filter(pk__in=uses.unit_ids).values_list("pk", "name"))
    return {
        "is_default": uses.is_default,
        "plans": len(uses.plans),
        "units": sorted(names.items(), key=lambda pair: pair[1]),
        "is_free": uses.is_free,
    }


def _hours(schedule: Schedule) -> str:
    if schedule.always_open:
        return _("round the clock")
    return week_text(schedule.week, [str(name) for name in WEEKDAYS])


def _festivals(rows: list[selectors.DateRow]) -> list[dict[str, Any]]:
    """Dates of one name and kind under each other are one line, each date a link of its own."""

    def alike(row: selectors.DateRow) -> tuple[Any, ...]:
        return row.row.label, row.row.kind, row.row.source, row.windows

    festivals = []
    for _key, group in groupby(rows, key=alike):
        days = list(group)
        first = days[0]
        festivals.append(
            {
                "row": first.row,
                "is_off": first.row.kind == DayKind.HOLIDAY,
                "hours": hours_text(first.windows) if first.windows is not None else "",
                "days": [(day.row.date, WEEKDAYS[day.row.date.weekday()]) for day in days],
            }
        )
    return festivals


def _one_source(rows: list[selectors.DateRow]) -> str:
    """What all dates go back to; empty when they differ, and each line says its own."""
    sources = {row.row.source for row in rows}
    return sources.pop() if len(sources) == 1 else ""


def _tried(
    request: HttpRequest, schedule: Schedule, plans: list[selectors.PlanRow]
) -> tuple[TryForm, WhyDue | None]:
    """The small calculator: an unsaved question in the address, answered with the full account."""
    choices = [
        (str(plan.row.pk), f"{plan.row.name} · {plan.row.get_purpose_display()} · {plan.amount}")
        for plan in plans
    ]
    if "start" not in request.GET:
        now = timezone.make_naive(clock.now().replace(second=0, microsecond=0), clock.zone())
        return TryForm(plans=choices, initial={"start": now}), None
    form = TryForm(request.GET, plans=choices)
    if not form.is_valid():
        return form, None
    plan = next(row.row for row in plans if str(row.row.pk) == form.cleaned_data["plan"])
    due = due_at(schedule, form.cleaned_data["start"], plan.amount, Unit(plan.unit))
    return form, explain(due.named(plan.name, plan.purpose), clock.zone(), clock.now())


def _year(text: str | None, default: int) -> int:
    year = int(text) if text and text.isascii() and text.isdigit() and len(text) == 4 else default
    return year if calendars.FIRST_YEAR <= year <= calendars.LAST_YEAR else default


def _day(text: str) -> date:
    day = _day_or_none(text)
    if day is None:
        raise NotFound
    return day


def _day_or_none(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None


def _to_year(pk: int, year: int) -> HttpResponse:
    return redirect(f"{reverse('web:calendar', args=[pk])}?year={year}")


def _posted(request: HttpRequest) -> QueryDict | None:
    """What was sent, an empty form included."""
    return request.POST if request.method == "POST" else None


def _add_rule_error(form: forms.Form, error: RuleError) -> None:
    if isinstance(error, NotFound):
        raise error
    form.add_error(error.field if error.field in form.fields else None, str(error))


def _form_page(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    form: forms.Form = context["form"]
    return render(request, template, context, status=422 if form.errors else 200)


urlpatterns = [
    path("settings/calendars/", calendar_list, name="calendars"),
    path("settings/calendars/<int:pk>/", calendar_detail, name="calendar"),
    path("settings/calendars/<int:pk>/hours/", calendar_hours, name="calendar-hours"),
    path("settings/calendars/<int:pk>/dates/new/", calendar_date, name="calendar-date-add"),
    path("settings/calendars/<int:pk>/dates/<str:day>/", calendar_date, name="calendar-date"),
    path(
        "settings/calendars/<int:pk>/dates/<str:day>/remove/",
        calendar_date_remove,
        name="calendar-date-remove",
    ),
    path("settings/calendars/<int:pk>/years/<int:year>/", calendar_year, name="calendar-year"),
]
