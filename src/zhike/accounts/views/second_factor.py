"""The second step of signing in: asked for, set up, taken off."""

import time
from typing import Any

import segno
from django.contrib import messages
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from zhike.accounts.forms_signin import CodeForm
from zhike.accounts.grants import actor_of, actor_of_request
from zhike.accounts.middleware import SECOND_FACTOR_DUE
from zhike.accounts.models import SecondFactor, User
from zhike.accounts.permissions import MANAGE_ACCOUNTS
from zhike.accounts.selectors import load_user
from zhike.accounts.services import second_factor as services
from zhike.accounts.services.setup import company_name
from zhike.accounts.services.signins import note_sign_in
from zhike.accounts.totp import address_of, in_base32
from zhike.accounts.views.session_start import begin_session, next_page
from zhike.core import access
from zhike.core.errors import RuleError

PENDING = "second_step"
# The password was right; the code must follow within this time.
PENDING_SECONDS = 300


def ask_for_code(request: HttpRequest, user: User, then: str) -> HttpResponse:
    request.session[PENDING] = {
        "user": user.pk,
        # A password changed meanwhile makes the first step void.
        "hash": user.get_session_auth_hash(),
        "at": int(time.time()),
        "next": then,
    }
    return redirect("accounts:sign-in-code")


def _pending(request: HttpRequest) -> tuple[User, str] | None:
    waiting: dict[str, Any] = request.session.get(PENDING) or {}
    if not waiting or time.time() - waiting["at"] > PENDING_SECONDS:
        return None
    user = User.objects.filter(pk=waiting["user"], is_active=True).first()
    if user is None or user.get_session_auth_hash() != waiting["hash"]:
        return None
    return user, waiting["next"]


@never_cache
@sensitive_post_parameters("code")
def sign_in_code(request: HttpRequest) -> HttpResponse:
    waiting = _pending(request)
    if waiting is None:
        return redirect("accounts:sign-in")
    user, then = waiting
    form = CodeForm(request.POST or None)
    status = 422 if request.method == "POST" else 200
    if request.method == "POST" and form.is_valid():
        actor = actor_of(user, ip=getattr(request, "client_ip", "") or "")
        try:
            services.check_code(actor=actor, user=user, code=form.cleaned_data["code"])
        except RuleError as error:
            form.add_error("code" if error.field else None, str(error))
            status = error.status
        else:
            del request.session[PENDING]
            login(request, user)
            begin_session(request)
            note_sign_in(actor=actor, user=user)
            return HttpResponseRedirect(next_page(request, then))
    return render(request, "accounts/sign_in_code.html", {"form": form}, status=status)


@never_cache
@sensitive_post_parameters("code")
def second_factor(request: HttpRequest) -> HttpResponse:
    """One's own, for everybody, without a permission."""
    assert isinstance(request.user, User)
    user, actor = request.user, actor_of_request(request)
    act = request.POST.get("act", "")
    form = CodeForm(request.POST if act in {"confirm", "codes", "off"} else None)
    codes: list[str] = []
    try:
        if act == "begin":
            services.begin(actor=actor, user=user)
            return redirect("accounts:second-factor")
        if act == "off" and form.is_valid():
            services.turn_off(actor=actor, user=user, code=form.cleaned_data["code"])
            messages.success(request, _("The second step is off. The password alone lets you in."))
            return redirect("accounts:second-factor")
        if act in {"confirm", "codes"} and form.is_valid():
            give = services.confirm if act == "confirm" else services.renew_codes
            codes = give(actor=actor, user=user, code=form.cleaned_data["code"])
            request.session.pop(SECOND_FACTOR_DUE, None)
            form = CodeForm()
    except RuleError as error:
        form = form if form.is_bound else CodeForm(request.POST)
        form.add_error("code" if error.field else None, str(error))
    status = 422 if request.method == "POST" and not codes else 200
    context = {"form": form, "codes": codes, **_state(user)}
    return render(request, "accounts/second_factor.html", context, status=status)


def _state(user: User) -> dict[str, Any]:
    factor = services.factor_of(user)
    is_on = factor is not None and factor.confirmed_at is not None
    return {
        "factor": factor,
        "is_on": is_on,
        "is_required": services.is_required(user),
        "codes_left": services.codes_left(user) if is_on else 0,
        **(_to_scan(factor, user) if factor is not None and not is_on else {}),
    }


def _to_scan(factor: SecondFactor, user: User) -> dict[str, Any]:
    secret = services.secret_of(factor)
    issuer = company_name() or _("Zhike")
    matrix = segno.make(address_of(secret, issuer, user.staff_number), error="m").matrix
    squares = [
        f"M{x} {y}h1v1h-1z" for y, row in enumerate(matrix) for x, dark in enumerate(row) if dark
    ]
    text = in_base32(secret)
    return {
        "qr": "".join(squares),
        "qr_size": len(matrix) + 8,
        "secret": " ".join(text[n : n + 4] for n in range(0, len(text), 4)),
    }


@require_POST
def person_reset(request: HttpRequest, pk: int) -> HttpResponse:
    grants = access.require(request.user, MANAGE_ACCOUNTS)
    person = load_user(pk)
    try:
        services.reset(actor=actor_of_request(request), grants=grants, user=person)
    except RuleError as error:
        messages.error(request, str(error))
    else:
        messages.success(
            request, _("%(name)s sets up the second step anew.") % {"name": person.name}
        )
    return redirect("accounts:person", pk=pk)
