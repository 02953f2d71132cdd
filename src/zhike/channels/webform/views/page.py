"""What every public page has: large type, and how often it may be used."""

import logging
from datetime import timedelta
from math import ceil
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from zhike.channels.webform.services.throttle import (
    end_of_window,
    forget_expired,
    note_refusal,
    note_try,
)
from zhike.core import clock
from zhike.core.access import Grants, everything
from zhike.core.work import Actor

log = logging.getLogger("zhike.webform")
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


def is_too_often(request: HttpRequest, kind: str) -> bool:
    """Counts this try; True when this address has tried too often within the hour."""
    most = settings.PUBLIC_LIMITS[kind]
    count = note_try(kind, address_of(request), HOUR)
    if count == 1:
        forget_expired()
    if count > most:
        log.warning("refused for an hour: %s", kind)
    if count == most + 1:
        # Once an hour and address: whoever sends thousands shall not fill the audit log.
        note_refusal(actor=customer_actor(request), kind=kind, most=most)
    return count > most


def too_often(request: HttpRequest) -> HttpResponse:
    until = end_of_window(HOUR)
    context = {
        "title": _("That was very often within an hour"),
        "sentence": _(
            "Nothing was lost of what you sent before. Please go on after %(at)s, or call us: "
            "somebody will write it down for you."
        )
        % {"at": f"{clock.local(until):%H:%M}"},
        "back": reverse("webform:form"),
    }
    answer = public_page(request, "webform/stop.html", context, status=429)
    answer.headers["Retry-After"] = str(ceil((until - clock.now()).total_seconds()))
    return answer
