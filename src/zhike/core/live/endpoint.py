"""`GET /live?topics=…`: server-sent events. `GET /poll?topics=…`: the same as JSON, for those who cannot stream.

The cursor travels as the events' `id:`, so a browser that reconnects (`Last-Event-ID`), to whichever worker,
misses nothing and gets nothing twice.
"""

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from urllib.parse import parse_qs

from django.conf import settings
from django.http.request import split_domain_port, validate_host

from zhike.core.live import cursor as cursors
from zhike.core.live import store
from zhike.core.live.cursor import BadCursor, Cursor
from zhike.core.live.hub import Hub
from zhike.core.live.stream import Stream
from zhike.core.live.visitor import Visit, session_key, visit
from zhike.core.metrics.counted import STREAMS
from zhike.core.serving.asgi_types import Receive, Scope, Send, answer, header

MOST_STREAMS = 4000
JSON = b"application/json; charset=utf-8"


class Refused(Exception):
    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence


class LiveEndpoint:
    def __init__(self, poll_seconds: float) -> None:
        self._hub = Hub(poll_seconds)
        self._pool = ThreadPoolExecutor(2, thread_name_prefix="live-sign-in")
        self._streams: set[Stream] = set()
        self._stopping = False

    async def stream(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            if self._stopping or len(self._streams) >= MOST_STREAMS:
                raise Refused(503, "Not now. Please reconnect in a moment.")
            cursor = await self._admitted(scope, header(scope, b"last-event-id"))
        except Refused as refused:
            await _refuse(send, refused)
            return
        stream = Stream(self._hub, cursor, partial(self._visit, session_key(scope)))
        self._streams.add(stream)
        STREAMS.inc()
        try:
            await stream.run(receive, send)
        finally:
            self._streams.discard(stream)
            STREAMS.dec()

    async def poll(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            cursor = await self._admitted(scope, "")
        except Refused as refused:
            await _refuse(send, refused)
            return
        loop = asyncio.get_running_loop()
        body = await loop.run_in_executor(self._pool, partial(_news_since, cursor))
        await answer(send, 200, body, content_type=JSON)

    def end_all(self) -> None:
        """At shutdown: every stream ends now; browsers reconnect to whoever serves next."""
        self._stopping = True
        for stream in list(self._streams):
            stream.end()

    def close(self) -> None:
        self._hub.close()
        self._pool.shutdown(wait=False, cancel_futures=True)

    async def _admitted(self, scope: Scope, last_id: str) -> Cursor:
        """The topics this visitor may hear, and since when."""
        if not _asks_for_us(scope):
            raise Refused(400, "This name is not one of ours.")
        if scope["method"] != "GET":
            raise Refused(405, "Only GET.")
        query = parse_qs(scope["query_string"].decode("latin-1"))
        try:
            wanted = cursors.parse(query.get("topics", [""])[0])
            resumed = cursors.parse(last_id) if last_id else {}
        except BadCursor:
            raise Refused(400, "topics must look like case:15:12,user:3:7 (at most 50).") from None
        wanted.update({name: seq for name, seq in resumed.items() if name in wanted})
        visitor = await self._visit(session_key(scope), tuple(wanted))
        if visitor is None:
            raise Refused(401, "Please sign in.")
        heard = {name: seq for name, seq in wanted.items() if name in visitor.heard}
        if not heard:
            raise Refused(403, "None of these topics is open to you.")
        return heard

    async def _visit(self, key: str, names: tuple[str, ...]) -> Visit | None:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, visit, key, names)


def _asks_for_us(scope: Scope) -> bool:
    """Django checks the name for pages; these addresses never reach it."""
    name, _port = split_domain_port(header(scope, b"host"))
    return bool(name) and validate_host(name, settings.ALLOWED_HOSTS)


async def _refuse(send: Send, refused: Refused) -> None:
    again = ((b"retry-after", b"3"),) if refused.status == 503 else ()
    await answer(send, refused.status, refused.sentence, again)


def _news_since(cursor: Cursor) -> str:
    """Blocking: the news as JSON, with the cursor to ask for next time."""
    heads = store.heads(name for name, seq in cursor.items() if seq is None)
    position = {name: heads[name] if seq is None else seq for name, seq in cursor.items()}
    frames = [frame for name, seq in position.items() for frame in store.since(name, seq)]
    position.update({frame.topic: frame.seq for frame in frames})
    # The frames are JSON already.
    events = ",".join(frame.data for frame in frames)
    return f'{{"topics":{json.dumps(cursors.text(position))},"events":[{events}]}}'
