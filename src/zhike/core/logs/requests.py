"""Outermost around every page: its id, the line that tells how it went, and its part in the figures."""

import logging
import re
import secrets
from collections.abc import Callable
from contextlib import ExitStack
from time import monotonic
from typing import Any

from django.conf import settings
from django.db import connection
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from zhike.core.logs.bound import bound, code_of
from zhike.core.metrics.counted import count_request
from zhike.core.phones import masked_numbers
from zhike.core.serving.environ import ARRIVED

log = logging.getLogger("zhike.request")

HEADER = "X-Request-ID"
_FIT = re.compile(r"[A-Za-z0-9._-]{8,64}")
# Asked every few seconds by machines; a line each would bury the others.
_QUIET = frozenset({"healthz", "metrics"})


class RequestLogMiddleware:
    """Takes over the `X-Request-ID` of a proxy, or makes one, and gives it back with the answer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request_id = _id_of(request)
        request.request_id = request_id  # type: ignore[attr-defined]  # ours
        began = monotonic()
        statements = _Counter()
        with ExitStack() as around:
            around.enter_context(bound(request=request_id, code=code_of(request_id)))
            around.enter_context(connection.execute_wrapper(statements))
            response = self.get_response(request)
            response.headers[HEADER] = request_id
            seconds = monotonic() - began
            arrived = request.META.get(ARRIVED)
            waited = began - arrived if arrived is not None else None
            count_request(
                route=route_of(request),
                method=str(request.method),
                status=response.status_code,
                seconds=seconds,
                waited=waited,
            )
            _tell(request, response, seconds, waited or 0.0, statements.count)
        return response


class _Counter:
    def __init__(self) -> None:
        self.count = 0

    def __call__(self, execute: Callable[..., Any], *call: Any) -> Any:
        self.count += 1
        return execute(*call)


def _id_of(request: HttpRequest) -> str:
    given = request.headers.get(HEADER, "")
    # Anybody may send one, and it will stand in the log: no sentence, no number of a person.
    if _FIT.fullmatch(given) and masked_numbers(given) == given:
        return given
    return secrets.token_hex(16)


def _tell(
    request: HttpRequest,
    response: HttpResponseBase,
    seconds: float,
    waited: float,
    statements: int,
) -> None:
    route = route_of(request)
    status = response.status_code
    level = logging.WARNING if status >= 500 else logging.INFO
    if route in _QUIET and status < 500:
        level = logging.DEBUG
    if not log.isEnabledFor(level):
        return
    # The route and not the path: an address may hold what signs a customer in, or a word somebody searched for.
    facts: dict[str, Any] = {
        "method": request.method,
        "route": route,
        "status": status,
        "ms": round(seconds * 1000, 1),
        "waited_ms": round(waited * 1000, 1),
        "statements": statements,
        "user": _user_of(request),
    }
    log.log(level, "request", extra=facts)


def route_of(request: HttpRequest) -> str:
    """The name of the route, “static” for page assets, empty for an address we do not know."""
    match = request.resolver_match
    if match is not None:
        return match.view_name
    return "static" if request.path.startswith(f"/{settings.STATIC_URL.lstrip('/')}") else ""


def _user_of(request: HttpRequest) -> int | None:
    """Who is known by now, without asking the database: a page may not have looked."""
    user = getattr(request, "_cached_user", None)
    if user is not None:
        return user.pk if isinstance(user.pk, int) else None
    auth = getattr(request, "auth", None)
    return getattr(auth[0], "id", None) if isinstance(auth, tuple) and auth else None
