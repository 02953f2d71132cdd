"""The register of reference values: the list, one of them, out and in of use."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhike.accounts.grants import actor_of_request
from zhike.core import access
from zhike.core.access import Grants
from zhike.core.errors import Conflict, RuleError
from zhike.core.exporter import KINDS as EXPORT_KINDS
from zhike.core.exporter.pages import export_page
from zhike.reference import services
from zhike.reference.forms import ValueForm, proposals, shown_fields
from zhike.reference.lists import VALUES
from zhike.reference.models import ReferenceValue
from zhike.reference.permissions import MANAGE, VIEW
from zhike.reference.selectors import beside, contested, get_value, visible_values


@require_safe
def value_list(request: HttpRequest) -> HttpResponse:
    grants = access.require(request.user, VIEW)
    can_manage = grants.allows(MANAGE)
    return VALUES.respond(
        request,
        visible_values(grants),
        "reference/value_list.html",
        grants=grants,
        counts=lambda: _counts(grants),
        export_url=reverse("reference:export"),
        extra={
            "can_manage": can_manage,
            "can_import": can_manage and grants.allows("imports.run"),
        },
    )


def _counts(grants: Grants) -> dict[str, int]:
    # A register of some dozen rows: counted as it stands.
    rows = visible_values(grants)
    ended = rows.filter(ended_at__isnull=False).count()
    return {"use": rows.count() - ended, "contested": contested(rows).count(), "ended": ended}


@require_http_methods(["GET", "HEAD", "POST"])
def value_add(request: HttpRequest) -> HttpResponse:
    grants = access.require(request.user, MANAGE)
    form = ValueForm(request.POST if request.method == "POST" else None, initial={"unit": "%"})
    if request.method != "POST":
        return _page(request, grants, None, form)
    return _keep(request, grants, form, None)


@require_http_methods(["GET", "HEAD", "POST"])
def value(request: HttpRequest, pk: int) -> HttpResponse:
    """One value beside what others say of the same; editable for whoever keeps the register."""
    grants = access.require(request.user, VIEW)
    if request.method == "POST":
        grants.require(MANAGE)
    row = get_value(grants, pk)
    built_in = {"has_own_words": bool(row.code)}
    if request.method == "POST":
        return _keep(request, grants, ValueForm(request.POST, **built_in), row)
    form = None
    if grants.allows(MANAGE):
        form = ValueForm(initial=shown_fields(row), **built_in)
    return _page(request, grants, row, form)


def _keep(
    request: HttpRequest, grants: Grants, form: ValueForm, row: ReferenceValue | None
) -> HttpResponse:
    if not form.is_valid():
        return _page(request, grants, row, form, status=422)
    acting: dict[str, Any] = {"actor": actor_of_request(request), "grants": grants}
    try:
        if row is None:
            kept = services.add_value(**acting, given=form.given())
        else:
            kept = services.change_value(**acting, value_id=row.pk, given=form.given())
    except RuleError as error:
        if error.status not in (409, 422):
            raise
        form.add_error(error.field if error.field in form.fields else None, str(error))
        return _page(request, grants, row, form, status=error.status)
    messages.success(request, _("“%(name)s” is kept.") % {"name": kept.label})
    return redirect("reference:list")


def _page(
    request: HttpRequest,
    grants: Grants,
    row: ReferenceValue | None,
    form: ValueForm | None,
    status: int = 200,
) -> HttpResponse:
    others = beside(grants, row.measure, leaving_out=row.pk) if row else []
    context = {
        "row": row,
        "form": form,
        "lists": proposals() if form else {},
        "others": others,
        "can_manage": grants.allows(MANAGE),
    }
    return render(request, "reference/value_form.html", context, status=status)


@require_POST
def value_switch(request: HttpRequest, pk: int) -> HttpResponse:
    grants = access.require(request.user, MANAGE)
    is_in_use = request.POST.get("in_use") == "1"
    try:
        row = services.switch_value(
            actor=actor_of_request(request), grants=grants, value_id=pk, is_in_use=is_in_use
        )
    except Conflict as conflict:
        messages.warning(request, str(conflict))
        return redirect("reference:value", pk)
    words = _("“%(name)s” is in use again.") if is_in_use else _("“%(name)s” is ended.")
    messages.success(request, words % {"name": row.label})
    return redirect("reference:list")


@require_http_methods(["GET", "POST"])
def value_export(request: HttpRequest) -> HttpResponseBase:
    grants = access.require(request.user, VIEW)
    kind = EXPORT_KINDS.get("reference")
    assert kind is not None
    return export_page(
        request,
        kind,
        VALUES,
        grants=grants,
        actor=actor_of_request(request),
        list_url=reverse("reference:list"),
    )
