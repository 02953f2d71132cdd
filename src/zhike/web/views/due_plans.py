"""Service time plans: how long what may take, for whom; everybody on the desk reads, some change them."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhike.accounts.grants import actor_of_request
from zhike.accounts.permissions import MANAGE_SETTINGS
from zhike.core import access
from zhike.core.access import Grants
from zhike.core.calendar import Unit, selectors
from zhike.core.calendar import plan_services as plans
from zhike.core.calendar.plan_book import Plan, load_plans
from zhike.core.calendar.plan_keys import ORDER, labels_of_keys, plan_key
from zhike.core.calendar.plan_services import PlanTerms
from zhike.core.calendar.recounts import (
    PlanScope,
    Touched,
    latest_recounts,
    recount_everything,
    touched_by,
)
from zhike.core.calendar.why import amount_text
from zhike.core.errors import NotFound, RuleError
from zhike.core.models import DuePlan, DuePurpose
from zhike.web.due_plan_forms import FIELD_OF, KeysForm, PlanForm

# The rules bind everybody who works on cases, so all of them may read them.
READ = "cases.view"


@dataclass(frozen=True)
class PlanLine:
    """One plan as a table shows it; `parts` are the labels of whom it is for, in the order that counts."""

    plan_id: int | None
    name: str
    parts: Sequence[str]
    within: str
    calendar: str
    warn: str
    source: str
    why: str = ""


@require_safe
def due_plans(request: HttpRequest) -> HttpResponse:
    grants = access.require_any(request.user, READ, MANAGE_SETTINGS)
    rows = [row.row for row in selectors.all_plans()]
    labels = labels_of_keys()
    groups = [
        (DuePurpose(purpose).label, [_line_of_row(row, labels) for row in group])
        for purpose, group in groupby(rows, key=lambda row: row.purpose)
    ]
    ask = KeysForm(request.GET if "purpose" in request.GET else None)
    context = {
        "groups": groups,
        "count": len(rows),
        "ask": ask,
        "ranked": _ranked(ask, labels) if ask.is_bound and ask.is_valid() else None,
        "can_manage": grants.allows(MANAGE_SETTINGS),
        "recounts": latest_recounts() if grants.allows(MANAGE_SETTINGS) else [],
    }
    return render(request, "web/due_plans.html", context)


def _line_of_row(row: DuePlan, labels: dict[str, dict[str, str]]) -> PlanLine:
    return PlanLine(
        plan_id=row.pk,
        name=row.name,
        parts=_parts(row, labels),
        within=amount_text(row.amount, Unit(row.unit)),
        calendar=row.calendar.name if row.calendar is not None else "",
        warn=f"{row.warn_percent}%",
        source=_source(row),
    )


def _source(row: DuePlan | Plan) -> str:
    dated = f"{row.source_on:%Y-%m-%d}" if row.source_on else ""
    return " · ".join(part for part in (row.source, dated) if part)


def _parts(plan: DuePlan | Plan, labels: dict[str, dict[str, str]]) -> list[str]:
    """Labels of the keys it names. What is gone meanwhile is shown by its code."""
    found = []
    for key in ORDER:
        value = getattr(plan, key)
        if value not in ("", None):
            found.append(labels[key].get(str(value), str(value)).strip())
    return found


def _ranked(ask: KeysForm, labels: dict[str, dict[str, str]]) -> list[PlanLine]:
    """All plans that fit the question, the one that counts first, each with the reason for its place."""
    given = ask.cleaned_data
    book = load_plans()
    fitting = book.ranked(
        given["purpose"], given["subject"], given["tier"], given["channel"], given["org_unit"]
    )
    return [
        PlanLine(
            plan_id=plan.plan_id,
            name=plan.name,
            parts=_parts(plan, labels),
            within=amount_text(plan.amount, plan.unit),
            calendar=(plan.schedule or book.calendars.schedule(given["org_unit"])).name,
            warn=f"{plan.warn_percent}%",
            source=_source(plan),
            why=_why(plan),
        )
        for plan in fitting
    ]


def _why(plan: Plan) -> str:
    named = [str(plan_key(key).label) for key in ORDER if getattr(plan, key) not in ("", None)]
    if not named:
        return _("for everything, so it counts only where no other fits")
    return _("made for this %(keys)s") % {"keys": _(", ").join(named)}


@require_http_methods(["GET", "HEAD", "POST"])
def due_plan_add(request: HttpRequest) -> HttpResponse:
    grants = access.require(request.user, MANAGE_SETTINGS)
    form = _form(request, {"warn_percent": 75, **_known_keys(request)})
    if request.method == "POST" and form.is_valid():
        return _save(request, grants, form, None)
    return _form_page(request, form, None)


@require_http_methods(["GET", "HEAD", "POST"])
def due_plan(request: HttpRequest, pk: int) -> HttpResponse:
    grants = access.require(request.user, MANAGE_SETTINGS)
    plan = selectors.load_plan(pk)
    form = _form(request, PlanForm.initial_of(plan))
    form.fields["purpose"].disabled = True
    if request.method == "POST" and form.is_valid():
        return _save(request, grants, form, plan)
    return _form_page(request, form, plan)


def _known_keys(request: HttpRequest) -> dict[str, str]:
    """From a link of the list: a plan for exactly what was asked about."""
    return {name: request.GET.get(name, "") for name in ("purpose", *ORDER)}


def _form(request: HttpRequest, initial: dict[str, Any]) -> PlanForm:
    posted = request.POST if request.method == "POST" else None
    return PlanForm(posted, initial=initial, calendars=selectors.all_calendars())


def _save(
    request: HttpRequest, grants: Grants, form: PlanForm, plan: DuePlan | None
) -> HttpResponse:
    """First what it touches is shown, if it touches anything; then it is saved."""
    terms = form.terms()
    try:
        touched = _touched(plan, plans.checked(terms))
        seal = hashlib.sha256(repr(terms).encode()).hexdigest()[:16]
        if any(one.n for one in touched) and request.POST.get("seen") != seal:
            return _form_page(request, form, plan, touched=touched, seal=seal)
        actor = actor_of_request(request)
        if plan is None:
            plan = plans.add_plan(actor=actor, grants=grants, terms=terms)
        else:
            plan = plans.change_plan(actor=actor, grants=grants, plan_id=plan.pk, terms=terms)
    except RuleError as error:
        if isinstance(error, NotFound):
            raise
        name = FIELD_OF.get(error.field, error.field)
        form.add_error(name if name in form.fields else None, str(error))
        return _form_page(request, form, plan, status=error.status)
    messages.success(request, _("“%(name)s” is saved.") % {"name": plan.name})
    return redirect("web:due-plans")


def _touched(plan: DuePlan | None, terms: PlanTerms) -> list[Touched]:
    if plan is None:
        return touched_by(terms.purpose, (terms.scope,))
    before = plans.terms_of(plan)
    if not plans.moves_due_times(before, terms):
        return []
    return touched_by(terms.purpose, plans.scopes_of(before, terms))


def _form_page(
    request: HttpRequest,
    form: PlanForm,
    plan: DuePlan | None,
    *,
    touched: Sequence[Touched] = (),
    seal: str = "",
    status: int | None = None,
) -> HttpResponse:
    context = {"form": form, "plan": plan, "touched": [t for t in touched if t.n], "seal": seal}
    status = status or (422 if form.errors else 200)
    return render(request, "web/due_plan.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def due_plan_remove(request: HttpRequest, pk: int) -> HttpResponse:
    grants = access.require(request.user, MANAGE_SETTINGS)
    plan = selectors.load_plan(pk)
    if request.method == "POST":
        plans.remove_plan(actor=actor_of_request(request), grants=grants, plan_id=pk)
        messages.success(request, _("“%(name)s” is removed.") % {"name": plan.name})
        return redirect("web:due-plans")
    scope = PlanScope(plan.subject, plan.tier, plan.channel, plan.org_unit)
    book = load_plans()
    next_one = [
        other
        for other in book.ranked(plan.purpose, plan.subject, plan.tier, plan.channel, plan.org_unit)
        if other.plan_id != pk
    ]
    context = {
        "plan": plan,
        "line": _line_of_row(plan, labels_of_keys()),
        "touched": [t for t in touched_by(plan.purpose, (scope,)) if t.n],
        "next_one": next_one[0] if next_one else None,
    }
    return render(request, "web/due_plan_remove.html", context)


@require_POST
def due_plans_recount(request: HttpRequest) -> HttpResponse:
    grants = access.require(request.user, MANAGE_SETTINGS)
    recount_everything(actor=actor_of_request(request), grants=grants)
    messages.success(request, _("Everything still open is being recounted by the rules of today."))
    return redirect("web:due-plans")


urlpatterns = [
    path("settings/due-plans/", due_plans, name="due-plans"),
    path("settings/due-plans/new/", due_plan_add, name="due-plan-add"),
    path("settings/due-plans/recount/", due_plans_recount, name="due-plans-recount"),
    path("settings/due-plans/<int:pk>/", due_plan, name="due-plan"),
    path("settings/due-plans/<int:pk>/remove/", due_plan_remove, name="due-plan-remove"),
]
