"""Erasing a customer: what will go and what stays, the typed confirmation, and the certificate."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _

from zhike.accounts.grants import actor_of_request
from zhike.core import access
from zhike.core.access import Grants
from zhike.core.erasing import PLACES
from zhike.core.errors import NotFound, RuleError
from zhike.core.listing import Column, DateRange, Listing, Sort
from zhike.customers.erasing_forms import EraseForm
from zhike.customers.masks import shown_phones
from zhike.customers.models import Customer, Erasure
from zhike.customers.permissions import ERASE, VIEW
from zhike.customers.selectors import in_reach
from zhike.customers.services.erasing import (
    erase_customer,
    erasure_of,
    preview_erasure,
    visible_erasures,
)


@dataclass(frozen=True)
class Counted:
    """One line of a certificate."""

    label: Any
    count: int
    stays: Any


ERASURES = Listing(
    "erasures",
    columns=(
        Column("at", _("Asked"), always=True, sort="at"),
        Column("reason", _("Why")),
        Column("actor", _("Erased by")),
        Column("rows", _("Entries blanked"), number=True),
        Column("done", _("Finished")),
    ),
    filters=(DateRange("at", _("Asked"), field="asked_at"),),
    sorts=(Sort("at", "asked_at"),),
    default_sort="-at",
)


def erase(request: HttpRequest, pk: int) -> HttpResponse:
    """GET shows what will go; POST with the name typed does it."""
    grants = access.require(request.user, ERASE)
    grants.require(VIEW)
    preview = preview_erasure(grants=grants, customer_id=pk)
    form = EraseForm(request.POST or None, name=preview.customer.name)
    if request.method == "POST" and form.is_valid():
        try:
            erase_customer(
                actor=actor_of_request(request),
                grants=grants,
                customer_id=pk,
                reason=form.cleaned_data["reason"],
            )
        except NotFound:
            raise
        except RuleError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            return redirect("customers:file", pk)
    status = 422 if request.method == "POST" else 200
    shown_phones(grants, (preview.customer,))
    context = {"preview": preview, "customer": preview.customer, "form": form}
    return render(request, "customers/erase.html", context, status=status)


def erasures(request: HttpRequest) -> HttpResponse:
    grants = access.require(request.user, ERASE)
    return ERASURES.respond(
        request, visible_erasures(grants), "customers/erasure_list.html", grants=grants
    )


def certificate(request: HttpRequest, pk: int) -> HttpResponse:
    """Who, when, why and how many rows of which kind; printed for whoever asks for proof."""
    grants = access.require(request.user, ERASE)
    record = visible_erasures(grants).filter(pk=pk).first()
    if record is None:
        raise NotFound()
    context = {"record": record, "lines": _lines(record), "rows": sum(record.counts.values())}
    return render(request, "customers/erasure.html", context)


def _lines(record: Erasure) -> list[Counted]:
    found = []
    for key, count in record.counts.items():
        place = PLACES.get(key)
        found.append(Counted(place.label if place else key, count, place.stays if place else ""))
    return found


def erased_page(request: HttpRequest, pk: int, grants: Grants) -> HttpResponse | None:
    """What stands where a file was; None when this one was not erased, or is out of reach."""
    gone = Customer.objects.filter(pk=pk, erased_at__isnull=False)
    if not in_reach(gone, grants).exists():
        return None
    record = erasure_of(pk)
    context = {"record": record, "can_erase": grants.allows(ERASE)}
    return render(request, "customers/erased.html", context, status=410)
