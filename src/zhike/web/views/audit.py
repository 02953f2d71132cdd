"""Who did what, when and from where."""

import json
from typing import Any

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from zhike.accounts.grants import actor_of_request
from zhike.accounts.permissions import VIEW_AUDIT
from zhike.core import access, sealing
from zhike.core.access import NotFound
from zhike.core.listing import Choice, Column, DateRange, Keyword, Listing, Sort
from zhike.core.models import AuditCheck, AuditRow
from zhike.customers.permissions import sees_everything
from zhike.web.audit_faults import sentence_of
from zhike.web.audit_objects import ObjectNames
from zhike.web.audit_values import Change, Values
from zhike.web.audit_words import codes_saying
from zhike.web.services import audit as services

Rows = QuerySet[AuditRow]


def _by_word(rows: Any, text: str) -> Any:
    """By who, what or why. The log is read by period, so a scan of that period is enough."""
    return rows.filter(
        Q(actor_name__icontains=text)
        | Q(action__icontains=text)
        | Q(action__in=codes_saying(text))
        | Q(reason__icontains=text)
    )


AUDIT = Listing(
    "audit",
    columns=(
        Column("at", _("When"), always=True, sort="at"),
        Column("actor", _("Who")),
        Column("action", _("What")),
        Column("object", _("To what")),
        Column("reason", _("Why")),
        Column("from", _("From where")),
    ),
    filters=(
        Keyword("q", _("Who, what or why"), _by_word),
        DateRange("at", _("When"), field="at"),
        Choice(
            "kind",
            _("Who acted"),
            [("user", _("A person")), ("system", _("The system")), ("customer", _("A customer"))],
            field="actor_kind",
        ),
    ),
    sorts=(Sort("at", "at"),),
    default_sort="-at",
)


def audit_list(request: HttpRequest) -> HttpResponse:
    grants = access.require(request.user, VIEW_AUDIT)
    return AUDIT.respond(
        request,
        visible_rows(grants),
        "web/audit_list.html",
        grants=grants,
        extra={**_check_of(grants), "names": ObjectNames(grants)},
    )


def _check_of(grants: access.Grants) -> dict[str, Any]:
    """The last reading of the chain, for who may read the whole log."""
    if grants.unit_ids is not None:
        return {"check": None, "can_check": False}
    check = AuditCheck.objects.order_by("-pk").first()
    words = sentence_of(check.fault, check.fault_row) if check and check.fault else ""
    return {"check": check, "check_words": words, "can_check": True}


@require_POST
def audit_check(request: HttpRequest) -> HttpResponse:
    grants = access.require(request.user, VIEW_AUDIT)
    services.ask_for_check(actor=actor_of_request(request), grants=grants)
    messages.success(
        request, _("The log is being checked. Reload this page in a moment to see what was found.")
    )
    return redirect("web:audit")


def visible_rows(grants: access.Grants) -> Rows:
    """The rows of one's own units; those that belong to no unit need the whole company's scope."""
    rows = AuditRow.objects.all()
    return rows if grants.unit_ids is None else rows.filter(unit_id__in=grants.unit_ids)


def audit_row(request: HttpRequest, pk: int) -> HttpResponse:
    grants = access.require(request.user, VIEW_AUDIT)
    row = visible_rows(grants).filter(pk=pk).first()
    if row is None:
        raise NotFound()
    payload = _payload(row, grants)
    return render(
        request,
        "web/audit_row.html",
        {
            "row": row,
            "values": _values(row, payload or {}),
            "is_closed": payload is None,
            "reason": row.reason or (payload or {}).get("reason", ""),
            "named": ObjectNames(grants).of(row, [row]),
        },
    )


def _payload(row: AuditRow, grants: access.Grants) -> dict[str, Any] | None:
    """What was noted; None while it stays closed: sealed values need the right to reveal, and a key."""
    if not row.payload:
        return {}
    text = row.payload
    if row.subject_key_id is not None:
        if not sees_everything(grants):
            return None
        try:
            text = sealing.unseal(row.payload)
        except sealing.SealBroken:
            return None
    found: dict[str, Any] = json.loads(text)
    return found


def _values(row: AuditRow, payload: dict[str, Any]) -> list[Change]:
    before, after = payload.get("before") or {}, payload.get("after") or {}
    return Values(row.object_type, before, after).changes()
