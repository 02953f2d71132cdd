"""Customers' words: the list, one of them, and what can become of it."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from zhike.accounts.grants import actor_of_request
from zhike.core import access
from zhike.core.access import Grants
from zhike.core.errors import Conflict, RuleError
from zhike.core.exporter import KINDS as EXPORT_KINDS
from zhike.core.exporter.pages import export_page
from zhike.core.models import ImportRun
from zhike.customers.permissions import TEXT, may_reveal
from zhike.customers.selectors import visible_customers
from zhike.desk.models import CaseType
from zhike.desk.permissions import CREATE
from zhike.listening import services
from zhike.listening.forms import CaseForm, CustomerForm, FeedbackForm
from zhike.listening.lists import FEEDBACK
from zhike.listening.models import Feedback
from zhike.listening.permissions import EXPORT, MANAGE, VIEW
from zhike.listening.rules import LOW_RATIO, shown_rating
from zhike.listening.selectors import (
    counts_by_state,
    feedback_for_list,
    get_feedback,
    shown_text,
)


@require_GET
def feedback_list(request: HttpRequest) -> HttpResponse:
    grants = access.require(request.user, VIEW)

    def counts() -> dict[str, int]:
        known = counts_by_state(grants)
        return {
            "all": sum(known.values()),
            "heard": known.get("heard", 0),
            "case": known.get("case", 0),
        }

    return FEEDBACK.respond(
        request,
        feedback_for_list(grants),
        "listening/feedback_list.html",
        grants=grants,
        counts=counts,
        export_url=reverse("listening:export") if grants.allows(EXPORT) else "",
        extra={
            "can_manage": grants.allows(MANAGE),
            "can_import": grants.allows("imports.run") and grants.allows(MANAGE),
            "reveal": may_reveal(grants, TEXT),
        },
    )


@require_http_methods(["GET", "POST"])
def feedback_create(request: HttpRequest) -> HttpResponse:
    grants = access.require(request.user, MANAGE)
    form = FeedbackForm(request.POST or None, grants=grants)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            made = services.record_feedback(
                actor=actor_of_request(request),
                grants=grants,
                text=data["text"],
                unit_id=int(data["unit"]),
                rating=data["rating"],
                scale=data["scale"],
                said_on=data["said_on"],
                source=data["source"],
            )
        except RuleError as error:
            if error.status != 422:
                raise
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            messages.success(request, _("The customer's words are kept."))
            return redirect("listening:detail", made.pk)
    status = 422 if request.method == "POST" else 200
    return render(request, "listening/feedback_form.html", {"form": form}, status=status)


@require_http_methods(["GET", "POST"])
def feedback_export(request: HttpRequest) -> HttpResponseBase:
    grants = access.require(request.user, EXPORT)
    kind = EXPORT_KINDS.get("feedback")
    assert kind is not None
    return export_page(
        request,
        kind,
        FEEDBACK,
        grants=grants,
        actor=actor_of_request(request),
        list_url=reverse("listening:list"),
    )


@require_GET
def feedback_detail(request: HttpRequest, pk: int) -> HttpResponse:
    grants = access.require(request.user, VIEW)
    return _detail(request, grants, get_feedback(grants, pk))


def _detail(
    request: HttpRequest,
    grants: Grants,
    row: Feedback,
    *,
    case_form: CaseForm | None = None,
    customer_form: CustomerForm | None = None,
) -> HttpResponse:
    refused = case_form is not None or customer_form is not None
    run = (
        ImportRun.objects.filter(pk=row.import_run_id).only("id", "file_name", "actor_id").first()
        if row.import_run_id is not None
        else None
    )
    context = {
        "row": row,
        "text": shown_text(row, grants),
        "rating": shown_rating(row.rating, row.rating_max),
        "is_low": row.rating_ratio is not None and row.rating_ratio < LOW_RATIO,
        "run": run,
        "is_own_run": run is not None and run.actor_id == grants.user_id,
        "can_open": row.customer_id is not None
        and visible_customers(grants).filter(pk=row.customer_id).exists(),
        "can_turn": grants.allows(MANAGE) and grants.allows(CREATE) and row.case_id is None,
        "can_name": grants.allows(MANAGE)
        and grants.allows("customers.edit")
        and row.case_id is None,
        "case_form": case_form or CaseForm(types=_types(), initial={"type": _likely(row)}),
        "customer_form": customer_form or CustomerForm(),
    }
    return render(
        request, "listening/feedback_detail.html", context, status=422 if refused else 200
    )


def _likely(row: Feedback) -> str:
    """Low ratings are complaints more often than not; somebody chooses all the same."""
    return (
        "complaint" if row.rating_ratio is not None and row.rating_ratio < LOW_RATIO else "inquiry"
    )


def _types() -> list[tuple[str, Any]]:
    return [(kind.code, kind.label) for kind in CaseType.objects.filter(is_active=True)]


@require_POST
def feedback_case(request: HttpRequest, pk: int) -> HttpResponse:
    grants = access.require(request.user, MANAGE)
    grants.require(CREATE)
    row = get_feedback(grants, pk)
    form = CaseForm(request.POST, types=_types())
    if form.is_valid():
        try:
            case = services.turn_into_case(
                actor=actor_of_request(request),
                grants=grants,
                feedback_id=pk,
                type_code=form.cleaned_data["type"],
                title=form.cleaned_data["title"],
                kept=form.kept,
            )
        except Conflict as conflict:
            messages.warning(request, str(conflict))
            return redirect("listening:detail", pk)
        except RuleError as error:
            if error.status != 422:
                raise
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            messages.success(
                request, _("Case %(number)s is opened with these words.") % {"number": case.number}
            )
            return redirect("desk:case", case.number)
    return _detail(request, grants, row, case_form=form)


@require_POST
def feedback_customer(request: HttpRequest, pk: int) -> HttpResponse:
    grants = access.require(request.user, MANAGE)
    grants.require("customers.edit")
    row = get_feedback(grants, pk)
    form = CustomerForm(request.POST)
    if form.is_valid():
        try:
            named = services.name_customer(
                actor=actor_of_request(request),
                grants=grants,
                feedback_id=pk,
                phone=form.cleaned_data["phone"],
                name=form.cleaned_data["name"],
            )
        except RuleError as error:
            if error.status not in (409, 422):
                raise
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            name = named.customer.name if named.customer else ""
            messages.success(request, _("These words are %(name)s's.") % {"name": name})
            return redirect("listening:detail", pk)
    return _detail(request, grants, row, customer_form=form)
