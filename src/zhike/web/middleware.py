"""Language and frame of every request."""

import logging
from collections.abc import Callable
from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.utils import translation
from django.utils.cache import patch_vary_headers

from zhike.core.errors import Conflict, Forbidden, NotFound, TooLarge
from zhike.core.serving.environ import TOO_LARGE
from zhike.web.context import address_of
from zhike.web.kept import note_arrival
from zhike.web.requests import is_api, request_code, wants_fragment
from zhike.web.views import errors

log = logging.getLogger("zhike.web")
Answer = Callable[[HttpRequest], HttpResponseBase]


class SafeAnswersMiddleware:
    """What every answer carries, whoever made it. Cookies are for the server, and for HTTPS where it is."""

    HEADERS: ClassVar[dict[str, str]] = {
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": (
            "accelerometer=(), browsing-topics=(), camera=(), display-capture=(), geolocation=(), "
            "gyroscope=(), magnetometer=(), microphone=(), midi=(), payment=(), serial=(), usb=()"
        ),
    }

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        for name, value in self.HEADERS.items():
            response.headers.setdefault(name, value)
        for cookie in response.cookies.values():
            cookie["httponly"] = True
            cookie["samesite"] = cookie["samesite"] or "Lax"
            if settings.SESSION_COOKIE_SECURE:
                cookie["secure"] = True
        return response


class LanguageMiddleware:
    """The reader's own choice, else the cookie, else Simplified Chinese.

    A browser's Accept-Language counts on customers' pages alone: an office computer set up in
    English must not turn the desk English for whoever sits down at it.
    """

    # Rooms whose pages are for customers, by URL namespace.
    PUBLIC: ClassVar[frozenset[str]] = frozenset({"webform"})

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        self._activate(request, self._chosen(request) or settings.LANGUAGE_CODE)
        response = self.get_response(request)
        response.headers.setdefault("Content-Language", translation.get_language() or "")
        patch_vary_headers(response, ("Cookie",))
        return response

    def process_view(
        self, request: HttpRequest, view: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> None:
        match = request.resolver_match
        if match and self.PUBLIC.intersection(match.namespaces) and not self._chosen(request):
            self._activate(request, translation.get_language_from_request(request))

    @staticmethod
    def _activate(request: HttpRequest, code: str) -> None:
        translation.activate(code)
        request.LANGUAGE_CODE = translation.get_language()

    @staticmethod
    def _chosen(request: HttpRequest) -> str:
        known = dict(settings.LANGUAGES)
        # Reading the user costs two queries, and only a session can have one.
        if settings.SESSION_COOKIE_NAME in request.COOKIES:
            own = getattr(request.user, "language", "")
            if own in known:
                return str(own)
        cookie = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        return cookie if cookie in known else ""


def _without_nul(sent: QueryDict) -> QueryDict:
    if not any("\x00" in text for name, texts in sent.lists() for text in (name, *texts)):
        return sent
    clean = QueryDict(mutable=True, encoding=sent.encoding)
    for name, texts in sent.lists():
        clean.setlist(name.replace("\x00", ""), [text.replace("\x00", "") for text in texts])
    return clean


class RequestContextMiddleware:
    """Gives each request a code and an address, answers what went wrong in plain words."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        code = request_code(request)
        request.client_ip = request.META.get("REMOTE_ADDR", "")  # type: ignore[attr-defined]  # ours
        if request.META.get(TOO_LARGE):
            response: HttpResponseBase = errors.too_large(request)
        else:
            response = self._whole(request, self.get_response(request))
            if response.status_code == 405 and request.method == "GET" and not is_api(request):
                allowed = response.headers.get("Allow", "")
                response = errors.not_allowed(request)
                response.headers["Allow"] = allowed
            self._tell_what_arrived(request, response)
        response.headers["X-Request-Code"] = code
        # A part of a page must never be kept as the page itself, nor a page after signing out.
        patch_vary_headers(response, ("HX-Request",))
        if "Cache-Control" not in response.headers:
            # Pages hold personal data: neither a proxy nor the disk of a shared computer keeps them.
            response.headers["Cache-Control"] = "private, no-store"
        return response

    @staticmethod
    def _tell_what_arrived(request: HttpRequest, response: HttpResponseBase) -> None:
        """The next page hears that a form was saved.

        Sent after one was signed out it leads to sign-in: there it is said that nothing was.
        """
        if request.method != "POST" or is_api(request):
            return
        to = response.headers.get("Location", "")
        leads_to_sign_in = to.startswith(address_of("accounts:sign-in") or "/?")
        if leads_to_sign_in and response.status_code == 302 and "?next=" in to:
            response.headers["Location"] = f"{to}&lost=1"
        elif not leads_to_sign_in and "HX-Refresh" not in response.headers:
            note_arrival(request, response)

    @staticmethod
    def _whole(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """A part of a page that leads elsewhere: let the whole page go there.

        Signed out meanwhile, it is loaded anew, so that sign-in leads back to it and not to its part.
        """
        if not wants_fragment(request) or response.status_code not in (301, 302):
            return response
        to = response.headers["Location"]
        if to.startswith(address_of("accounts:sign-in")):
            return HttpResponse(status=204, headers={"HX-Refresh": "true"})
        return HttpResponse(status=204, headers={"HX-Redirect": to})

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: Any
    ) -> HttpResponseBase | None:
        """What no view should meet: NUL, and a form that cannot be read.

        PostgreSQL refuses to keep NUL or be asked for it. An address that holds it names nothing; out of
        what is asked or typed, where it came with something pasted, it is taken. The API says where it is.
        A view may look into the form only after it has acted, for where to go next.
        """
        if "\x00" in request.path_info:
            return errors.not_found(request)
        if not is_api(request):
            request.GET = _without_nul(request.GET)  # type: ignore[assignment]  # no setter in the stubs
            if request.method == "POST":
                request.POST = _without_nul(request.POST)  # type: ignore[assignment]  # as above
        return None

    def process_exception(self, request: HttpRequest, problem: Exception) -> HttpResponse | None:
        if isinstance(problem, Forbidden):
            return errors.forbidden(request, problem)
        if isinstance(problem, NotFound):
            return errors.not_found(request, problem)
        if isinstance(problem, Conflict):
            return errors.conflict(request, problem)
        if isinstance(problem, TooLarge | RequestDataTooBig):
            return errors.too_large(request, problem)
        part = " (part)" if wants_fragment(request) else ""
        log.error("%s %s %s%s", request_code(request), request.method, request.path, part)
        return None
