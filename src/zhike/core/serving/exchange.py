"""One WSGI call, cut into the steps that need a thread."""

import contextvars
import logging
from collections.abc import Callable, Iterable, Iterator
from time import monotonic
from typing import Any

from django.utils import translation

log = logging.getLogger("zhike.serving")

BLOCK_BYTES = 64 * 1024
# A body that yields slowly is sent on after this long, even if the block is not full.
BLOCK_SECONDS = 0.2

WsgiApp = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
Headers = list[tuple[bytes, bytes]]


class Exchange:
    """A request in Django's hands. `begin`, `next_block` and `close` are one hop into a thread each.

    All hops share one context (`contextvars`). Django's active language is tied to the thread as well, so it
    is carried over by hand into the thread that renders a streamed body.
    """

    def __init__(self, app: WsgiApp, environ: dict[str, Any]) -> None:
        self._app = app
        self._environ = environ
        self._context = contextvars.copy_context()
        self._response: Iterable[bytes] = ()
        self._blocks: Iterator[bytes] = iter(())
        self._language: str | None = None
        self._closed = False
        self.status = 500
        self.headers: Headers = []
        self.body: bytes | None = None
        # True while `next_block` has more to give.
        self.open = False

    def begin(self) -> None:
        """Run the view. A plain answer is complete afterwards; a streamed one is `open`."""
        self._context.run(self._begin)

    def next_block(self) -> bytes:
        """About 64 kB of a streamed body; clears `open` at its end."""
        return self._context.run(self._next_block)

    def close(self) -> None:
        self._context.run(self._close)

    def _begin(self) -> None:
        try:
            self._response = self._app(self._environ, self._start_response)
            if self._environ["REQUEST_METHOD"] == "HEAD":
                self.body = b""
            elif self._is_streamed():
                self._blocks = iter(self._response)
                self.open = True
                self._language = translation.get_language()
                # A file needs no database: its first block (often all of it) saves a hop.
                if hasattr(self._response, "file_to_stream"):
                    self._take_first_block()
            else:
                self.body = b"".join(self._response)
                self._set_length(len(self.body))
        finally:
            if not self.open:
                self._close()

    def _is_streamed(self) -> bool:
        return bool(getattr(self._response, "streaming", not isinstance(self._response, list)))

    def _take_first_block(self) -> None:
        try:
            block = self._next_block()
        except BaseException:
            self.open = False
            raise
        if self.open:
            first, rest = block, self._blocks
            self._blocks = _chain(first, rest)
        else:
            self.body = block

    def _next_block(self) -> bytes:
        if self._language is not None and translation.get_language() != self._language:
            translation.activate(self._language)
        parts: list[bytes] = []
        size = 0
        started = monotonic()
        for part in self._blocks:
            parts.append(part)
            size += len(part)
            if size >= BLOCK_BYTES or monotonic() - started > BLOCK_SECONDS:
                return b"".join(parts)
        self.open = False
        return b"".join(parts)

    def _close(self) -> None:
        if self._closed:
            return
        self._closed = True
        try:
            close = getattr(self._response, "close", None)
            if close is not None:
                close()
        except Exception:
            # The answer is already on its way; a failing finaliser must not take it back.
            log.exception("closing the response to %s failed", self._environ["PATH_INFO"])

    def _start_response(
        self, status: str, headers: list[tuple[str, str]], exc_info: Any = None
    ) -> Callable[[bytes], None]:
        self.status = int(status.split(" ", 1)[0])
        self.headers = [
            (name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers
        ]
        return _refuse_write

    def _set_length(self, length: int) -> None:
        if self.status >= 200 and self.status not in {204, 304}:
            kept = [pair for pair in self.headers if pair[0] != b"content-length"]
            self.headers = [*kept, (b"content-length", str(length).encode())]


def _chain(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest


def _refuse_write(data: bytes) -> None:
    raise NotImplementedError("The old write() of WSGI is not supported: return an iterable.")
