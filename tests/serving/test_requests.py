"""What the front does with requests and answers: the behaviours that packages for this got wrong."""

import gzip
import socket
import threading
import time
from collections.abc import Iterator

import pytest

from tests.serving.listening import EventSource
from tests.serving.trees import Answer, Tree, wait_until

MEGABYTE = 1024 * 1024


def big_asset(site: Tree) -> str:
    names = [p.name for p in (site.data / "static").glob("big.*.zip")]
    return f"/static/{names[0]}"


def pieces(total: int) -> Iterator[bytes]:
    for _number in range(total // 65536):
        yield b"x" * 65536


def test_a_large_body_arrives_whole(site: Tree):
    answer = site.request("/upload", "POST", b"x" * 2 * MEGABYTE)
    assert answer.json == {"length": 2 * MEGABYTE, "declared": str(2 * MEGABYTE)}


def test_a_body_without_a_length_arrives_whole(site: Tree):
    answer = site.request("/upload", "POST", pieces(2 * MEGABYTE), encode_chunked=True)
    assert answer.json == {"length": 2 * MEGABYTE, "declared": str(2 * MEGABYTE)}


@pytest.mark.parametrize("with_length", [True, False])
def test_a_body_over_the_limit_is_refused_by_a_page(site: Tree, with_length: bool):
    body = b"x" * 24 * MEGABYTE if with_length else pieces(24 * MEGABYTE)
    answer = site.request("/upload", "POST", body, encode_chunked=not with_length)
    assert (answer.status, answer.body) == (413, b"page: too large")


def test_whoever_asks_before_sending_too_much_is_told_no_at_once(site: Tree):
    with socket.create_connection(("127.0.0.1", site.port), timeout=20) as client:
        client.sendall(
            b"POST /upload HTTP/1.1\r\nHost: localhost\r\nContent-Length: 900000000\r\n"
            b"Expect: 100-continue\r\n\r\n"
        )
        assert client.recv(1000).startswith(b"HTTP/1.1 413")


def test_whoever_asks_before_sending_is_let_in(site: Tree):
    with socket.create_connection(("127.0.0.1", site.port), timeout=20) as client:
        client.sendall(
            b"POST /upload HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n"
            b"Expect: 100-continue\r\nConnection: close\r\n\r\n"
        )
        assert client.recv(1000).startswith(b"HTTP/1.1 100")
        client.sendall(b"hello")
        answer = b""
        while piece := client.recv(1000):
            answer += piece
    assert b'{"length": 5' in answer


def test_a_slow_sender_holds_no_thread(site: Tree):
    senders = [socket.create_connection(("127.0.0.1", site.port)) for _number in range(12)]
    try:
        for sender in senders:
            sender.sendall(b"POST /upload HTTP/1.1\r\nHost: h\r\nContent-Length: 100000\r\n\r\nx")
        assert site.request("/page").status == 200
    finally:
        for sender in senders:
            sender.close()


def test_names_and_addresses_reach_the_view_unharmed(site: Tree):
    answer = site.request(
        "/echo/%E4%B8%AD%2F%ff",
        headers={"X-Forwarded-For": "6.6.6.6", "X_Smuggled": "1", "Accept-Language": "en"},
    ).json
    assert answer["path"] == "/echo/中/%FF"
    assert answer["address"] == "127.0.0.1", "nobody vouches for X-Forwarded-For here"
    assert "HTTP_X_SMUGGLED" not in answer["headers"]


def test_head_has_the_headers_and_no_body(site: Tree):
    plain, streamed = site.request("/page", "HEAD"), site.request("/csv", "HEAD")
    assert (plain.status, plain.body, int(plain.headers["content-length"]) > 0) == (200, b"", True)
    assert (streamed.status, streamed.body) == (200, b"")
    assert site.request(big_asset(site), "HEAD").headers["content-length"] == str(30 * MEGABYTE)


def test_assets_come_in_parts_compressed_and_not_twice(site: Tree):
    address = big_asset(site)
    part = site.request(address, headers={"Range": "bytes=1000-1999"})
    assert (part.status, len(part.body)) == (206, 1000)
    whole = site.request(address)
    assert len(whole.body) == 30 * MEGABYTE
    assert whole.body[1000:2000] == part.body
    assert "immutable" in whole.headers["cache-control"]
    again = site.request(address, headers={"If-Modified-Since": whole.headers["last-modified"]})
    assert (again.status, again.body) == (304, b"")
    style = next((site.data / "static").glob("style.*.css")).name
    packed = site.request(f"/static/{style}", headers={"Accept-Encoding": "gzip"})
    assert packed.headers["content-encoding"] == "gzip"
    assert gzip.decompress(packed.body).count(b"body") == 2000


def test_a_long_table_is_streamed_fast(site: Tree):
    began = time.monotonic()
    answer = site.request("/csv?rows=200000")
    assert answer.body.count(b"\r\n") == 200_000
    # 0.5 s on a quiet machine; a hop per row took 18 s.
    assert time.monotonic() - began < 9


def test_the_language_of_the_request_lasts_to_the_end_of_a_stream(site: Tree):
    for code in ("zh-hant", "en"):
        answer = site.request("/language-stream", headers={"Accept-Language": code})
        assert [line.split()[0] for line in answer.body.decode().splitlines()] == [code] * 4


def test_a_stream_that_breaks_does_not_look_complete(site: Tree):
    with pytest.raises(Exception, match=r"IncompleteRead|Remote end closed"):
        site.request("/broken-stream")


def open_and_read(site: Tree, path: str, count: int, amount: int) -> list[socket.socket]:
    clients = []
    for _number in range(count):
        client = socket.create_connection(("127.0.0.1", site.port), timeout=20)
        client.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        if amount:
            client.recv(amount)
        clients.append(client)
    return clients


def twelve_pages(site: Tree) -> list[Answer]:
    return [site.request("/page") for _number in range(12)]


def test_downloads_that_are_aborted_leave_nothing_behind(site: Tree):
    for path in (big_asset(site), "/csv?rows=2000000"):
        for client in open_and_read(site, path, 12, 1000):
            client.close()
    began = time.monotonic()
    assert [answer.status for answer in twelve_pages(site)] == [200] * 12
    assert time.monotonic() - began < 10

    def nothing_open() -> bool:
        states = {
            answer["pid"]: answer for answer in (site.request("/state").json for _ in range(20))
        }
        return len(states) == 2 and not any(state["files"] for state in states.values())

    wait_until(nothing_open, "the files of aborted downloads to be closed")


def test_readers_that_stall_hold_up_nobody(site: Tree):
    clients = open_and_read(site, big_asset(site), 8, 1000)
    clients += open_and_read(site, "/csv?rows=2000000", 8, 1000)
    try:
        began = time.monotonic()
        assert [answer.status for answer in twelve_pages(site)] == [200] * 12
        assert time.monotonic() - began < 10
        assert site.request("/csv?rows=1000").body.count(b"\r\n") == 1000
    finally:
        for client in clients:
            client.close()


def test_slow_views_delay_pages_but_neither_lose_them_nor_touch_live_updates(
    site: Tree, cookie: str
):
    source = EventSource(site, "desk:2:", cookie)
    wait_until(lambda: source.last_id, "the stream to open")
    slow = [
        threading.Thread(target=site.request, args=("/slow?seconds=1",)) for _number in range(12)
    ]
    for thread in slow:
        thread.start()
    time.sleep(0.2)
    try:
        # The touch itself is a page and waits; from its commit the news is on its way.
        assert site.request("/touch/desk:2?n=1").status == 200
        committed = time.monotonic()
        wait_until(lambda: source.events, "the news")
        assert source.arrived[0] - committed < 5
    finally:
        for thread in slow:
            thread.join()
        source.close()
