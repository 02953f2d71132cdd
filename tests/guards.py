"""What a test may not do: reach beyond this machine, or write past the unit of work."""

import re
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.db import connections
from django.db.backends.signals import connection_created

LABELS = (
    "care|complaints|insight|core|accounts|customers|privacy|reference|surveys|satisfaction|desk"
    "|webform|listening|web|api|demo"
)
WRITE = re.compile(
    rf'^\s*(?:INSERT\s+(?:OR\s+\w+\s+)?INTO|UPDATE|DELETE\s+FROM)\s+"?((?:{LABELS})_\w+)"?', re.I
)
# Rows that are not business: how a page was left, what a worker is doing, figures kept on the side.
EXEMPT = re.compile(
    r"^core_(live|count|worker|job|beat|periodic|progress|number|auditseal|ratelimit|cache)"
    # What customers answer without signing in, and what a job counts of it: ADR 28.
    r"|^surveys_(response|tally|quotaplace)$"
    r"|_(draft|presence|preference|savedcolumns|progress|session|attempt)s?$"
    r"|_(fts|search)(_\w+)?$"
)

_allowed: ContextVar[bool] = ContextVar("zhike_given", default=False)


class WriteOutsideUnit(AssertionError):
    """A business row was written outside `core.work.unit(...)`."""


class NetworkRefused(AssertionError):
    """A test tried to reach another machine."""


@contextmanager
def given() -> Iterator[None]:
    """Rows written in here are the scene of a test, not an act of the program."""
    token = _allowed.set(True)
    try:
        yield
    finally:
        _allowed.reset(token)


class WriteGuard:
    """Watches every connection of this process, those of threads started meanwhile included."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def __call__(
        self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any
    ) -> Any:
        from zhike.core import work

        match = WRITE.match(sql)
        if match and not EXEMPT.search(match[1]) and work.current() is None and not _allowed.get():
            self.seen.append(sql[:120])
            raise WriteOutsideUnit(
                f"Written outside core.work.unit(...): {sql[:120]} (a scene of a test: `with given():`)"
            )
        return execute(sql, params, many, context)

    def _on_new_connection(self, connection: Any, **_: Any) -> None:
        connection.execute_wrappers.append(self)

    @contextmanager
    def watching(self) -> Iterator[None]:
        present = connections.all(initialized_only=True)
        for connection in present:
            connection.execute_wrappers.append(self)
        connection_created.connect(self._on_new_connection, weak=False)
        try:
            yield
        finally:
            connection_created.disconnect(self._on_new_connection)
            for connection in connections.all(initialized_only=True):
                connection.execute_wrappers[:] = [
                    wrapper for wrapper in connection.execute_wrappers if wrapper is not self
                ]


def refuse_network() -> None:
    """From here on only sockets of this machine open; for the whole process."""
    connect = socket.socket.connect
    connect_ex = socket.socket.connect_ex

    def guarded(self: socket.socket, address: Any) -> None:
        _only_loopback(self, address)
        connect(self, address)

    def guarded_ex(self: socket.socket, address: Any) -> int:
        _only_loopback(self, address)
        return connect_ex(self, address)

    for name, guard in (("connect", guarded), ("connect_ex", guarded_ex)):
        setattr(socket.socket, name, guard)


def _only_loopback(sock: socket.socket, address: Any) -> None:
    if sock.family == socket.AF_UNIX:
        return
    host = str(address[0])
    if host.startswith("127.") or host in {"localhost", "::1", "0.0.0.0", "::"}:
        return
    raise NetworkRefused(f"A test tried to reach {address!r}; only this machine is allowed.")
