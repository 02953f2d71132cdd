"""Remedies: proposing, carrying out and calling off on a case; the ledger; the limits of roles."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhike.accounts.grants import actor_of_request
from zhike.complaints.choices import REMEDY_OPEN, RemedyState
from zhike.complaints.forms_remedies import CarryOutForm, EndForm, LimitForm, ProposeForm
from zhike.complaints.models import Remedy
from zhike.complaints.money import typed, written
from zhike.complaints.remedy_export import RemedyExport
from zhike.complaints.remedy_lists import REMEDIES
from zhike.complaints.remedy_page import STATE_LOOKS
from zhike.complaints.selectors.limits import allowance, deciders, role_limits
from zhike.complaints.selectors.remedies import (
    MOST_COUNTED,
    remedies_for_list,
    remedy_of,
    totals_of,
)
from zhike.complaints.services import limits, remedies
from zhike.core import access, clock
from zhike.core.access import Grants
from zhike.core.errors import NotFound, RuleError
from zhike.core.exporter.pages import export_page
from zhike.core.files.store import store_file
from zhike.core.listing import capped_count
from zhike.desk.file_field import status_of
from zhike.desk.models import Case
from zhike.desk.permissions import EXPORT, VIEW, WORK
from zhike.desk.selectors.page import case_for_page
from zhike.desk.services.attaching import NewFile
from zhike.desk.views.parts import FormPage, show_form, show_refusal

# How services call an input that is named otherwise on the form.
FIELDS = {"amount_cents": "amount", "cost_cents": "cost", "files": "file"}
# Without a stretch of days the ledger says what the last ones did cost.
SUMMED_DAYS = 30


# On a case


@require_http_methods(["GET", "HEAD", "POST"])
def propose(request: HttpRequest, number: str) -> HttpResponse:
    grants = access.require(request.user, WORK)
    case = case_for_page(grants, number)
    page = FormPage(
        title=_("Propose a remedy"),
        button=_("Propose"),
        url=reverse("remedies:propose", args=[case.number]),
        sentence=_limit_sentence(case, grants),
    )
    if request.method != "POST":
        return show_form(request, case, page, ProposeForm())
    form = ProposeForm(request.POST)
    if not form.is_valid():
        return show_form(request, case, page, form, status=422)
    data = form.cleaned_data
    try:
        made = remedies.propose_remedy(
            actor=actor_of_request(request),
            grants=grants,
            case_id=case.pk,
            kind=data["kind"],
            text=data["text"],
            amount_cents=data["amount"],
            why=data["why"],
            submit_key=data["once"],
            kept=form.kept,
        )
    except RuleError as error:
        return show_refusal(request, case, page, form, error, FIELDS)
    _tell_proposed(request, case, made.remedy)
    return redirect("desk:case", case.number)


def _limit_sentence(case: Case, grants: Grants) -> str:
    mine = allowance(case.pk, grants.user_id)
    return _(
        "You may decide up to %(limit)s for one case; %(used)s of this case are used. "
        "What goes above it, a supervisor decides."
    ) % {"limit": written(mine.limit), "used": written(mine.used)}


def _tell_proposed(request: HttpRequest, case: Case, remedy: Remedy) -> None:
    if remedy.state != RemedyState.FOR_APPROVAL:
        messages.success(request, _("Decided. Carry it out, then say what shows it."))
        return
    asked = deciders(case, remedy.approval.sum_cents or 0, leaving_out=(request.user.pk,))
    if asked:
        names = _(", ").join(user.name for user in asked[:3])
        messages.success(
            request, _("This is above your limit; %(names)s can decide.") % {"names": names}
        )
    else:
        messages.warning(
            request,
            _(
                "This is above your limit, and nobody who reaches this case may decide on so much. "
                "Please tell an administrator."
            ),
        )


@require_http_methods(["GET", "HEAD", "POST"])
def carry_out(request: HttpRequest, pk: int) -> HttpResponse:
    grants = access.require(request.user, WORK)
    remedy = remedy_of(grants, pk)
    page = FormPage(
        title=_("Carry out: %(what)s") % {"what": _named(remedy)},
        button=_("It is carried out"),
        url=reverse("remedies:carry-out", args=[pk]),
        sentence=remedy.text,
    )
    case = remedy.case
    if request.method != "POST":
        return show_form(request, case, page, CarryOutForm(initial={"cost": remedy.amount_cents}))
    form = CarryOutForm(request.POST, request.FILES)
    if not form.is_valid():
        return show_form(request, case, page, form, status=status_of(form))
    data = form.cleaned_data
    try:
        remedies.carry_out(
            actor=actor_of_request(request),
            grants=grants,
            remedy_id=pk,
            proof=data["proof"],
            cost_cents=data["cost"],
            files=[NewFile(store_file(file), file.name or "") for file in data["file"]],
            kept=form.kept,
        )
    except RuleError as error:
        return show_refusal(request, case, page, form, error, FIELDS)
    messages.success(request, _("Carried out; the customer's file says so too."))
    return redirect("desk:case", case.number)


def _named(remedy: Remedy) -> str:
    label = str(remedy.get_kind_display())
    return f"{label} {written(remedy.amount_cents)}" if remedy.amount_cents else label


@require_http_methods(["GET", "HEAD", "POST"])
def call_off(request: HttpRequest, pk: int) -> HttpResponse:
    grants = access.require(request.user, WORK)
    remedy = remedy_of(grants, pk)
    page = FormPage(
        title=_("Call off: %(what)s") % {"what": _named(remedy)},
        button=_("Call it off"),
        url=reverse("remedies:call-off", args=[pk]),
        sentence=remedy.text,
        danger=True,
    )
    case = remedy.case
    if request.method != "POST":
        return show_form(request, case, page, EndForm())
    form = EndForm(request.POST)
    if not form.is_valid():
        return show_form(request, case, page, form, status=422)
    try:
        remedies.call_off(
            actor=actor_of_request(request),
            grants=grants,
            remedy_id=pk,
            reason=form.cleaned_data["reason"],
            kept=form.kept,
        )
    except RuleError as error:
        return show_refusal(request, case, page, form, error, FIELDS)
    messages.success(request, _("Called off."))
    return redirect("desk:case", case.number)


# The ledger


@require_safe
def ledger(request: HttpRequest) -> HttpResponse:
    grants = access.require(request.user, VIEW)
    rows = remedies_for_list(grants)

    def counts() -> dict[str, Any]:
        """What is still to be decided or carried out; the rest is an archive."""
        return {
            tab.key: capped_count(tab.narrow(rows), MOST_COUNTED)
            for tab in REMEDIES.tabs
            if tab.narrow is not None and tab.key in REMEDY_OPEN
        }

    # A stretch that was asked for, else the last days: whole, whatever the ledger grows to.
    has_stretch = any(request.GET.get(name) for name in ("done", "proposed"))
    since = None if has_stretch else clock.now() - timedelta(days=SUMMED_DAYS)
    return REMEDIES.respond(
        request,
        rows,
        "complaints/remedies/ledger.html",
        grants=grants,
        counts=counts,
        export_url=reverse("remedies:export") if grants.allows(EXPORT) else "",
        extra={
            "totals": totals_of(REMEDIES.select(request.GET, rows, grants), since),
            "summed_days": SUMMED_DAYS if since else 0,
            "looks": {state.value: look for state, look in STATE_LOOKS.items()},
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
def export(request: HttpRequest) -> HttpResponseBase:
    grants = access.require(request.user, EXPORT)
    return export_page(
        request,
        RemedyExport(),
        REMEDIES,
        grants=grants,
        actor=actor_of_request(request),
        list_url=reverse("remedies:list"),
    )


# The limits of roles


@require_safe
def limit_page(request: HttpRequest) -> HttpResponse:
    access.require(request.user, limits.MANAGE_SETTINGS)
    return _limits(request)


def _limits(
    request: HttpRequest, wrong: dict[int, tuple[str, str]] | None = None, status: int = 200
) -> HttpResponse:
    wrong = wrong or {}
    rows = []
    for row in role_limits():
        value, error = wrong.get(row.role.pk, (typed(row.cents or 0), ""))
        rows.append({"role": row.role, "row": row, "value": value, "error": error})
    return render(request, "complaints/remedies/limits.html", {"rows": rows}, status=status)


@require_POST
def limit_change(request: HttpRequest, pk: int) -> HttpResponse:
    grants = access.require(request.user, limits.MANAGE_SETTINGS)
    form = LimitForm(request.POST)
    typed_value = request.POST.get("limit", "")[:20]
    if not form.is_valid():
        return _limits(request, {pk: (typed_value, str(form.errors["limit"][0]))}, 422)
    cents = form.cleaned_data["limit"]
    try:
        row = limits.set_limit(
            actor=actor_of_request(request), grants=grants, role_id=pk, limit_cents=cents
        )
    except NotFound:
        raise
    except RuleError as error:
        return _limits(request, {pk: (typed_value, str(error))}, error.status)
    messages.success(
        request,
        _("%(role)s may decide up to %(limit)s for one case.")
        % {"role": row.role.label, "limit": written(cents)},
    )
    return redirect("remedies:limits")
