"""One request: taken in, checked, answered. Each button is one service."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhike.accounts.grants import actor_of_request
from zhike.core import access
from zhike.core.access import Grants
from zhike.core.errors import Forbidden, NotFound, RuleError
from zhike.core.exporter import register
from zhike.core.exporter.pages import answer as send
from zhike.customers.contact_policy import latest_consents
from zhike.customers.labels import field_label
from zhike.customers.models import ChangeRow, ConsentPurpose, CustomFieldDefinition
from zhike.customers.permissions import EDIT, ERASE, REVEAL
from zhike.customers.selectors import get_customer, visible_customers
from zhike.customers.services.erasing import preview_erasure
from zhike.privacy import services
from zhike.privacy.choices import Kind, State, StepKind
from zhike.privacy.forms import (
    AnswerForm,
    IdentityForm,
    RefuseForm,
    TakeBackForm,
    TakeInForm,
    WithdrawForm,
)
from zhike.privacy.models import DataRequest
from zhike.privacy.permissions import HANDLE, TAKE
from zhike.privacy.rules import EVIDENCE
from zhike.privacy.selectors import changes_since, get_request, opened, steps_of, why_due

Form = forms.Form


@require_http_methods(["GET", "HEAD", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    grants = access.require(request.user, TAKE)
    asked = request.GET.get("customer", "")
    if not (asked.isascii() and asked.isdigit() and len(asked) < 19):
        raise NotFound()
    customer = get_customer(grants, int(asked))
    form = TakeInForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = services.take_in(
                actor=actor_of_request(request),
                grants=grants,
                customer_id=customer.pk,
                **form.cleaned_data,
            )
        except NotFound:
            raise
        except RuleError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            messages.success(request, _("The request is taken in. Next: check who asks."))
            return redirect("privacy:request", made.number)
    return render(
        request,
        "privacy/request_form.html",
        {"form": form, "customer": customer},
        status=422 if request.method == "POST" else 200,
    )


@require_safe
def request_page(request: HttpRequest, number: str) -> HttpResponse:
    grants = access.grants_of(request.user)
    return _page(request, grants, get_request(grants, number))


def _page(
    request: HttpRequest,
    grants: Grants,
    row: DataRequest,
    refused: tuple[str, Form] | None = None,
    problem: str = "",
) -> HttpResponse:
    status = 422 if refused or problem else 200
    context = _shown(grants, row) | {"problem": problem}
    if row.is_open:
        context |= _forms(grants, row)
    if refused is not None:
        context[f"{refused[0]}_form"] = refused[1]
    return render(request, "privacy/request.html", context, status=status)


def _shown(grants: Grants, row: DataRequest) -> dict[str, Any]:
    can_handle = grants.allows(HANDLE)
    return {
        "row": row,
        "customer": row.customer,
        "sees_file": visible_customers(grants).filter(pk=row.customer_id).exists(),
        "wish": opened(row.wish_sealed),
        "told": opened(row.answer_sealed),
        "steps": steps_of(row),
        "changes": _changes(row),
        "why": why_due(row),
        "can_handle": can_handle,
        "can_take_back": row.is_open and grants.allows(TAKE),
        "can_reveal": grants.allows(REVEAL),
        "can_erase": grants.allows(ERASE),
    }


def _changes(row: DataRequest) -> list[tuple[Any, ChangeRow]]:
    found = changes_since(row)
    own = dict(CustomFieldDefinition.objects.values_list("code", "label")) if found else {}
    return [(field_label(one.field, own), one) for one in found]


def _forms(grants: Grants, row: DataRequest) -> dict[str, Any]:
    """What can be done next, in this state, for this kind."""
    found: dict[str, Any] = {"take_back_form": TakeBackForm(auto_id="back_%s")}
    if not grants.allows(HANDLE):
        return found
    found["refuse_form"] = RefuseForm(auto_id="refuse_%s")
    if row.state == State.RECEIVED:
        return found | {"identity_form": IdentityForm(auto_id="who_%s")}
    wanted = EVIDENCE[Kind(row.kind)]
    if wanted is StepKind.ERASED:
        if grants.allows(ERASE) and row.customer.in_use:
            found["preview"] = preview_erasure(grants=grants, customer_id=row.customer_id)
        return found
    found["complete_form"] = AnswerForm(auto_id="done_%s")
    if wanted is StepKind.CONSENT:
        purposes = list(ConsentPurpose.objects.all())
        said = latest_consents([row.customer_id]).get(row.customer_id, {})
        given = [one.code for one in purposes if one.pk in said and said[one.pk].is_given]
        found["withdraw_form"] = WithdrawForm(purposes=purposes, initial={"purposes": given})
    found["asks_for_copy"] = wanted is StepKind.PACKAGE
    found["asks_for_change"] = row.kind == Kind.CORRECT
    return found


def _step(
    request: HttpRequest,
    number: str,
    name: str,
    form: Form | None,
    act: Callable[[dict[str, Any], dict[str, Any]], object],
    said: str,
    permission: str = HANDLE,
) -> HttpResponse:
    """One step; what was wrong stands on the page, with nothing written."""
    grants = access.require(request.user, permission)
    row = get_request(grants, number)
    caller = {"actor": actor_of_request(request), "grants": grants, "number": row.number}
    if form is not None and not form.is_valid():
        return _page(request, grants, row, (name, form))
    try:
        act(caller, form.cleaned_data if form is not None else {})
    except (NotFound, Forbidden):
        raise
    except RuleError as error:
        return _page(request, grants, get_request(grants, number), problem=str(error))
    messages.success(request, said)
    return redirect("privacy:request", row.number)


@require_POST
def identity(request: HttpRequest, number: str) -> HttpResponse:
    return _step(
        request,
        number,
        "identity",
        IdentityForm(request.POST),
        lambda caller, data: services.check_identity(**caller, **data),
        _("Noted. Now the request can be answered."),
    )


@require_POST
def consents(request: HttpRequest, number: str) -> HttpResponse:
    access.require(request.user, EDIT)
    return _step(
        request,
        number,
        "withdraw",
        WithdrawForm(request.POST, purposes=ConsentPurpose.objects.all()),
        lambda caller, data: services.withdraw_consents(**caller, **data),
        _("The refusals stand in the ledger."),
    )


@require_POST
def erase(request: HttpRequest, number: str) -> HttpResponse:
    return _step(
        request,
        number,
        "erase",
        None,
        lambda caller, data: services.erase(**caller),
        _("The person is erased, and the request is done."),
    )


@require_POST
def complete(request: HttpRequest, number: str) -> HttpResponse:
    return _step(
        request,
        number,
        "complete",
        AnswerForm(request.POST),
        lambda caller, data: services.complete(**caller, **data),
        _("The request is done."),
    )


@require_POST
def refuse(request: HttpRequest, number: str) -> HttpResponse:
    return _step(
        request,
        number,
        "refuse",
        RefuseForm(request.POST),
        lambda caller, data: services.refuse(**caller, **data),
        _("The refusal is noted with its reason."),
    )


@require_POST
def take_back(request: HttpRequest, number: str) -> HttpResponse:
    return _step(
        request,
        number,
        "take_back",
        TakeBackForm(request.POST),
        lambda caller, data: services.take_back(**caller, **data),
        _("The request is closed: the person no longer asks."),
        permission=TAKE,
    )


@require_POST
def package(request: HttpRequest, number: str) -> HttpResponseBase:
    grants = access.require(request.user, HANDLE)
    row = get_request(grants, number)
    try:
        run, chunks = services.make_package(
            actor=actor_of_request(request), grants=grants, number=row.number
        )
    except (NotFound, Forbidden):
        raise
    except RuleError as error:
        return _page(request, grants, get_request(grants, number), problem=str(error))
    return send(register.file_name(run), chunks, run)
