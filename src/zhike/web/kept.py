"""Which forms arrived: the mark a page sent with one is repeated to the next page, once it was saved.

`keep.js` keeps what was typed until it reads its mark again. The way back is a cookie no script can read,
for the answer to a form is usually a redirect, and the page after it is all the script sees (ADR 37).
"""

import re

from django.contrib.messages import WARNING
from django.core.exceptions import BadRequest, SuspiciousOperation
from django.http import HttpRequest
from django.http.multipartparser import MultiPartParserError
from django.http.response import HttpResponseBase

FIELD = "zk-mark"
COOKIE = "zhike_arrived"
# As long as it may take from the answer to the next page; a download leads to none at once.
SECONDS = 600
# Tabs share the cookie; more forms than these are not sent before each has seen its next page.
MOST = 8
MARK = re.compile(r"[0-9a-f]{16}")


def sent_mark(request: HttpRequest) -> str:
    """The mark of the form this request brought, or nothing."""
    if request.method != "POST":
        return ""
    try:
        mark = request.POST.get(FIELD, "")
    except (BadRequest, SuspiciousOperation, MultiPartParserError, OSError):
        # A form that cannot be read was refused; the page that says so asks again.
        return ""
    return mark if MARK.fullmatch(mark) else ""


def arrived_marks(request: HttpRequest) -> list[str]:
    return [one for one in request.COOKIES.get(COOKIE, "").split(".") if MARK.fullmatch(one)]


def note_arrival(request: HttpRequest, response: HttpResponseBase) -> None:
    """Called with an answer that does not lead to sign-in.

    A page as the answer is judged by the script: with the form on it again it was a look or a refusal.
    """
    mark = sent_mark(request)
    leads_on = 300 <= response.status_code < 400 or "Content-Disposition" in response.headers
    if not mark or not leads_on or _was_refused(request):
        return
    marks = [*arrived_marks(request), mark][-MOST:]
    response.set_cookie(COOKIE, ".".join(marks), max_age=SECONDS, samesite="Lax", httponly=True)


def _was_refused(request: HttpRequest) -> bool:
    """A view that could not do it may lead on all the same, and says why on the page after."""
    said = getattr(getattr(request, "_messages", None), "_queued_messages", ())
    return any(one.level >= WARNING for one in said)
