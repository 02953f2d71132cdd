"""Deliveries that were told: the list, one written down by hand, what came of it, one taken back."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhike.accounts.grants import actor_of_request
from zhike.core import access
from zhike.core.access import Grants
from zhike.core.errors import Conflict, Forbidden, NotFound, RuleError
from zhike.customers.permissions import TEXT, may_reveal
from zhike.customers.permissions import VIEW as VIEW_CUSTOMERS
from zhike.satisfaction.delivery_selectors import deliveries_for_list, get_delivery
from zhike.satisfaction.forms_deliveries import DeliveryForm
from zhike.satisfaction.lists_deliveries import DELIVERIES
from zhike.satisfaction.permissions import MANAGE
from zhike.satisfaction.rule_selectors import asked_about_delivery
from zhike.satisfaction.services import deliveries as services


def _grants(request: HttpRequest) -> Grants:
    grants = access.require(request.user, MANAGE)
    grants.require(VIEW_CUSTOMERS)
    return grants


@require_safe
def delivery_list(request: HttpRequest) -> HttpResponse:
    grants = _grants(request)
    return DELIVERIES.respond(
        request,
        deliveries_for_list(grants),
        "satisfaction/delivery_list.html",
        grants=grants,
        extra={"reveal": may_reveal(grants, TEXT), "can_import": grants.allows("imports.run")},
    )


@require_http_methods(["GET", "HEAD", "POST"])
def delivery_new(request: HttpRequest) -> HttpResponse:
    grants = _grants(request)
    form = DeliveryForm(request.POST or None, grants=grants)
    if request.method == "POST" and form.is_valid():
        try:
            told = services.tell_delivery(
                actor=actor_of_request(request), grants=grants, new=form.new
            )
        except RuleError as error:
            if isinstance(error, Forbidden | NotFound):
                raise
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            said = _("The delivery is noted.") if told.is_new else _("It had been told before.")
            messages.success(request, said)
            return redirect("satisfaction:delivery", told.delivery.pk)
    status = 422 if form.errors else 200
    return render(request, "satisfaction/delivery_form.html", {"form": form}, status=status)


@require_safe
def delivery_page(request: HttpRequest, pk: int) -> HttpResponse:
    grants = _grants(request)
    row = get_delivery(grants, pk)
    asked = asked_about_delivery(row, get_language() or "")
    invitations = [one.ask.invitation for one in asked]
    context: dict[str, Any] = {
        "row": row,
        "asked": asked,
        "can_withdraw": row.withdrawn_at is None
        and not any(one is not None and one.sent_at for one in invitations),
        "reveal": may_reveal(grants, TEXT),
    }
    return render(request, "satisfaction/delivery.html", context)


@require_POST
def delivery_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    grants = _grants(request)
    try:
        services.withdraw_delivery(actor=actor_of_request(request), grants=grants, delivery_id=pk)
    except Conflict as error:
        messages.warning(request, str(error))
    else:
        messages.success(request, _("The delivery is withdrawn. Nobody is asked about it."))
    return redirect("satisfaction:delivery", pk)
