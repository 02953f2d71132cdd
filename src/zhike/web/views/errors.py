"""What a reader sees instead of a page: what happened, is my work safe, one way on."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.csrf import requires_csrf_token

from zhike.core import access
from zhike.core.errors import Conflict, Forbidden, RuleError
from zhike.web.context import address_of
from zhike.web.requests import is_api, request_code


def _home(request: HttpRequest) -> tuple[str, str]:
    if getattr(getattr(request, "user", None), "is_authenticated", False):
        return address_of("web:home") or "/", _("Go to my day")
    return address_of("accounts:sign-in") or "/", _("Go to sign-in")


def _answer(
    request: HttpRequest, status: int, *, code: str, facts: Mapping[str, Any]
) -> HttpResponse:
    """The page of an error; the API hears the same sentence as JSON."""
    if is_api(request):
        body = {"code": code, "message": f"{facts['title']} {facts.get('text', '')}".strip()}
        return JsonResponse({"error": body}, status=status)
    signed_in = getattr(getattr(request, "user", None), "is_authenticated", False)
    url, action = _home(request)
    context = {"url": url, "action": action, "request_code": request_code(request), **facts}
    # The page says so to `keep.js`: what was typed has not been saved.
    context["refused_with"] = status
    context["frame"] = "web/base.html" if signed_in else "web/base_plain.html"
    return render(request, "web/error.html", context, status=status)


@requires_csrf_token
def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    if isinstance(exception, RequestDataTooBig):
        # Found before any view was asked, so it arrives as an unreadable request.
        return too_large(request)
    return _answer(
        request,
        400,
        code="bad_request",
        facts={
            "icon": "alert-circle",
            "tone": "danger",
            "title": _("We could not read this request"),
            "text": _("Nothing was changed. Please go back and try again."),
        },
    )


@requires_csrf_token
def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    permission = exception.permission if isinstance(exception, Forbidden) else ""
    label = next((p.label for p in access.PERMISSIONS if p.code == permission), "")
    text = (
        _("This needs the permission “%(permission)s”. Ask your administrator to give it to you.")
        % {"permission": label}
        if label
        else _("Your role does not include this. Ask your administrator if you need it.")
    )
    return _answer(
        request,
        403,
        code="forbidden",
        facts={
            "icon": "lock",
            "tone": "warn",
            "title": _("You may not open this yet"),
            "text": text,
        },
    )


@requires_csrf_token
def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    said = str(exception) if isinstance(exception, RuleError) else ""
    return _answer(
        request,
        404,
        code="not_found",
        facts={
            "icon": "map-search",
            "title": said or _("There is nothing here"),
            "text": _("The address may be mistyped, or this is outside of what you may see."),
        },
    )


@requires_csrf_token
def conflict(request: HttpRequest, exception: Conflict) -> HttpResponse:
    """Not now: what is asked for is in another state. The sentence says what would help."""
    return _answer(
        request,
        409,
        code=exception.code,
        facts={
            "icon": "lock",
            "title": _("Not at this moment"),
            "text": str(exception),
        },
    )


def not_allowed(request: HttpRequest) -> HttpResponse:
    """An address that only takes forms was opened like a page: typed, bookmarked, reached after sign-in."""
    return _answer(
        request,
        405,
        code="not_allowed",
        facts={
            "icon": "arrow-back-up",
            "title": _("This address is not a page"),
            "text": _("It takes what a form sends. Nothing was changed; please go on from a page."),
        },
    )


def too_large(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    said = str(exception) if isinstance(exception, RuleError) else ""
    return _answer(
        request,
        413,
        code="too_large",
        facts={
            "icon": "file-alert",
            "tone": "warn",
            "title": said or _("This is too large to send"),
            "text": _("20 MB is the most at one time. Nothing was saved; send it in parts."),
        },
    )


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return _answer(
        request,
        403,
        code="csrf",
        facts={
            "icon": "refresh",
            "tone": "warn",
            "title": _("This page was open too long"),
            "text": _(
                "For your safety nothing was sent. Go back, reload the page and send it again; "
                "copy your text first if it is long."
            ),
        },
    )


def server_error(request: HttpRequest) -> HttpResponse:
    """Asks nothing of the database, the session or the shell: any of them may be what failed."""
    code = request_code(request)
    if is_api(request):
        message = _("Something failed on our side. Please try again.")
        error = {"code": "server_error", "message": message, "request": code}
        return JsonResponse({"error": error}, status=500)
    html = render_to_string("web/error_500.html", {"request_code": code})
    return HttpResponse(html, status=500)


def page_not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return not_found(request, None if isinstance(exception, Http404) else exception)
