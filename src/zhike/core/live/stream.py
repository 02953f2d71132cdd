"""One open stream: frames as they come, a ping when it is quiet, a second look at the session now and then.

It costs no thread and no database connection.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress

from zhike.core.live import cursor as cursors
from zhike.core.live.cursor import Cursor
from zhike.core.live.hub import Hub, Listener
from zhike.core.live.store import Frame
from zhike.core.live.visitor import Visit
from zhike.core.serving.asgi_types import SAFE_HEADERS, Receive, Send

PING_SECONDS = 15.0
RECHECK_SECONDS = 60.0
HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-cache"),
    # nginx would otherwise collect events until its buffer is full.
    (b"x-accel-buffering", b"no"),
    *SAFE_HEADERS,
]

Recheck = Callable[[tuple[str, ...]], Awaitable[Visit | None]]


class Stream:
    def __init__(self, hub: Hub, cursor: Cursor, recheck: Recheck) -> None:
        self._hub = hub
        self._cursor = cursor
        self._recheck = recheck
        self._listener = Listener()
        self._position: dict[str, int] = {}
        self._delivering: asyncio.Task[None] | None = None

    async def run(self, receive: Receive, send: Send) -> None:
        """Until the client leaves, the session ends, or `end` is called."""
        names = tuple(self._cursor)
        try:
            await self._hub.join(self._listener, self._cursor)
            await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
            await self._deliver_until_gone(receive, send)
        finally:
            self._hub.leave(self._listener, names)
        with suppress(TimeoutError):
            await asyncio.wait_for(_send(send, b"", more=False), 0.2)

    def end(self) -> None:
        if self._delivering is not None:
            self._delivering.cancel()

    async def _deliver_until_gone(self, receive: Receive, send: Send) -> None:
        self._delivering = asyncio.create_task(self._deliver(send))
        gone = asyncio.create_task(_until_gone(receive))
        await asyncio.wait([self._delivering, gone], return_when="FIRST_COMPLETED")
        gone.cancel()
        self._delivering.cancel()
        with suppress(asyncio.CancelledError):
            await self._delivering

    async def _deliver(self, send: Send) -> None:
        now = asyncio.get_running_loop().time
        self._position = dict(self._listener.cursor)
        # Spread reconnections: a restart would otherwise bring everybody back in one moment. The `id` lets a
        # client that asked "from now on" resume even if it is cut off before any news.
        await _send(send, f"retry: {random.randint(300, 1200)}\n{self._id()}\n\n".encode())
        quiet_since, check_at = now(), now() + _jittered(RECHECK_SECONDS)
        while True:
            self._listener.wake.clear()
            frames = await self._hub.take(self._listener)
            if any(frame.is_sign_out for frame in frames) and not await self._still_allowed():
                return
            if frames:
                await _send(send, "".join(map(self._event, frames)).encode())
                quiet_since = now()
                continue
            ping_at = quiet_since + PING_SECONDS
            with suppress(TimeoutError):
                await asyncio.wait_for(
                    self._listener.wake.wait(), max(0.01, min(ping_at, check_at) - now())
                )
            if now() >= check_at:
                if not await self._still_allowed():
                    return
                check_at = now() + _jittered(RECHECK_SECONDS)
            if now() >= ping_at:
                await _send(send, b": ping\n\n")
                quiet_since = now()

    def _event(self, frame: Frame) -> str:
        self._position[frame.topic] = frame.seq
        return f"{self._id()}\ndata: {frame.data}\n\n"

    def _id(self) -> str:
        return f"id: {cursors.text(self._position)}"

    async def _still_allowed(self) -> bool:
        names = tuple(self._position)
        visit = await self._recheck(names)
        if visit is None or not visit.heard:
            return False
        lost = [name for name in names if name not in visit.heard]
        self._hub.leave(self._listener, lost)
        for name in lost:
            del self._position[name]
        return True


def _jittered(seconds: float) -> float:
    return seconds * random.uniform(0.75, 1.25)


async def _send(send: Send, block: bytes, *, more: bool = True) -> None:
    await send({"type": "http.response.body", "body": block, "more_body": more})


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
