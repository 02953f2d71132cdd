"""Dates from a file: sent, compared with the calendar, taken over; and the dates of a year as a file."""

import tempfile
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from zhike.accounts.grants import actor_of_request
from zhike.accounts.permissions import MANAGE_SETTINGS
from zhike.core import access, clock
from zhike.core.calendar import dates_import, selectors
from zhike.core.calendar.dates_diff import Change, DateChange
from zhike.core.calendar.dates_export import (
    begin_dates_export,
    dates_as_json,
    write_dates_table,
    write_dates_template,
)
from zhike.core.calendar.dates_file import KINDS, MOST_BYTES
from zhike.core.calendar.hours import hours_text
from zhike.core.calendar.schedule import DateKind, DateRule
from zhike.core.calendar.why import WEEKDAYS
from zhike.core.errors import NotFound, RuleError, TooLarge
from zhike.core.exporter.pages import XLSX
from zhike.core.models import DatesImport


@require_http_methods(["GET", "HEAD", "POST"])
def dates_send(request: HttpRequest, pk: int) -> HttpResponse:
    grants = access.require(request.user, MANAGE_SETTINGS)
    calendar = selectors.load_calendar(pk)
    refusal: RuleError | None = None
    if request.method == "POST":
        try:
            row = dates_import.send_dates(
                actor=actor_of_request(request), grants=grants, calendar_id=pk, **_sent(request)
            )
            return redirect("web:calendar-import", row.pk)
        except NotFound:
            raise
        except RuleError as error:
            refusal = error
    context = {
        "calendar": calendar,
        "refusal": refusal,
        "earlier": dates_import.latest_imports(pk),
        "template_year": clock.today().year + 1,
    }
    status = refusal.status if refusal else 200
    return render(request, "web/calendar_dates_send.html", context, status=status)


def _sent(request: HttpRequest) -> dict[str, Any]:
    upload = request.FILES.get("file")
    if upload is None:
        raise RuleError("file_missing", _("Please choose a file."), field="file")
    if (upload.size or 0) > MOST_BYTES:
        raise TooLarge(
            "calendar_file_too_large",
            _("The file is larger than 1 MB. One year of dates is enough."),
        )
    return {"file_name": upload.name or "", "data": upload.read()}


@require_http_methods(["GET", "HEAD", "POST"])
def dates_compare(request: HttpRequest, pk: int) -> HttpResponse:
    """The file beside the calendar; taking it over is the same page's button."""
    grants = access.require(request.user, MANAGE_SETTINGS)
    row = dates_import.load_import(pk)
    refusal: RuleError | None = None
    if request.method == "POST":
        try:
            done = dates_import.apply_dates(
                actor=actor_of_request(request),
                grants=grants,
                import_id=pk,
                version=_number(request.POST.get("version")),
                source=request.POST.get("source", ""),
                is_complete=request.POST.get("complete") == "1",
                remove=_days(request.POST.getlist("remove")),
                recount=request.POST.get("recount") == "1",
            )
        except NotFound:
            raise
        except RuleError as error:
            refusal = error
            row = dates_import.load_import(pk)
        else:
            messages.success(
                request,
                _("%(year)d: %(added)d dates added, %(changed)d changed, %(removed)d taken out.")
                % {
                    "year": row.year,
                    "added": done.added,
                    "changed": done.changed,
                    "removed": done.removed,
                },
            )
            return redirect(f"{reverse('web:calendar', args=[row.calendar_id])}?year={row.year}")
    return _comparison(request, row, refusal)


def _comparison(request: HttpRequest, row: DatesImport, refusal: RuleError | None) -> HttpResponse:
    changes = [] if row.applied_at else dates_import.changes_of(row)
    counts = {change.value: sum(one.change is change for one in changes) for change in Change}
    context = {
        "row": row,
        "calendar": row.calendar,
        "refusal": refusal,
        "counts": counts,
        "lines": [_line(one, row.year) for one in changes],
        "source": request.POST.get("source", row.source),
        "is_complete": request.POST.get("complete") == "1",
        "recount": request.method != "POST" or request.POST.get("recount") == "1",
        "removed": set(request.POST.getlist("remove")),
        "can_apply": not row.applied_at and not row.faults and bool(row.dates),
    }
    status = refusal.status if refusal else 200
    return render(request, "web/calendar_dates_compare.html", context, status=status)


