"""The one ASGI application: live updates natively, pages through the bridge."""

import asyncio
import gc
import signal
from types import FrameType
from typing import Protocol

from zhike.core.serving import lifeline
from zhike.core.serving.asgi_types import App, Receive, Scope, Send
from zhike.core.serving.bridge import Bridge

# After SIGTERM: live streams end at once, downloads get this long to finish.
DOWNLOAD_GRACE_SECONDS = 0.5


class Live(Protocol):
    """What `core.live` offers to the front."""

    async def stream(self, scope: Scope, receive: Receive, send: Send) -> None: ...

    async def poll(self, scope: Scope, receive: Receive, send: Send) -> None: ...

    def end_all(self) -> None: ...

    def close(self) -> None: ...


class Front:
    def __init__(self, pages: Bridge, live: Live) -> None:
        self._pages = pages
        self._live = live
        self._routes: dict[str, App] = {"/live": live.stream, "/poll": live.poll}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            handler = self._routes.get(scope["path"], self._pages)
            await handler(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self._lifespan(receive, send)

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                # A worker must not outlive granian's main process, whichever way that one dies.
                lifeline.hold_if_supervised()
                self._listen_for_stop()
                # What was loaded to start with stays: pages make thousands of short-lived objects, and each full
                # collection would look through all modules again, a tenth of the time of a page.
                gc.freeze()
                gc.set_threshold(50_000, 20, 50)
                await send({"type": "lifespan.startup.complete"})
            elif message["type"] == "lifespan.shutdown":
                self._live.close()
                self._pages.close()
                await send({"type": "lifespan.shutdown.complete"})
                return

    def _listen_for_stop(self) -> None:
        """End open streams on SIGTERM: granian waits for every connection before it shuts down.

        granian hears the signal through asyncio's wake-up descriptor, which C code fills whatever the Python
        handler is. So a Python handler of ours runs beside it instead of replacing it.
        """
        loop = asyncio.get_running_loop()

        def on_signal(number: int, frame: FrameType | None) -> None:
            loop.call_soon_threadsafe(self._stop)

        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, on_signal)
            signal.siginterrupt(number, False)

    def _stop(self) -> None:
        self._live.end_all()
        asyncio.get_running_loop().call_later(DOWNLOAD_GRACE_SECONDS, self._pages.cut_streams)
