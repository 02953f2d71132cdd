"""What every public page has: large type, and how often it may be used."""

from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from zhike.channels.webform.services.throttle import forget_expired, note_try
from zhike.core.access import Grants, everything
from zhike.core.work import Actor

LARGE_COOKIE = "zhike_large"
HOUR = timedelta(hours=1)


def address_of(request: HttpRequest) -> str:
    return str(getattr(request, "client_ip", "") or request.META.get("REMOTE_ADDR", ""))


def customer_actor(request: HttpRequest, name: str = "") -> Actor:
    return Actor.customer(name[:60], ip=address_of(request))


def public_grants() -> Grants:
    """The form and the progress page act for whoever showed the right link or code; the desk's rules hold."""
    return everything("public pages")


def _wants_large(request: HttpRequest) -> bool:
    asked = request.GET.get("large", "")
    return asked == "1" if asked else request.COOKIES.get(LARGE_COOKIE) == "1"


def public_page(
    request: HttpRequest, template: str, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    large = _wants_large(request)
    answer = render(request, template, {**context, "large_type": large}, status=status)
    if request.GET.get("large", ""):
        answer.set_cookie(
            LARGE_COOKIE, "1" if large else "0", max_age=365 * 86400, samesite="Lax", httponly=True
        )
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def is_too_often(request: HttpRequest, kind: str, most: int) -> bool:
    """Counts this try; True when this address has tried too often within the hour."""
    count = note_try(kind, address_of(request), HOUR)
    if count == 1:
        forget_expired()
    return count > most


def too_often(request: HttpRequest) -> HttpResponse:
    context = {
        "title": _("That was very often within an hour"),
        "sentence": _(
            "Nothing was lost of what you sent before. Please wait a little, or call us: "
            "somebody will write it down for you."
        ),
        "back": reverse("webform:form"),
    }
    return public_page(request, "webform/stop.html", context, status=429)
