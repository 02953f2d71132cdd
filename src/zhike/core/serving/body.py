"""Taking in a request body: without a thread, so that a slow sender holds none, and never beyond the limit."""

import asyncio
import io
import tempfile
from dataclasses import dataclass
from typing import IO

from zhike.core.serving.asgi_types import Message, Receive, Scope, header

SPOOL_BYTES = 1024 * 1024
# How long a sender may pause, and how much more than the limit we swallow so that it can read our answer:
# a browser that is cut off while sending shows "connection reset" instead of the page.
IDLE_SECONDS = 60.0
DRAIN_BYTES = 512 * 1024 * 1024


class ClientGone(Exception):
    """The client left before its request was complete."""


class ClientTooSlow(Exception):
    """The client paused too long in the middle of its body."""


@dataclass
class Body:
    stream: IO[bytes]
    length: int
    too_large: bool

    def close(self) -> None:
        self.stream.close()


async def read_body(scope: Scope, receive: Receive, limit: int) -> Body:
    declared = header(scope, b"content-length")
    chunked = bool(header(scope, b"transfer-encoding"))
    if not chunked and declared in {"", "0"} and scope["http_version"] != "2":
        return Body(io.BytesIO(), 0, too_large=False)
    if declared.isdigit() and int(declared) > limit:
        # A client that asks first (`Expect: 100-continue`) is told no before it sends anything.
        if "100-continue" not in header(scope, b"expect").lower():
            await _drain(receive)
        return Body(io.BytesIO(), 0, too_large=True)
    return await _spool(receive, limit)


async def _spool(receive: Receive, limit: int) -> Body:
    stream = tempfile.SpooledTemporaryFile(max_size=SPOOL_BYTES)  # noqa: SIM115 - Body.close() ends it
    length = 0
    try:
        while True:
            message = await _next(receive)
            block = message.get("body", b"")
            length += len(block)
            if length > limit:
                stream.close()
                if message.get("more_body"):
                    await _drain(receive)
                return Body(io.BytesIO(), 0, too_large=True)
            stream.write(block)
            if not message.get("more_body"):
                break
    except BaseException:
        stream.close()
        raise
    stream.seek(0)
    return Body(stream, length, too_large=False)


async def _next(receive: Receive) -> Message:
    # granian's receive() gives a bare awaitable; wait_for wants a coroutine.
    async def message() -> Message:
        return await receive()

    try:
        got = await asyncio.wait_for(message(), IDLE_SECONDS)
    except TimeoutError:
        raise ClientTooSlow from None
    if got["type"] == "http.disconnect":
        raise ClientGone
    return got


async def _drain(receive: Receive) -> None:
    swallowed = 0
    while swallowed < DRAIN_BYTES:
        message = await _next(receive)
        swallowed += len(message.get("body", b""))
        if not message.get("more_body"):
            return
