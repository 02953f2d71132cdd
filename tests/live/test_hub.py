"""The hub and a stream on it, in one process, with a real database."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from django.db import DatabaseError

from tests.live.news import touch
from zhike.core.access import Grants
from zhike.core.live import hub as hubs
from zhike.core.live import store
from zhike.core.live import stream as streams
from zhike.core.live.hub import Hub, Listener
from zhike.core.live.stream import Stream
from zhike.core.live.visitor import Visit

pytestmark = pytest.mark.django_db(transaction=True)
POLL = 0.02


def run(story: Callable[[Hub], Awaitable[None]]) -> None:
    async def whole() -> None:
        hub = Hub(POLL)
        try:
            await asyncio.wait_for(story(hub), 20)
        finally:
            hub.close()
            # Its thread closes the database connection on its way out.
            await asyncio.to_thread(hub._pool.shutdown)

    asyncio.run(whole())


async def hear(hub: Hub, listener: Listener, count: int) -> list[int]:
    heard: list[int] = []
    while len(heard) < count:
        listener.wake.clear()
        frames = await hub.take(listener)
        heard += [frame.seq for frame in frames]
        if not frames:
            await asyncio.wait_for(listener.wake.wait(), 5)
    return heard


async def in_thread(call: Callable[..., Any], *arguments: Any) -> Any:
    def and_close() -> Any:
        from django.db import connection

        try:
            return call(*arguments)
        finally:
            connection.close()

    return await asyncio.to_thread(and_close)


def test_news_reaches_its_listeners_and_only_them():
    async def story(hub: Hub) -> None:
        here, there = Listener(), Listener()
        await hub.join(here, {"case:1": None})
        await hub.join(there, {"case:2": None})
        await in_thread(touch, "case:1", 3)
        assert await hear(hub, here, 3) == [1, 2, 3]
        assert await hub.take(there) == []

    run(story)


def test_latecomers_catch_up_from_the_ring_and_beyond_it_from_the_database(monkeypatch):
    monkeypatch.setattr(hubs, "RING_FRAMES", 10)
    touch("case:1", 30)

    async def story(hub: Hub) -> None:
        recent, old = Listener(), Listener()
        await hub.join(recent, {"case:1": 25})
        assert len(hub._rings["case:1"].frames) == 5, "the ring was stretched back for it"
        await hub.join(old, {"case:1": 3})
        assert await hear(hub, recent, 5) == list(range(26, 31))
        assert await hear(hub, old, 27) == list(range(4, 31))
        await in_thread(touch, "case:1", 15)
        assert await hear(hub, recent, 15) == list(range(31, 46))
        assert len(hub._rings["case:1"].frames) <= 10

    run(story)


def test_a_database_that_fails_for_a_while_costs_no_news(monkeypatch):
    monkeypatch.setattr(hubs, "RETRY_SECONDS", 0.05)
    monkeypatch.setattr(hubs.log, "exception", lambda *_: None)
    failures = iter([True, True])
    original = store.news

    def failing(spans: Any) -> Any:
        if next(failures, False):
            raise DatabaseError("gone for a moment")
        return original(spans)

    async def story(hub: Hub) -> None:
        listener = Listener()
        await hub.join(listener, {"case:1": None})
        monkeypatch.setattr(store, "news", failing)
        await in_thread(touch, "case:1", 2)
        assert await hear(hub, listener, 2) == [1, 2]

    run(story)


def test_a_topic_nobody_listens_to_is_forgotten_after_a_while(monkeypatch):
    monkeypatch.setattr(hubs, "LINGER_POLLS", 2)

    async def story(hub: Hub) -> None:
        listener = Listener()
        await hub.join(listener, {"case:1": None, "case:2": None})
        hub.leave(listener, ["case:2"])
        while "case:2" in hub._rings:
            await asyncio.sleep(POLL)
        assert set(hub._rings) == {"case:1"}

    run(story)


class Reader:
    """The receiving end of a stream."""

    def __init__(self) -> None:
        self.text = ""
        self.complete = False
        self.left = asyncio.Event()

    async def receive(self) -> dict[str, Any]:
        await self.left.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Any) -> None:
        if message["type"] == "http.response.body":
            self.text += message["body"].decode()
            self.complete = not message["more_body"]

    def events(self) -> list[dict[str, Any]]:
        lines = self.text.splitlines()
        return [json.loads(line[6:]) for line in lines if line.startswith("data: ")]

    async def until(self, condition: Callable[[], Any]) -> None:
        while not condition():
            await asyncio.sleep(0.01)


def test_each_event_carries_the_position_in_all_topics():
    async def story(hub: Hub) -> None:
        reader = Reader()
        stream = Stream(hub, {"case:1": 0, "user:3": None}, _always("case:1", "user:3"))
        task = asyncio.create_task(stream.run(reader.receive, reader.send))
        await reader.until(lambda: "id: case:1:0,user:3:0" in reader.text)
        await in_thread(touch, "user:3")
        await reader.until(lambda: len(reader.events()) == 1)
        await in_thread(touch, "case:1")
        await reader.until(lambda: len(reader.events()) == 2)
        assert "id: case:1:1,user:3:1\n" in reader.text
        assert [event["topic"] for event in reader.events()] == ["user:3", "case:1"]
        reader.left.set()
        await task
        assert not any(ring.listeners for ring in hub._rings.values())

    run(story)


def test_a_quiet_stream_pings_and_ends_when_the_server_stops(monkeypatch):
    monkeypatch.setattr(streams, "PING_SECONDS", 0.05)

    async def story(hub: Hub) -> None:
        reader = Reader()
        stream = Stream(hub, {"case:1": None}, _always("case:1"))
        task = asyncio.create_task(stream.run(reader.receive, reader.send))
        await reader.until(lambda: reader.text.count(": ping") >= 2)
        stream.end()
        await task
        assert reader.complete

    run(story)


def test_a_stream_ends_after_the_logout_and_loses_topics_with_the_right(monkeypatch):
    monkeypatch.setattr(streams, "RECHECK_SECONDS", 0.05)
    allowed: list[Visit | None] = [
        Visit(Grants(user_id=1), frozenset({"case:1", "case:2"})),
        Visit(Grants(user_id=1), frozenset({"case:1"})),
    ]

    async def recheck(names: tuple[str, ...]) -> Visit | None:
        return allowed.pop(0) if len(allowed) > 1 else allowed[0]

    async def story(hub: Hub) -> None:
        reader = Reader()
        stream = Stream(hub, {"case:1": None, "case:2": None}, recheck)
        task = asyncio.create_task(stream.run(reader.receive, reader.send))
        await reader.until(lambda: stream._position == {"case:1": 0})
        await in_thread(touch, "case:2")
        await in_thread(touch, "case:1")
        await reader.until(reader.events)
        assert [event["topic"] for event in reader.events()] == ["case:1"]
        allowed[:] = [None]
        await task
        assert reader.complete

    run(story)


def test_news_that_sessions_were_ended_makes_a_stream_look_again_before_it_tells_more():
    allowed: list[Visit | None] = [Visit(Grants(user_id=3), frozenset({"user:3"}))]

    async def recheck(_names: tuple[str, ...]) -> Visit | None:
        return allowed[0]

    def end_sessions() -> None:
        touch("user:3", kind=store.SIGNED_OUT)

    async def story(hub: Hub) -> None:
        reader = Reader()
        stream = Stream(hub, {"user:3": None}, recheck)
        task = asyncio.create_task(stream.run(reader.receive, reader.send))
        await reader.until(lambda: "id: user:3:0" in reader.text)
        # Another of their sessions was ended: this one goes on.
        await in_thread(end_sessions)
        await reader.until(reader.events)
        allowed[:] = [None]
        await in_thread(end_sessions)
        await asyncio.wait_for(task, 5)
        assert reader.complete
        assert len(reader.events()) == 1

    run(story)


def _always(*names: str) -> Callable[[tuple[str, ...]], Awaitable[Visit | None]]:
    async def recheck(_names: tuple[str, ...]) -> Visit | None:
        return Visit(Grants(user_id=1), frozenset(names))

    return recheck
