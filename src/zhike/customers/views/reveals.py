"""Looking at what is masked. A look is a POST, so that no crawler and no preview ever takes one."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from zhike.accounts.grants import actor_of_request
from zhike.core import access
from zhike.core.errors import RuleError
from zhike.customers import services
from zhike.customers.permissions import REVEAL, VIEW


@require_POST
@never_cache
def identity(request: HttpRequest, pk: int, row: int) -> HttpResponse:
    grants = access.require(request.user, REVEAL)
    grants.require(VIEW)
    shown = services.reveal_identity(
        actor=actor_of_request(request), grants=grants, customer_id=pk, identity_id=row
    )
    return _show(request, pk, shown, is_phone=shown.isdigit())


@require_POST
@never_cache
def address(request: HttpRequest, pk: int, row: int) -> HttpResponse:
    grants = access.require(request.user, REVEAL)
    grants.require(VIEW)
    try:
        shown = services.reveal_address(
            actor=actor_of_request(request), grants=grants, customer_id=pk, address_id=row
        )
    except RuleError as error:
        if error.code != "seal_broken":
            raise
        shown = str(error)
    return _show(request, pk, shown, is_phone=False)


@require_POST
@never_cache
def field(request: HttpRequest, pk: int, field: str) -> HttpResponse:
    grants = access.require(request.user, REVEAL)
    grants.require(VIEW)
    shown = services.reveal_field(
        actor=actor_of_request(request), grants=grants, customer_id=pk, field=field
    )
    return _show(request, pk, shown, is_phone=False)


def _show(request: HttpRequest, pk: int, shown: str, *, is_phone: bool) -> HttpResponse:
    is_part = request.headers.get("HX-Request") == "true"
    template = "customers/_revealed.html" if is_part else "customers/revealed.html"
    return render(request, template, {"shown": shown, "is_phone": is_phone, "customer_id": pk})
