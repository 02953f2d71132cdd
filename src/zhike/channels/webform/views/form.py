"""The form on which customers tell what happened."""

from typing import Any

from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from zhike.channels.webform.forms import PublicForm
from zhike.channels.webform.services.reception import reception_unit
from zhike.channels.webform.views.page import (
    customer_actor,
    is_too_often,
    public_grants,
    public_page,
    too_often,
)
from zhike.core.errors import RuleError
from zhike.core.files.store import store_file
from zhike.desk.choices import Channel
from zhike.desk.file_field import status_of
from zhike.desk.selectors.types import active_types
from zhike.desk.services.attaching import NewFile
from zhike.desk.services.callers import Caller
from zhike.desk.services.intake import NewCase, Opened, open_case
from zhike.desk.services.tracking import Codes, issue_codes

RECEIPT_COOKIE = "zhike_received"
RECEIPT_SALT = "webform.receipt"
RECEIPT_SECONDS = 900
# How services call an input that is named otherwise on the form.
FIELDS = {"value": "phone", "type": "kind"}


def _kinds() -> list[tuple[str, Any]]:
    return [(kind.code, kind.label) for kind in active_types()]


@require_http_methods(["GET", "HEAD", "POST"])
def form(request: HttpRequest) -> HttpResponse:
    kinds = _kinds()
    if request.method != "POST":
        chosen = request.GET.get("kind", "")
        initial = {"kind": chosen if chosen in dict(kinds) else "complaint"}
        return _page(request, PublicForm(kinds=kinds, initial=initial))
    filled = PublicForm(request.POST, request.FILES, kinds=kinds)
    if not filled.is_valid():
        return _page(request, filled, status=status_of(filled))
    if filled.cleaned_data["homepage"]:
        return _page(request, _without_trap(request, kinds), status=422)
    if is_too_often(request, "form"):
        return too_often(request)
    try:
        opened = _open(request, filled.cleaned_data)
    except RuleError as error:
        name = FIELDS.get(error.field, error.field)
        filled.add_error(name if name in filled.fields else None, str(error))
        return _page(request, filled, status=error.status)
    return _received(request, opened)


def _without_trap(request: HttpRequest, kinds: list[tuple[str, Any]]) -> PublicForm:
    """The same form with the hidden field empty again: a person whose browser filled it can go on."""
    data = request.POST.copy()
    data["homepage"] = ""
    again = PublicForm(data, request.FILES, kinds=kinds)
    again.add_error(None, _("One field must stay empty. Please send it once more as it is."))
    return again


def _page(request: HttpRequest, filled: PublicForm, status: int = 200) -> HttpResponse:
    return public_page(request, "webform/form.html", {"form": filled}, status=status)


def _open(request: HttpRequest, data: dict[str, Any]) -> Opened:
    files = [NewFile(store_file(file), file.name or "") for file in data["files"]]
    return open_case(
        actor=customer_actor(request, data["name"]),
        grants=public_grants(),
        new=NewCase(
            type_code=data["kind"],
            channel=Channel.WEB,
            text=data["text"],
            unit_id=reception_unit(),
            caller=Caller(data["phone"], data["name"]),
            files=files,
            keep=False,
            with_codes=True,
            submit_key=data["once"],
        ),
    )


def _codes_of(request: HttpRequest, opened: Opened) -> Codes:
    """A form sent twice is the same person's: they get codes that work, the first ones may never have arrived."""
    if opened.codes is not None:
        return opened.codes
    return issue_codes(
        actor=customer_actor(request), grants=public_grants(), case_id=opened.case.pk
    )


def _received(request: HttpRequest, opened: Opened) -> HttpResponse:
    codes = _codes_of(request, opened)
    receipt = {"number": opened.case.number, "code": codes.query_code, "token": codes.token}
    answer = redirect("webform:done")
    answer.set_cookie(
        RECEIPT_COOKIE,
        signing.dumps(receipt, salt=RECEIPT_SALT),
        max_age=RECEIPT_SECONDS,
        httponly=True,
        samesite="Lax",
        path=reverse("webform:form"),
    )
    return answer


@require_safe
def done(request: HttpRequest) -> HttpResponse:
    """Number, code and link; they travel in a signed cookie of this browser and fade after 15 minutes."""
    try:
        receipt = signing.loads(
            request.COOKIES.get(RECEIPT_COOKIE, ""), salt=RECEIPT_SALT, max_age=RECEIPT_SECONDS
        )
    except signing.BadSignature:
        return redirect("webform:look-up")
    link = request.build_absolute_uri(reverse("webform:tracking", args=[receipt["token"]]))
    context = {"receipt": {**receipt, "link": link}}
    return public_page(request, "webform/done.html", context)
