from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from zhike.accounts.grants import actor_of_request
from zhike.accounts.models import User
from zhike.accounts.permissions import MANAGE_ACCOUNTS
from zhike.accounts.selectors import load_user
from zhike.accounts.services import sessions as services
from zhike.accounts.services.attempts import rules
from zhike.core import access


def own_sessions(request: HttpRequest) -> HttpResponse:
    """Where one is signed in oneself: for everybody, without a permission."""
    rows = services.signed_in(request.user.pk or 0, request.session.session_key or "")
    return render(request, "accounts/sessions.html", {"rows": rows, "rules": rules()})


@require_POST
def end_session(request: HttpRequest, handle: str) -> HttpResponse:
    assert isinstance(request.user, User)
    services.end_own(actor=actor_of_request(request), user=request.user, handle=handle)
    messages.success(request, _("That device is signed out."))
    return redirect("accounts:sessions")


@require_POST
def end_other_sessions(request: HttpRequest) -> HttpResponse:
    assert isinstance(request.user, User)
    services.end_own_others(
        actor=actor_of_request(request),
        user=request.user,
        this_key=request.session.session_key or "",
    )
    messages.success(request, _("You are signed out everywhere but here."))
    return redirect("accounts:sessions")


@require_POST
def person_end_sessions(request: HttpRequest, pk: int) -> HttpResponse:
    grants = access.require(request.user, MANAGE_ACCOUNTS)
    person = load_user(pk)
    n = services.end_persons(actor=actor_of_request(request), grants=grants, user=person)
    if person.pk == request.user.pk:
        return redirect("accounts:sign-in")
    said = ngettext(
        "%(name)s is signed out on %(n)s device.", "%(name)s is signed out on %(n)s devices.", n
    )
    messages.success(request, said % {"name": person.name, "n": n})
    return redirect("accounts:person", pk=pk)
