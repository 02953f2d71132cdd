"""One poller per process: it looks for news of the topics somebody listens to and wakes those listeners.

Listeners hold only numbers. The news itself lies once per topic in a ring of ready-made frames, so a
thousand listeners of one topic cost one query and one copy.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from itertools import takewhile
from typing import TypeVar

from django.db import connections

from zhike.core.live import store
from zhike.core.live.store import Frame

log = logging.getLogger("zhike.live")
T = TypeVar("T")

RING_FRAMES = 1000
# A topic nobody listens to any more stays for a while: people go from page to page.
LINGER_POLLS = 100
RETRY_SECONDS = 1.0


@dataclass(eq=False)
class Ring:
    """The latest news of a topic: everything after `floor` up to `head`."""

    floor: int
    head: int
    frames: deque[Frame] = field(default_factory=deque)
    listeners: set["Listener"] = field(default_factory=set)
    idle_polls: int = 0

    def append(self, frame: Frame) -> None:
        self.frames.append(frame)
        self.head = frame.seq
        while len(self.frames) > RING_FRAMES:
            self.floor = self.frames.popleft().seq

    def after(self, seq: int) -> list[Frame]:
        # From the newest backwards: a listener is nearly always only a few behind.
        fresh = list(takewhile(lambda frame: frame.seq > seq, reversed(self.frames)))
        fresh.reverse()
        return fresh


@dataclass(eq=False)
class Listener:
    """One open stream: where it stands, and the event that wakes it."""

    cursor: dict[str, int] = field(default_factory=dict)
    wake: asyncio.Event = field(default_factory=asyncio.Event)


class Hub:
    def __init__(self, poll_seconds: float) -> None:
        self._poll_seconds = poll_seconds
        # One thread: the poller's database connection lives in it, and catching up queues behind it.
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="hub")
        self._rings: dict[str, Ring] = {}
        self._poller: asyncio.Task[None] | None = None
        self._watch = store.ChangeWatch()

    async def join(self, listener: Listener, cursor: dict[str, int | None]) -> None:
        """Let `listener` hear the topics of `cursor` from there on."""
        await self._open_rings(listener, cursor)
        await self._stretch_rings(cursor)
        for name, seq in cursor.items():
            listener.cursor[name] = self._rings[name].head if seq is None else seq
        listener.wake.set()
        if self._poller is None or self._poller.done():
            self._poller = asyncio.create_task(self._run())

    def leave(self, listener: Listener, names: Iterable[str]) -> None:
        for name in names:
            listener.cursor.pop(name, None)
            ring = self._rings.get(name)
            if ring is not None:
                ring.listeners.discard(listener)

    async def take(self, listener: Listener) -> list[Frame]:
        """The news `listener` has not had yet; it counts as had from now on."""
        frames: list[Frame] = []
        for name, seq in list(listener.cursor.items()):
            ring = self._rings[name]
            if ring.floor <= seq <= ring.head:
                fresh = ring.after(seq)
            else:
                fresh = await self._in_pool(partial(store.since, name, seq))
            if fresh:
                frames.extend(fresh)
                listener.cursor[name] = fresh[-1].seq
        return frames

    def close(self) -> None:
        if self._poller is not None:
            self._poller.cancel()
        self._pool.submit(connections.close_all)
        self._pool.shutdown(wait=False)

    async def _open_rings(self, listener: Listener, names: Iterable[str]) -> None:
        missing = [name for name in names if name not in self._rings]
        # A ring with a listener is never forgotten, so register before waiting for the database.
        for name in names:
            if name in self._rings:
                self._rings[name].listeners.add(listener)
        if not missing:
            return
        heads = await self._in_pool(partial(store.heads, missing))
        for name, head in heads.items():
            self._rings.setdefault(name, Ring(floor=head, head=head)).listeners.add(listener)

    async def _stretch_rings(self, cursor: dict[str, int | None]) -> None:
        """Lengthen rings back to the oldest number asked for, within their size.

        After a worker died, all its listeners come back with old numbers at once: the first one's query
        serves them all.
        """
        spans = {}
        for name, seq in cursor.items():
            ring = self._rings[name]
            if seq is not None and ring.head - RING_FRAMES <= seq < ring.floor:
                spans[name] = (seq, ring.floor)
        if not spans:
            return
        frames = await self._in_pool(partial(store.news, spans))
        by_topic: dict[str, list[Frame]] = {}
        for frame in frames:
            by_topic.setdefault(frame.topic, []).append(frame)
        for name, (after, upto) in spans.items():
            ring, older = self._rings[name], by_topic.get(name, [])
            # Somebody else may have stretched it meanwhile; a hole (pruned news) is left to `store.since`.
            if ring.floor == upto and len(older) == upto - after:
                ring.frames.extendleft(reversed(older))
                ring.floor = after

    async def _run(self) -> None:
        while self._rings:
            try:
                await self._poll()
                await asyncio.sleep(self._poll_seconds)
            except asyncio.CancelledError:
                raise
            except Exception:
                # The database restarts, or a disk is full: listeners keep their numbers and miss nothing.
                log.exception("looking for news failed; trying again")
                self._watch = store.ChangeWatch()
                self._pool.submit(connections.close_all)
                await asyncio.sleep(RETRY_SECONDS)

    async def _poll(self) -> None:
        self._forget_idle()
        known = {name: ring.head for name, ring in self._rings.items()}
        for frame in await self._in_pool(partial(self._look, known)):
            ring = self._rings[frame.topic]
            ring.append(frame)
            for listener in ring.listeners:
                listener.wake.set()

    def _look(self, known: dict[str, int]) -> list[Frame]:
        """In the hub's thread: what has come since `known`."""
        if not self._watch.changed():
            return []
        current = store.heads(known)
        return store.news(
            {name: (known[name], head) for name, head in current.items() if head > known[name]}
        )

    def _forget_idle(self) -> None:
        for name, ring in list(self._rings.items()):
            ring.idle_polls = 0 if ring.listeners else ring.idle_polls + 1
            if ring.idle_polls > LINGER_POLLS:
                del self._rings[name]

    async def _in_pool(self, call: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._pool, call)
