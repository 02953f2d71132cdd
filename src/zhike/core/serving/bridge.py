"""From ASGI to Django's WSGI handler, with a bounded number of threads.

A plain page costs one hop into the page threads. A streamed answer is read in blocks by one of the stream
threads, which it holds only while a block is made: a reader that stalls holds none. Why not a package, and
what each of them got wrong: docs/adr/0003-serving-one-port.md.
"""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from zhike.core.metrics.counted import BUSY
from zhike.core.serving.asgi_types import Receive, Scope, Send, answer
from zhike.core.serving.body import Body, ClientGone, ClientTooSlow, read_body
from zhike.core.serving.environ import wsgi_environ
from zhike.core.serving.exchange import Exchange, WsgiApp

log = logging.getLogger("zhike.serving")
T = TypeVar("T")

MEGABYTE = 1024 * 1024
# A reader of a download may pause this long before we give it up.
STALL_SECONDS = 120.0


class Lane:
    """One thread for streamed bodies. A stream stays in its lane, so its database cursor stays in one thread."""

    def __init__(self, number: int) -> None:
        self.pool = ThreadPoolExecutor(1, thread_name_prefix=f"stream-{number}")
        self.streams = 0


class Bridge:
    def __init__(
        self,
        app: WsgiApp,
        *,
        threads: int = 4,
        lanes: int = 2,
        queue_limit: int = 128,
        body_limit: int = 21 * MEGABYTE,
        proxy_count: int = 0,
        busy_sentence: Callable[[Scope], str],
    ) -> None:
        self._app = app
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="page")
        self._lanes = [Lane(number) for number in range(lanes)]
        self._places = threads + queue_limit
        self._threads = threads
        self._taken = 0
        self._body_limit = body_limit
        self._proxy_count = proxy_count
        self._busy_sentence = busy_sentence
        self._cut = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            body = await read_body(scope, receive, self._body_limit)
        except ClientGone:
            return
        except ClientTooSlow:
            await answer(send, 408, "The request took too long to arrive.")
            return
        try:
            await self._serve(scope, body, receive, send)
        finally:
            body.close()

    def cut_streams(self) -> None:
        """End all downloads, at shutdown."""
        self._cut.set()

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)
        for lane in self._lanes:
            lane.pool.shutdown(wait=False, cancel_futures=True)

    async def _serve(self, scope: Scope, body: Body, receive: Receive, send: Send) -> None:
        # Beyond this many waiting, an honest "busy" is better than an answer nobody waits for.
        if self._taken >= self._places:
            BUSY.inc()
            await answer(send, 503, self._busy_sentence(scope), ((b"retry-after", b"3"),))
            return
        environ = wsgi_environ(
            scope,
            body.stream,
            body.length,
            too_large=body.too_large,
            proxy_count=self._proxy_count,
        )
        exchange = Exchange(self._app, environ)
        if not await self._begin(exchange, scope, receive, send):
            return
        await send(
            {
                "type": "http.response.start",
                "status": exchange.status,
                "headers": exchange.headers,
            }
        )
        if exchange.open:
            await self._stream(exchange, receive, send)
        else:
            await send({"type": "http.response.body", "body": exchange.body or b""})

    async def _begin(self, exchange: Exchange, scope: Scope, receive: Receive, send: Send) -> bool:
        must_wait = self._taken >= self._threads
        gone = asyncio.create_task(_until_gone(receive)) if must_wait else None

        def run() -> bool:
            # Whoever left while waiting (an impatient reload) is not served any more.
            if gone is not None and gone.done():
                return False
            exchange.begin()
            return True

        self._taken += 1
        try:
            return await _in_thread(self._pool, run)
        except Exception:
            log.exception("%s %s failed outside of Django", scope["method"], scope["path"])
            await answer(send, 500, "Something went wrong on our side.")
            return False
        finally:
            self._taken -= 1
            if gone is not None:
                gone.cancel()

    async def _stream(self, exchange: Exchange, receive: Receive, send: Send) -> None:
        lane = min(self._lanes, key=lambda lane: lane.streams)
        lane.streams += 1
        ended = [
            asyncio.create_task(_until_gone(receive)),
            asyncio.create_task(_until_set(self._cut)),
        ]
        try:
            while exchange.open:
                block = await _in_thread(lane.pool, exchange.next_block)
                sending = asyncio.ensure_future(_sent(send, block, more=exchange.open))
                done, _ = await asyncio.wait(
                    [sending, *ended], return_when="FIRST_COMPLETED", timeout=STALL_SECONDS
                )
                if sending not in done or any(task.done() for task in ended):
                    # Returning without the last block makes granian cut the connection, so that
                    # nobody takes a part for the whole.
                    sending.cancel()
                    break
                sending.result()
        finally:
            for task in ended:
                task.cancel()
            lane.streams -= 1
            await asyncio.shield(_in_thread(lane.pool, exchange.close))


async def _in_thread(pool: ThreadPoolExecutor, call: Callable[[], T]) -> T:
    return await asyncio.get_running_loop().run_in_executor(pool, call)


async def _sent(send: Send, block: bytes, *, more: bool) -> None:
    await send({"type": "http.response.body", "body": block, "more_body": more})


async def _until_gone(receive: Receive) -> None:
    """Returns when the client has left. The body must have been read."""
    while True:
        message: Any = await receive()
        if message["type"] == "http.disconnect":
            return


async def _until_set(event: asyncio.Event) -> None:
    await event.wait()
