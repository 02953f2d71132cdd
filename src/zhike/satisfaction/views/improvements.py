"""Improvements: the list, one made of an item of an index, and what came of it."""

import secrets
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhike.accounts.grants import actor_of_request
from zhike.core import access, clock
from zhike.core.errors import Forbidden, NotFound, RuleError
from zhike.satisfaction import errors
from zhike.satisfaction.choices import ImprovementState
from zhike.satisfaction.forms_improvements import EndForm, PlanForm
from zhike.satisfaction.lists import IMPROVEMENTS
from zhike.satisfaction.models import Improvement
from zhike.satisfaction.permissions import MANAGE, VIEW
from zhike.satisfaction.selectors import get_improvement, get_run, get_system, improvements_for_list
from zhike.satisfaction.services import improvements as services


@require_safe
def improvement_list(request: HttpRequest) -> HttpResponse:
    grants = access.require(request.user, VIEW)
    return IMPROVEMENTS.respond(
        request,
        improvements_for_list(grants),
        "satisfaction/improvement_list.html",
        grants=grants,
        extra={"today": clock.today()},
    )


@require_http_methods(["GET", "HEAD", "POST"])
def improvement_new(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """?item= names the item of the index it is made of."""
    grants = access.require(request.user, MANAGE)
    system = get_system(grants, pk)
    run = get_run(system, number)
    part = request.GET.get("item", "")
    item = next(
        (
            i
            for i in (run.result or {}).get("items", [])
            if i["part"] == part and i["weight"] is not None
        ),
        None,
    )
    if item is None:
        raise errors.system_not_found()
    context: dict[str, Any] = {"system": system, "run": run, "item": item}
    if request.method != "POST":
        form = PlanForm(initial={"submit_key": secrets.token_hex(16)}, grants=grants)
        return _form_page(request, form, context)
    form = PlanForm(request.POST, grants=grants)
    if not form.is_valid():
        return _form_page(request, form, context, 422)
    try:
        made = services.plan_improvement(
            actor=actor_of_request(request),
            grants=grants,
            system_id=pk,
            number=number,
            part=part,
            plan=form.plan,
            kept=form.kept,
        )
    except RuleError as error:
        if isinstance(error, Forbidden | NotFound):
            raise
        form.refuse(error)
        return _form_page(request, form, context, error.status)
    messages.success(request, _("It is noted and stands in the day of whoever is responsible."))
    return redirect("satisfaction:improvement", made.pk)


def _form_page(
    request: HttpRequest, form: PlanForm, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    return render(
        request, "satisfaction/improvement_form.html", {**context, "form": form}, status=status
    )


@require_http_methods(["GET", "HEAD", "POST"])
def improvement_page(request: HttpRequest, pk: int) -> HttpResponse:
    """For who may see indexes, and for whoever is responsible. POST changes the plan."""
    grants = access.grants_of(request.user)
    row = get_improvement(grants, pk)
    if request.method != "POST":
        return _page(request, row, grants)
    grants.require(MANAGE)
    form = PlanForm(request.POST, grants=grants)
    if not form.is_valid():
        return _page(request, row, grants, plan=form, status=422)
    try:
        services.change_improvement(
            actor=actor_of_request(request),
            grants=grants,
            improvement_id=pk,
            plan=form.plan,
            kept=form.kept,
        )
    except RuleError as error:
        if isinstance(error, Forbidden | NotFound):
            raise
        form.refuse(error)
        return _page(request, row, grants, plan=form, status=error.status)
    messages.success(request, _("Changed."))
    return redirect("satisfaction:improvement", pk)


@require_POST
def improvement_end(request: HttpRequest, pk: int) -> HttpResponse:
    grants = access.grants_of(request.user)
    row = get_improvement(grants, pk)
    if row.responsible_id != grants.user_id:
        grants.require(MANAGE)
    form = EndForm(request.POST)
    if not form.is_valid():
        return _page(request, row, grants, end=form, status=422)
    try:
        services.end_improvement(
            actor=actor_of_request(request),
            grants=grants,
            improvement_id=pk,
            is_done=form.cleaned_data["is_done"] == "1",
            result=form.cleaned_data["result"],
            kept=form.kept,
        )
    except RuleError as error:
        if isinstance(error, Forbidden | NotFound):
            raise
        form.refuse(error)
        return _page(request, row, grants, end=form, status=error.status)
    messages.success(request, _("Closed. The next index shows the item before and after."))
    return redirect("satisfaction:improvement", pk)


def _page(
    request: HttpRequest,
    row: Improvement,
    grants: access.Grants,
    *,
    plan: PlanForm | None = None,
    end: EndForm | None = None,
    status: int = 200,
) -> HttpResponse:
    is_open = row.state == ImprovementState.OPEN
    can_manage = grants.allows(MANAGE)
    initial = {"what": row.what, "responsible": row.responsible_id, "due": row.due}
    context = {
        "row": row,
        "is_open": is_open,
        "is_overdue": is_open and row.due < clock.today(),
        "can_view": grants.allows(VIEW),
        "can_end": is_open and (can_manage or row.responsible_id == grants.user_id),
        "plan": (plan or PlanForm(initial=initial, grants=grants))
        if can_manage and is_open
        else None,
        "end": end or EndForm(),
    }
    return render(request, "satisfaction/improvement.html", context, status=status)
