"""A customer's page and the forms on it."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from zhike.accounts.grants import actor_of_request
from zhike.core import access
from zhike.core.errors import Conflict, NotFound, RuleError
from zhike.customers import services
from zhike.customers.cards import customer_card
from zhike.customers.choices import CustomerKind
from zhike.customers.duplicates import possible_duplicates
from zhike.customers.forms import (
    AddressForm,
    CustomerForm,
    IdentityForm,
    NeedForm,
    NeedOutcomeForm,
    PreferenceForm,
    StageForm,
    initial_of,
    split_tags,
)
from zhike.customers.labels import field_label, own_labels
from zhike.customers.models import Customer, Region
from zhike.customers.permissions import EDIT, VIEW
from zhike.customers.selectors import get_customer, merged_target, visible_customers
from zhike.customers.services.custom_fields import definitions_for
from zhike.customers.views.erasing import erased_page
from zhike.customers.views.filepage import file_context


def add_rule_error(form: forms.Form, error: RuleError) -> None:
    """Beside the field it belongs to, else above the form."""
    name = {
        "birth_day": "birthday",
        "birth_year": "birthday",
        "organisation_id": "organisation",
        "region_id": "region",
        "manager_id": "manager",
        "unit_id": "unit",
        "referrer_id": "referrer_phone",
    }.get(error.field, error.field.replace("custom.", "custom_"))
    if error.code == "identity_taken" and name == "phone":
        name = "phone"
    form.add_error(name if name in form.fields else None, str(error))


def file_page(request: HttpRequest, pk: int) -> HttpResponse:
    grants = access.require(request.user, VIEW)
    try:
        customer = get_customer(grants, pk)
    except NotFound:
        erased = erased_page(request, pk, grants)
        if erased is not None:
            return erased
        target = merged_target(grants, pk)
        if target is None:
            raise
        messages.info(
            request, _("That file was merged into this one: %(name)s.") % {"name": target.name}
        )
        return redirect("customers:file", target.pk)
    return render(request, "customers/file.html", file_context(request, customer, grants))


@require_GET
def card(request: HttpRequest, pk: int) -> HttpResponse:
    """The five-second card alone, for pages of other rooms."""
    grants = access.require(request.user, VIEW)
    return render(request, "customers/_card.html", {"card": customer_card(grants, pk)})


def create(request: HttpRequest) -> HttpResponse:
    grants = access.require(request.user, EDIT)
    asked = request.POST.get("kind") or request.GET.get("kind", "")
    kind = asked if asked in CustomerKind.values else CustomerKind.PERSON.value
    form = CustomerForm(
        request.POST or None,
        grants=grants,
        kind=kind,
        definitions=definitions_for(kind),
        initial={"phone": request.GET.get("phone", ""), "name": request.GET.get("name", "")},
    )
    if request.method == "POST" and form.is_valid():
        address = form.cleaned_data.get("address", "")
        try:
            customer = services.create_customer(
                actor=actor_of_request(request),
                grants=grants,
                phone=form.cleaned_data.get("phone", ""),
                address=services.NewAddress(address) if address else None,
                tags=split_tags(form.cleaned_data["tags"]),
                kind=kind,
                demand_required=True,
                **form.file_fields(),
            )
        except RuleError as error:
            add_rule_error(form, error)
        else:
            messages.success(request, _("File opened: %(name)s.") % {"name": customer.name})
            return redirect("customers:file", customer.pk)
    status = 422 if request.method == "POST" else 200
    context = {"form": form, "kind": kind, "kinds": CustomerKind.choices}
    return render(request, "customers/form.html", context, status=status)


def edit(request: HttpRequest, pk: int) -> HttpResponse:
    grants = access.require(request.user, EDIT)
    grants.require(VIEW)
    customer = get_customer(grants, pk)
    definitions = definitions_for(customer.kind)
    form = CustomerForm(
        request.POST or None,
        grants=grants,
        kind=customer.kind,
        definitions=definitions,
        customer=customer,
        initial=initial_of(customer, definitions),
    )
    news: list[dict[str, Any]] = []
    if request.method == "POST" and form.is_valid():
        try:
            _save_edit(request, grants, customer, form)
        except Conflict as conflict:
            # The second press of the button is on the present version: the news has been read then.
            news = [
                {**one, "label": field_label(one["field"], own_labels(definitions))}
                for one in conflict.extra.get("changes", [])
            ]
            renewed = request.POST.copy()
            renewed["version"] = str(conflict.extra.get("version", customer.version))
            form.data = renewed
            add_rule_error(form, conflict)
        except RuleError as error:
            add_rule_error(form, error)
        else:
            messages.success(request, _("The file is saved."))
            return redirect("customers:file", customer.pk)
    status = 422 if request.method == "POST" else 200
    context = {"form": form, "kind": customer.kind, "customer": customer, "news": news}
    return render(request, "customers/form.html", context, status=status)


def _save_edit(
    request: HttpRequest, grants: access.Grants, customer: Customer, form: CustomerForm
) -> None:
    from zhike.core import work

    actor = actor_of_request(request)
    with work.unit(actor):
        services.update_customer(
            actor=actor,
            grants=grants,
            customer_id=customer.pk,
            version=form.cleaned_data["version"],
            demand_required=True,
            **form.file_fields(),
        )
        services.set_tags(
            actor=actor,
            grants=grants,
            customer_id=customer.pk,
            names=split_tags(form.cleaned_data["tags"]),
        )


@require_POST
def duplicates(request: HttpRequest) -> HttpResponse:
    """Asked while somebody types a new file; posted, so that no number stands in a log."""
    grants = access.require(request.user, EDIT)
    region = Region.objects.filter(full_name=request.POST.get("region", "")).first()
    found = possible_duplicates(
        grants,
        name=request.POST.get("name", "")[:120],
        phone=request.POST.get("phone", "")[:40],
        region_id=region.pk if region is not None else None,
    )
    return render(request, "customers/_duplicates.html", {"found": found})


@require_GET
def organisation_options(request: HttpRequest) -> HttpResponse:
    grants = access.require(request.user, EDIT)
    asked = request.GET.get("organisation", "").strip()[:120]
    rows = visible_customers(grants).filter(
        kind=CustomerKind.ORGANISATION, name__contains=asked.replace("\x00", "")
    )
    names = rows.order_by("name_key").values_list("name", flat=True)[:20] if asked else []
    return render(request, "customers/_options.html", {"options": names})


@require_GET
def region_options(request: HttpRequest) -> HttpResponse:
    access.require(request.user, EDIT)
    asked = request.GET.get("region", "").strip()[:120].replace("\x00", "")
    rows = Region.objects.filter(is_active=True, full_name__contains=asked)
    names = rows.order_by("path").values_list("full_name", flat=True)[:40]
    return render(request, "customers/_options.html", {"options": names})


# The small forms on the file page: each is one service, and an answer in place.


def small_form(
    request: HttpRequest,
    pk: int,
    form: forms.Form | None,
    act: Callable[[dict[str, Any], dict[str, Any]], object],
    said: str,
    tab: str = "",
) -> HttpResponse:
    """Do one thing to a file, then show it again; what was wrong stands above it, with nothing written."""
    grants = access.require(request.user, EDIT)
    grants.require(VIEW)
    customer = get_customer(grants, pk)
    caller = {"actor": actor_of_request(request), "grants": grants, "customer_id": customer.pk}
    if form is not None and not form.is_valid():
        first = next(iter(form.errors.values()))[0]
        return _again(request, pk, tab, str(first))
    try:
        act(caller, form.cleaned_data if form is not None else {})
    except NotFound:
        raise
    except RuleError as error:
        return _again(request, pk, tab, str(error))
    messages.success(request, said)
    return redirect(_address(pk, tab))


def _address(pk: int, tab: str) -> str:
    return reverse("customers:file", args=[pk]) + (f"?tab={tab}" if tab else "")


def _again(request: HttpRequest, pk: int, tab: str, sentence: str) -> HttpResponse:
    grants = access.grants_of(request.user)
    context = file_context(request, get_customer(grants, pk), grants, tab=tab)
    return render(request, "customers/file.html", {**context, "problem": sentence}, status=422)


@require_POST
def stage(request: HttpRequest, pk: int) -> HttpResponse:
    return small_form(
        request,
        pk,
        StageForm(request.POST),
        lambda caller, data: services.change_stage(**caller, **data),
        _("The stage is noted."),
    )


@require_POST
def preference_add(request: HttpRequest, pk: int) -> HttpResponse:
    return small_form(
        request,
        pk,
        PreferenceForm(request.POST),
        lambda caller, data: services.record_preference(**caller, **data),
        _("Written down."),
    )


@require_POST
def preference_void(request: HttpRequest, pk: int, row: int) -> HttpResponse:
    return small_form(
        request,
        pk,
        None,
        lambda caller, data: services.void_preference(**caller, preference_id=row),
        _("The line is taken off the page. It stays in the change history."),
    )


@require_POST
def need_add(request: HttpRequest, pk: int) -> HttpResponse:
    return small_form(
        request,
        pk,
        NeedForm(request.POST),
        lambda caller, data: services.record_need(**caller, **data),
        _("Written down."),
    )


@require_POST
def need_close(request: HttpRequest, pk: int, row: int) -> HttpResponse:
    return small_form(
        request,
        pk,
        NeedOutcomeForm(request.POST),
        lambda caller, data: services.close_need(**caller, need_id=row, **data),
        _("The need is closed."),
    )


@require_POST
def identity_add(request: HttpRequest, pk: int) -> HttpResponse:
    return small_form(
        request,
        pk,
        IdentityForm(request.POST),
        lambda caller, data: services.add_identity(**caller, **data),
        _("The number is on the file."),
        tab="details",
    )


@require_POST
def identity_void(request: HttpRequest, pk: int, row: int) -> HttpResponse:
    return small_form(
        request,
        pk,
        None,
        lambda caller, data: services.void_identity(**caller, identity_id=row),
        _("The number is out of use. It stays in the change history."),
        tab="details",
    )


@require_POST
def identity_primary(request: HttpRequest, pk: int, row: int) -> HttpResponse:
    return small_form(
        request,
        pk,
        None,
        lambda caller, data: services.set_primary_identity(**caller, identity_id=row),
        _("This number is the main one from now on."),
        tab="details",
    )


@require_POST
def address_add(request: HttpRequest, pk: int) -> HttpResponse:
    return small_form(
        request,
        pk,
        AddressForm(request.POST),
        lambda caller, data: services.add_address(**caller, **data),
        _("The address is on the file."),
        tab="details",
    )


@require_POST
def address_void(request: HttpRequest, pk: int, row: int) -> HttpResponse:
    return small_form(
        request,
        pk,
        None,
        lambda caller, data: services.void_address(**caller, address_id=row),
        _("The address is out of use. It stays in the change history."),
        tab="details",
    )
