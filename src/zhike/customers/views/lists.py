"""The list of customers and its export."""

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse

from zhike.accounts.grants import actor_of_request
from zhike.core import access
from zhike.core.exporter.pages import export_page
from zhike.customers.exporting import CustomerExport
from zhike.customers.listing import customer_listing, listed_definitions, tab_counts
from zhike.customers.permissions import EXPORT, SEGMENTS, VIEW
from zhike.customers.selectors import customers_for_list


def customer_list(request: HttpRequest) -> HttpResponse:
    grants = access.require(request.user, VIEW)
    return customer_listing(listed_definitions(), grants).respond(
        request,
        customers_for_list(grants),
        "customers/customer_list.html",
        grants=grants,
        counts=lambda: tab_counts(grants),
        export_url=reverse("customers:export") if grants.allows(EXPORT) else "",
        extra={
            "can_edit": grants.allows("customers.edit"),
            "can_segment": grants.allows(SEGMENTS),
            "can_import": grants.allows("imports.run"),
        },
    )


def export(request: HttpRequest) -> HttpResponseBase:
    grants = access.require(request.user, VIEW)
    return export_page(
        request,
        CustomerExport(),
        customer_listing(listed_definitions(), grants),
        grants=grants,
        actor=actor_of_request(request),
        list_url=reverse("customers:list"),
    )
