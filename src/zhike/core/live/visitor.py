"""Who listens: from the session cookie to rights, and again now and then, for a stream outlives a logout."""

from dataclasses import dataclass
from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user
from django.db import close_old_connections
from django.http import HttpRequest
from django.http.cookie import parse_cookie

from zhike.core.access import Grants, grants_of
from zhike.core.live import rights
from zhike.core.serving.asgi_types import Scope, header


@dataclass(frozen=True)
class Visit:
    """`heard` are the topics the person may hear; None as a whole when nobody is signed in."""

    grants: Grants
    heard: frozenset[str]


def session_key(scope: Scope) -> str:
    return parse_cookie(header(scope, b"cookie")).get(settings.SESSION_COOKIE_NAME, "")


def visit(key: str, names: tuple[str, ...]) -> Visit | None:
    """Blocking: to be called in an executor thread."""
    if not key:
        return None
    close_old_connections()
    try:
        request = HttpRequest()
        request.session = _session_store()(key)
        # Also refuses a session made before the password was changed.
        user = get_user(request)
        if not user.is_authenticated:
            return None
        grants = grants_of(user)
        return Visit(grants, rights.allowed(grants, names))
    finally:
        close_old_connections()


def _session_store() -> Any:
    return import_module(settings.SESSION_ENGINE).SessionStore
