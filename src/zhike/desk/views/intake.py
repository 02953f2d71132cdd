"""Taking a case in at the counter, on the phone, on a visit or from a letter: one short form."""

from typing import Any

from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from zhike.accounts.grants import actor_of_request
from zhike.accounts.selectors import reachable_units
from zhike.core import access
from zhike.core.access import Grants
from zhike.core.errors import NotFound, RuleError
from zhike.core.files.store import store_file
from zhike.core.phones import normal_phone
from zhike.customers.masks import shown_phones
from zhike.customers.models import Customer
from zhike.customers.permissions import PHONE, is_hidden
from zhike.customers.selectors import live_identity, visible_customers
from zhike.desk.file_field import status_of
from zhike.desk.forms import IntakeForm
from zhike.desk.permissions import CREATE
from zhike.desk.selectors.page import case_for_page
from zhike.desk.services.attaching import NewFile
from zhike.desk.services.callers import Caller
from zhike.desk.services.intake import NewCase, Opened, open_case
from zhike.desk.services.words import Kept
from zhike.desk.views.actions import type_choices
from zhike.desk.views.parts import tracking_link
from zhike.desk.views.person import customer_url, tier_label

# How services call an input that is named otherwise on the form.
FIELDS = {"value": "phone"}
FEWEST_DIGITS, WHOLE_MOBILE = 7, 11
RECEIPT_COOKIE = "zhike_receipt"
RECEIPT_SALT = "desk.receipt"
RECEIPT_SECONDS = 300


def _form(request: HttpRequest, grants: Grants) -> IntakeForm:
    units = [(str(unit.pk), unit.name) for unit in reachable_units(grants)]
    initial: dict[str, Any] = {"unit": str(grants.unit_id or "")}
    for name in ("phone", "name", "channel", "customer"):
        if request.GET.get(name):
            initial[name] = request.GET[name][:40]
    data = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    return IntakeForm(*data, types=type_choices(), units=units, initial=initial)


@require_http_methods(["GET", "HEAD", "POST"])
def intake(request: HttpRequest) -> HttpResponse:
    grants = access.require(request.user, CREATE)
    form = _form(request, grants)
    if request.method != "POST":
        return _page(request, grants, form)
    if not form.is_valid():
        return _page(request, grants, form, status=status_of(form))
    try:
        opened = _open(request, grants, form.cleaned_data, form.kept)
    except NotFound:
        raise
    except RuleError as error:
        form.add_error(
            FIELDS.get(error.field, error.field if error.field in form.fields else None), str(error)
        )
        return _page(request, grants, form, status=error.status)
    return _receipt_answer(request, opened)


def _open(request: HttpRequest, grants: Grants, data: dict[str, Any], kept: Kept) -> Opened:
    files = [NewFile(store_file(file), file.name or "") for file in data["files"]]
    caller = Caller(data["phone"], data["name"]) if data["phone"] else None
    return open_case(
        actor=actor_of_request(request),
        grants=grants,
        new=NewCase(
            type_code=data["type"],
            channel=data["channel"],
            text=data["text"],
            title=data["title"],
            unit_id=int(data["unit"]),
            customer_id=data["customer"],
            caller=caller,
            priority=data["priority"],
            files=files,
            keep=data["keep"],
            with_codes=True,
            submit_key=data["once"],
        ),
        kept=kept,
    )


def _page(
    request: HttpRequest, grants: Grants, form: IntakeForm, status: int = 200
) -> HttpResponse:
    number = form["phone"].value() or ""
    context = {
        "form": form,
        "who": who_is(grants, str(number)) if number else None,
        "known": _customer_of(grants, str(form["customer"].value() or "")),
    }
    return render(request, "desk/intake.html", context, status=status)


def _customer_of(grants: Grants, key: str) -> Customer | None:
    """Whose file the form was opened from; a file out of reach is nobody's."""
    if not (key.isascii() and key.isdigit() and len(key) < 18):
        return None
    known = shown_phones(grants, visible_customers(grants).filter(pk=int(key))[:1])
    return known[0] if known else None


def _receipt_answer(request: HttpRequest, opened: Opened) -> HttpResponse:
    """Code and link travel once, in a signed cookie of this browser; a form sent again shows the case."""
    answer = redirect("desk:receipt", opened.case.number)
    if opened.codes is not None:
        receipt = {
            "number": opened.case.number,
            "code": opened.codes.query_code,
            "token": opened.codes.token,
        }
        answer.set_cookie(
            RECEIPT_COOKIE,
            signing.dumps(receipt, salt=RECEIPT_SALT),
            max_age=RECEIPT_SECONDS,
            httponly=True,
            samesite="Lax",
            path=reverse("desk:queue"),
        )
    return answer


@require_safe
def receipt(request: HttpRequest, number: str) -> HttpResponse:
    """Number, code and link for the customer, shown once."""
    grants = access.require(request.user, CREATE)
    case = case_for_page(grants, number)
    kept: dict[str, str] = {}
    try:
        kept = signing.loads(
            request.COOKIES.get(RECEIPT_COOKIE, ""), salt=RECEIPT_SALT, max_age=RECEIPT_SECONDS
        )
    except signing.BadSignature:
        return redirect("desk:case", case.number)
    if kept.get("number") != case.number:
        return redirect("desk:case", case.number)
    context = {
        "case": case,
        "code": kept["code"],
        "link": tracking_link(request, kept["token"]),
        "title": _("Taken in as %(number)s") % {"number": case.number},
    }
    answer = render(request, "desk/code.html", context)
    answer.delete_cookie(RECEIPT_COOKIE, path=reverse("desk:queue"))
    return answer


def who_is(grants: Grants, phone: str) -> dict[str, Any]:
    """Whose number this is. Of a stranger's file only name and masked number are told."""
    digits = sum(sign.isdigit() for sign in phone)
    # The first digits of a mobile number are a service number (110, 12315) too: wait for more.
    if digits < FEWEST_DIGITS or normal_phone(phone) is None:
        return {"state": "typing" if digits < WHOLE_MOBILE else "odd"}
    if is_hidden(grants, PHONE):
        return {"state": "closed"}
    identity = live_identity("phone", phone)
    if identity is None:
        return {"state": "new"}
    customer = identity.customer
    in_reach = visible_customers(grants).filter(pk=customer.pk).exists()
    return {
        "state": "known",
        "name": customer.name,
        "masked": identity.masked,
        "in_reach": in_reach,
        "url": customer_url(customer.pk) if in_reach else "",
        "tier": customer.tier if in_reach else "",
        "tier_label": tier_label(customer.tier) if in_reach else "",
    }


@require_safe
def who(request: HttpRequest) -> HttpResponse:
    """Asked while the number is typed."""
    grants = access.require(request.user, CREATE)
    phone = request.GET.get("phone", "")[:40]
    context = {"who": who_is(grants, phone) if phone.strip() else None}
    return render(request, "desk/_who.html", context)
