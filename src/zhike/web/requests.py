"""What a page knows of the request it answers: its code, where it came from, whether it is a part."""

import secrets
from typing import Any

from django.http import HttpRequest

from zhike.core.logs.bound import code_of


def request_code(request: HttpRequest) -> str:
    """A short code people can read out on the telephone; it stands in the log beside the error."""
    code: Any = getattr(request, "code", None)
    if code is None:
        code = code_of(getattr(request, "request_id", "") or secrets.token_hex(16))
        request.code = code  # type: ignore[attr-defined]  # ours, read back here alone
    return str(code)


def wants_fragment(request: HttpRequest) -> bool:
    """A script replaces part of a page and needs no shell round it."""
    return (
        request.headers.get("HX-Request") == "true"
        and request.headers.get("HX-History-Restore-Request") != "true"
    )


def is_api(request: HttpRequest) -> bool:
    return request.path.startswith("/api/")