def _line(one: DateChange, year: int) -> dict[str, Any]:
    is_new = one.change in (Change.ADDED, Change.CHANGED)
    return {
        "change": one.change.value,
        "day": one.day,
        "weekday": WEEKDAYS[one.day.weekday()],
        "is_off": one.after.kind is DateKind.HOLIDAY,
        "now": _rule_words(one.after),
        "before": _rule_words(one.before) if is_new and one.before is not None else "",
        "is_of_year_before": one.day.year != year,
    }


def _rule_words(rule: DateRule) -> str:
    kind = str(dict(KINDS)[rule.kind.value])
    hours = hours_text(rule.windows) if rule.windows else ""
    return " · ".join(part for part in (rule.label, kind, hours) if part)


@require_POST
def dates_discard(request: HttpRequest, pk: int) -> HttpResponse:
    grants = access.require(request.user, MANAGE_SETTINGS)
    calendar = dates_import.discard_dates(
        actor=actor_of_request(request), grants=grants, import_id=pk
    )
    messages.success(request, _("The file is put aside; the calendar is as it was."))
    return redirect("web:calendar", calendar.pk)


@require_GET
def dates_template(request: HttpRequest) -> HttpResponseBase:
    access.require(request.user, MANAGE_SETTINGS)
    year = clock.today().year + 1
    file = tempfile.TemporaryFile()  # noqa: SIM115  (closed by the response)
    write_dates_template(file, year)
    return workbook(file, _("Days off %(year)d – template.xlsx") % {"year": year})


@require_POST
def dates_export(request: HttpRequest, pk: int, year: int) -> HttpResponseBase:
    grants = access.require_any(request.user, "cases.view", MANAGE_SETTINGS)
    file_format = request.POST.get("format", "")
    try:
        rows = begin_dates_export(
            actor=actor_of_request(request),
            grants=grants,
            calendar_id=pk,
            year=year,
            file_format=file_format,
        )
    except NotFound:
        raise
    except RuleError as error:
        messages.error(request, str(error))
        return redirect(f"{reverse('web:calendar', args=[pk])}?year={year}")
    name = _("Days off %(year)d.%(format)s") % {"year": year, "format": file_format}
    if file_format == "json":
        answer = HttpResponse(dates_as_json(rows, year), content_type="application/json")
        answer.headers["Content-Disposition"] = content_disposition_header(True, name) or ""
        return answer
    file = tempfile.TemporaryFile()  # noqa: SIM115  (closed by the response)
    write_dates_table(rows, file)
    return workbook(file, name)


def workbook(file: Any, name: str) -> HttpResponseBase:
    file.seek(0)
    answer = FileResponse(file, content_type=XLSX)
    answer.headers["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    return answer


def _number(text: str | None) -> int:
    """The version the comparison was shown with; -1, which none has, for anything else."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 20 else -1


def _days(texts: list[str]) -> list[date]:
    days = []
    for text in texts:
        try:
            days.append(date.fromisoformat(text))
        except ValueError:
            continue
    return days


urlpatterns = [
    path("settings/calendars/template/", dates_template, name="calendar-template"),
    path("settings/calendars/<int:pk>/import/", dates_send, name="calendar-import-new"),
    path("settings/calendars/imports/<int:pk>/", dates_compare, name="calendar-import"),
    path(
        "settings/calendars/imports/<int:pk>/discard/",
        dates_discard,
        name="calendar-import-discard",
    ),
    path(
        "settings/calendars/<int:pk>/years/<int:year>/export/",
        dates_export,
        name="calendar-export",
    ),
]
