"""The bridge by itself, where a whole tree would be too coarse: queue, disconnects, closing, limits."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

from zhike.core.serving import body as bodies
from zhike.core.serving import bridge as bridges
from zhike.core.serving.bridge import Bridge

BUSY = "Busy for now."


class Streamed:
    """A streamed answer as Django makes one."""

    streaming = True

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self.blocks = blocks
        self.closed = 0

    def __iter__(self) -> Iterator[bytes]:
        return self.blocks

    def close(self) -> None:
        self.closed += 1


class Client:
    """One HTTP client: what it sends, when it leaves, whether it reads."""

    def __init__(self, method: str = "GET", sent: bytes = b"") -> None:
        self.scope: dict[str, Any] = {
            "type": "http",
            "http_version": "1.1",
            "method": method,
            "path": "/",
            "raw_path": b"/",
            "query_string": b"",
            "headers": [(b"content-length", str(len(sent)).encode())],
            "client": ("10.0.0.9", 1234),
        }
        self._sent = sent
        self._body_given = False
        self.left = asyncio.Event()
        self.reads = asyncio.Event()
        self.reads.set()
        self.offered = asyncio.Event()
        self.has_some = asyncio.Event()
        self.status = 0
        self.headers: dict[bytes, bytes] = {}
        self.body = b""
        self.complete = False

    async def receive(self) -> dict[str, Any]:
        if self._sent and not self._body_given:
            self._body_given = True
            return {"type": "http.request", "body": self._sent, "more_body": False}
        await self.left.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Any) -> None:
        self.offered.set()
        await self.reads.wait()
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = dict(message["headers"])
        else:
            self.body += message["body"]
            self.has_some.set()
            self.complete = not message.get("more_body")


def bridge_to(app: Callable[..., Any], **options: Any) -> Bridge:
    return Bridge(app, busy_sentence=lambda _scope: BUSY, **options)


def answering(response: Any) -> Callable[..., Any]:
    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        start_response("200 OK", [("Content-Type", "text/plain")])
        return response

    return app


def run(story: Callable[[], Awaitable[None]], bridge: Bridge) -> None:
    try:
        asyncio.run(asyncio.wait_for(story(), 20))
    finally:
        bridge.close()


async def ask(bridge: Bridge, client: Client) -> Client:
    await bridge(client.scope, client.receive, client.send)
    return client


def test_beyond_the_queue_the_answer_is_one_plain_sentence():
    free = threading.Event()

    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        free.wait(10)
        start_response("200 OK", [])
        return [b"page"]

    bridge = bridge_to(app, threads=1, queue_limit=2)

    async def story() -> None:
        waiting = [asyncio.create_task(ask(bridge, Client())) for _number in range(3)]
        await asyncio.sleep(0.1)
        refused = await ask(bridge, Client())
        assert (refused.status, refused.body.decode()) == (503, BUSY)
        assert refused.headers[b"retry-after"]
        free.set()
        assert [(await task).status for task in waiting] == [200, 200, 200]
        assert (await ask(bridge, Client())).status == 200, "a place is free again"

    run(story, bridge)


def test_whoever_left_while_waiting_is_not_served():
    served: list[float] = []
    free = threading.Event()

    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        free.wait(10)
        served.append(1)
        start_response("200 OK", [])
        return [b"page"]

    bridge = bridge_to(app, threads=1)

    async def story() -> None:
        clients = [Client() for _number in range(3)]
        tasks = [asyncio.create_task(ask(bridge, client)) for client in clients]
        await asyncio.sleep(0.05)
        clients[1].left.set()
        # The first is served until the second has been seen to leave.
        await asyncio.sleep(0.05)
        free.set()
        await asyncio.gather(*tasks)
        assert [client.status for client in clients] == [200, 0, 200]
        assert len(served) == 2

    run(story, bridge)


def test_every_answer_is_closed_once():
    streamed = Streamed(iter([b"a" * 100_000, b"b"]))
    bridge = bridge_to(answering(streamed))

    async def story() -> None:
        client = await ask(bridge, Client())
        assert (len(client.body), client.complete, streamed.closed) == (100_001, True, 1)

    run(story, bridge)


def test_the_body_of_an_answer_to_head_is_never_made():
    touched: list[int] = []

    def blocks() -> Iterator[bytes]:
        touched.append(1)
        yield b"x"

    streamed = Streamed(blocks())
    bridge = bridge_to(answering(streamed))

    async def story() -> None:
        client = await ask(bridge, Client("HEAD"))
        assert (client.status, client.body, touched, streamed.closed) == (200, b"", [], 1)

    run(story, bridge)


def test_a_stream_ends_when_its_reader_leaves():
    def endless() -> Iterator[bytes]:
        while True:
            yield b"x" * 65536

    streamed = Streamed(endless())
    bridge = bridge_to(answering(streamed))

    async def story() -> None:
        client = Client()
        task = asyncio.create_task(ask(bridge, client))
        await client.has_some.wait()
        client.reads.clear()
        client.left.set()
        await task
        assert streamed.closed == 1
        assert not client.complete

    run(story, bridge)


def test_a_reader_that_stalls_too_long_is_given_up(monkeypatch):
    monkeypatch.setattr(bridges, "STALL_SECONDS", 0.1)
    streamed = Streamed(iter([b"x" * 65536] * 3))
    bridge = bridge_to(answering(streamed))

    async def story() -> None:
        client = Client()
        client.reads.clear()
        task = asyncio.create_task(ask(bridge, client))
        await client.offered.wait()
        assert not task.done()
        # The first message, the headers, is waited for by granian; the body is up to us.
        client.reads.set()
        await asyncio.sleep(0)
        client.reads.clear()
        await asyncio.wait([task], timeout=5)
        assert task.done()
        assert streamed.closed == 1

    run(story, bridge)


def test_a_stream_that_fails_is_closed_and_reported():
    def breaks() -> Iterator[bytes]:
        yield b"x" * 65536
        raise RuntimeError("broken on purpose")

    streamed = Streamed(breaks())
    bridge = bridge_to(answering(streamed))

    async def story() -> None:
        client = Client()
        try:
            await ask(bridge, client)
        except RuntimeError:
            # granian cuts the connection on this, so the reader sees that it is incomplete.
            assert not client.complete
        else:
            raise AssertionError("the failure was swallowed")
        assert streamed.closed == 1

    run(story, bridge)


def test_an_application_that_fails_outright_is_an_answer_too():
    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        raise RuntimeError("broken on purpose")

    bridge = bridge_to(app)

    async def story() -> None:
        assert (await ask(bridge, Client())).status == 500

    run(story, bridge)


def test_streams_take_turns_and_keep_their_thread():
    threads: dict[int, set[int]] = {0: set(), 1: set(), 2: set()}

    def noting(number: int) -> Iterator[bytes]:
        for _block in range(5):
            threads[number].add(threading.get_ident())
            yield b"x" * 65536

    answers = iter([Streamed(noting(number)) for number in threads])

    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Streamed:
        start_response("200 OK", [])
        return next(answers)

    bridge = bridge_to(app, lanes=2)

    async def story() -> None:
        await asyncio.gather(*(ask(bridge, Client()) for _number in threads))
        # One thread each: a database cursor may stay open between two blocks.
        assert [len(seen) for seen in threads.values()] == [1, 1, 1]
        assert len(set.union(*threads.values())) == 2

    run(story, bridge)


def test_a_sender_that_pauses_for_ever_is_told_so(monkeypatch):
    monkeypatch.setattr(bodies, "IDLE_SECONDS", 0.05)
    bridge = bridge_to(answering([b"page"]))

    async def story() -> None:
        client = Client("POST", b"")
        client.scope["headers"] = [(b"content-length", b"10")]
        assert (await ask(bridge, client)).status == 408

    run(story, bridge)


def test_behind_proxies_the_client_is_whom_the_outermost_saw():
    seen: list[str] = []

    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        seen.append(environ["REMOTE_ADDR"])
        start_response("200 OK", [])
        return [b""]

    for count, told, expected in (
        (0, b"1.1.1.1", "10.0.0.9"),
        (1, b"6.6.6.6, 1.1.1.1", "1.1.1.1"),
        (2, b"6.6.6.6, 1.1.1.1, 2.2.2.2", "1.1.1.1"),
        (2, b"1.1.1.1", "10.0.0.9"),
    ):
        bridge = bridge_to(app, proxy_count=count)
        client = Client()
        client.scope["headers"].append((b"x-forwarded-for", told))

        async def story(bridge: Bridge = bridge, client: Client = client) -> None:
            await ask(bridge, client)

        run(story, bridge)
        assert seen.pop() == expected
