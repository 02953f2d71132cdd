"""`/.well-known/security.txt` (RFC 9116): whom to tell of a fault in this installation."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from zhike.core import clock
from zhike.core.errors import NotFound


@require_safe
def security_txt(request: HttpRequest) -> HttpResponse:
    contact = settings.SECURITY_CONTACT
    # One that has run out says nothing reliable, so it is not shown; `zhike doctor` tells.
    if contact is None or contact.expires < clock.today():
        raise NotFound()
    lines = (
        f"Contact: {contact.address}",
        f"Expires: {contact.expires.isoformat()}T23:59:59Z",
        "Preferred-Languages: zh, en",
        f"Canonical: {request.build_absolute_uri()}",
    )
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")
