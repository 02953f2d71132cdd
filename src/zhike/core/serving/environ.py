"""An ASGI scope told in WSGI's words."""

import sys
from time import monotonic
from typing import IO, Any
from urllib.parse import unquote_to_bytes

from zhike.core.serving.asgi_types import Scope

TOO_LARGE = "zhike.body_too_large"
# When the whole request was here and began to wait for a thread, on the monotonic clock.
ARRIVED = "zhike.arrived"


def wsgi_environ(
    scope: Scope, body: IO[bytes], length: int, *, too_large: bool, proxy_count: int = 0
) -> dict[str, Any]:
    """`length` is what really arrived: a chunked body has no other, and WSGI reads none without it."""
    server_name, server_port = scope.get("server") or ("localhost", "80")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": scope.get("root_path", ""),
        # Raw bytes as latin-1, as PEP 3333 asks, so that a broken escape reaches Django unharmed.
        "PATH_INFO": unquote_to_bytes(scope["raw_path"]).decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_NAME": server_name,
        "SERVER_PORT": str(server_port),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "REMOTE_ADDR": "",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.get("scheme", "http"),
        "wsgi.input": body,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        TOO_LARGE: too_large,
        ARRIVED: monotonic(),
    }
    _add_headers(environ, scope["headers"])
    environ["CONTENT_LENGTH"] = str(length)
    environ["REMOTE_ADDR"] = _client_address(scope, environ, proxy_count)
    return environ


def _add_headers(environ: dict[str, Any], headers: list[tuple[bytes, bytes]]) -> None:
    for raw_name, raw_value in headers:
        name = raw_name.decode("latin-1")
        # `X_Forwarded_For` would otherwise pass for `X-Forwarded-For` that a proxy has checked.
        if "_" in name:
            continue
        key = name.upper().replace("-", "_")
        if key not in {"CONTENT_TYPE", "CONTENT_LENGTH"}:
            key = f"HTTP_{key}"
        value = raw_value.decode("latin-1")
        if key in environ:
            value = f"{environ[key]}{'; ' if key == 'HTTP_COOKIE' else ','}{value}"
        environ[key] = value


def _client_address(scope: Scope, environ: dict[str, Any], proxy_count: int) -> str:
    """The peer; behind `proxy_count` proxies, what the outermost of them saw."""
    peer = (scope.get("client") or ("",))[0]
    if proxy_count <= 0:
        return str(peer)
    seen = [part.strip() for part in environ.get("HTTP_X_FORWARDED_FOR", "").split(",") if part]
    return seen[-proxy_count] if len(seen) >= proxy_count else str(peer)
