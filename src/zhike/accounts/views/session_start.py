"""What both steps of signing in end with."""

from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from zhike.accounts.devices import device_of
from zhike.accounts.middleware import SECOND_FACTOR_DUE
from zhike.accounts.models import User
from zhike.accounts.services.attempts import rules
from zhike.accounts.services.second_factor import is_on, is_required


def begin_session(request: HttpRequest) -> None:
    request.session.begin(  # type: ignore[attr-defined]  # our own engine
        device_of(request.headers.get("User-Agent", "")),
        getattr(request, "client_ip", "") or "",
        rules().session_hours,
    )
    assert isinstance(request.user, User)
    if is_required(request.user) and not is_on(request.user):
        request.session[SECOND_FACTOR_DUE] = True


def next_page(request: HttpRequest, wanted: str) -> str:
    # From the root: what is left off there would be read against the address of this very form.
    if wanted.startswith("/") and url_has_allowed_host_and_scheme(
        wanted, {request.get_host()}, request.is_secure()
    ):
        return wanted
    return reverse("web:home")
