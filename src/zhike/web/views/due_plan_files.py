"""All service time plans as a file, and a file of plans: looked at beside those there are, then taken over."""

import tempfile
from dataclasses import asdict, dataclass
from datetime import date

from django.contrib import messages
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from zhike.accounts.grants import actor_of_request
from zhike.accounts.permissions import MANAGE_SETTINGS
from zhike.core import access, clock
from zhike.core.calendar import Unit
from zhike.core.calendar.dates_diff import Change
from zhike.core.calendar.dates_file import MOST_BYTES
from zhike.core.calendar.plan_keys import ORDER, labels_of_keys
from zhike.core.calendar.plan_services import PlanTerms
from zhike.core.calendar.plans_file import LABELS, begin_plans_export, read_plans, write_plans
from zhike.core.calendar.plans_import import PlanChange, apply_plans, compare_plans
from zhike.core.calendar.selectors import all_calendars
from zhike.core.calendar.why import amount_text
from zhike.core.errors import RuleError, TooLarge
from zhike.core.models import DuePurpose
from zhike.web.views.calendar_dates import workbook

SALT = "core.due-plans-file"
# Between looking at a comparison and taking it over.
VALID_SECONDS = 24 * 3600


@dataclass(frozen=True)
class ChangeLine:
    """One plan of the comparison in words; `moved` are (column, before, after)."""

    change: str
    plan_id: int | None
    purpose: str
    parts: str
    within: str
    moved: list[tuple[str, str, str]]


@require_POST
def plans_export(request: HttpRequest) -> HttpResponseBase:
    grants = access.require(request.user, MANAGE_SETTINGS)
    plans = begin_plans_export(actor=actor_of_request(request), grants=grants)
    file = tempfile.TemporaryFile()  # noqa: SIM115  (closed by the response)
    write_plans(plans, file)
    name = _("Service time plans %(day)s.xlsx") % {"day": f"{clock.today():%Y-%m-%d}"}
    return workbook(file, name)


@require_http_methods(["GET", "HEAD", "POST"])
def plans_send(request: HttpRequest) -> HttpResponse:
    """Nothing is written: what was read goes along in the page, signed."""
    access.require(request.user, MANAGE_SETTINGS)
    if request.method != "POST":
        return render(request, "web/due_plans_send.html", {})
    try:
        upload = request.FILES.get("file")
        if upload is None:
            raise RuleError("file_missing", _("Please choose a file."), field="file")
        if (upload.size or 0) > MOST_BYTES:
            raise TooLarge("due_plan_file_too_large", _("The file is larger than 1 MB."))
        found = read_plans(upload.read())
    except RuleError as refusal:
        return _refused(request, refusal)
    compared = compare_plans(found.plans)
    name = " ".join((upload.name or "-").split())[:200]
    changes = compared.changes
    can_apply = not found.faults and bool(found.plans)
    context = {
        "file_name": name,
        "faults": found.faults,
        "counts": {one.value: sum(c.change is one for c in changes) for one in Change},
        "lines": _lines(changes),
        "packed": _pack(name, found.plans, compared.digest) if can_apply else "",
    }
    return render(
        request, "web/due_plans_compare.html", context, status=422 if found.faults else 200
    )


@require_POST
def plans_apply(request: HttpRequest) -> HttpResponse:
    grants = access.require(request.user, MANAGE_SETTINGS)
    try:
        name, plans, digest = _unpack(request.POST.get("packed", ""))
        done = apply_plans(
            actor=actor_of_request(request),
            grants=grants,
            file_name=name,
            plans=plans,
            digest=digest,
            remove={int(one) for one in request.POST.getlist("remove") if _is_id(one)},
        )
    except RuleError as refusal:
        return _refused(request, refusal)
    messages.success(
        request,
        _("%(added)d plans added, %(changed)d changed, %(removed)d removed.") % asdict(done),
    )
    return redirect("web:due-plans")


def _refused(request: HttpRequest, refusal: RuleError) -> HttpResponse:
    return render(request, "web/due_plans_send.html", {"refusal": refusal}, status=refusal.status)


def _pack(name: str, plans: tuple[PlanTerms, ...], digest: str) -> str:
    rows = [
        asdict(one) | {"source_on": one.source_on.isoformat() if one.source_on else None}
        for one in plans
    ]
    return signing.dumps([name, rows, digest], salt=SALT, compress=True)


def _unpack(packed: str) -> tuple[str, list[PlanTerms], str]:
    try:
        name, rows, digest = signing.loads(packed, salt=SALT, max_age=VALID_SECONDS)
    except signing.BadSignature as error:
        raise RuleError(
            "due_plan_file_gone",
            _("This comparison is no longer valid. Please send the file once more."),
        ) from error
    plans = [
        PlanTerms(
            **row
            | {"source_on": date.fromisoformat(row["source_on"]) if row["source_on"] else None}
        )
        for row in rows
    ]
    return name, plans, digest


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 19


def _lines(changes: tuple[PlanChange, ...]) -> list[ChangeLine]:
    """What is new or different first; what stays as it is last."""
    order = {change: place for place, change in enumerate(Change)}
    labels = labels_of_keys()
    calendars = {row.pk: row.name for row in all_calendars()}
    return [
        ChangeLine(
            change=one.change.value,
            plan_id=one.plan_id,
            purpose=str(DuePurpose(one.after.purpose).label),
            parts=_parts(one.after, labels),
            within=amount_text(one.after.amount, Unit(one.after.unit)),
            moved=_moved(one, calendars),
        )
        for one in sorted(changes, key=lambda one: order[one.change])
    ]


def _parts(terms: PlanTerms, labels: dict[str, dict[str, str]]) -> str:
    values = [(key, getattr(terms, key)) for key in ORDER]
    named = [labels[key].get(str(value), str(value)).strip() for key, value in values if value]
    return " · ".join(named) or _("All")


def _moved(one: PlanChange, calendars: dict[int, str]) -> list[tuple[str, str, str]]:
    if one.before is None:
        return []
    old, new = _shown(one.before, calendars), _shown(one.after, calendars)
    return [(name, old[name], new[name]) for name in old if old[name] != new[name]]


def _shown(terms: PlanTerms, calendars: dict[int, str]) -> dict[str, str]:
    """By the columns of the file; amount and unit are one."""
    hours = calendars.get(terms.calendar_id or 0, "") or _("Those of the unit it lies with")
    return {
        str(LABELS["amount"]): amount_text(terms.amount, Unit(terms.unit)),
        str(LABELS["calendar_id"]): hours,
        str(LABELS["warn_percent"]): f"{terms.warn_percent}%",
        str(LABELS["name"]): terms.name,
        str(LABELS["source"]): terms.source or "—",
        str(LABELS["source_on"]): f"{terms.source_on:%Y-%m-%d}" if terms.source_on else "—",
    }


urlpatterns = [
    path("settings/due-plans/export/", plans_export, name="due-plans-export"),
    path("settings/due-plans/import/", plans_send, name="due-plans-import"),
    path("settings/due-plans/import/apply/", plans_apply, name="due-plans-apply"),
]
