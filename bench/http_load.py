"""A small closed-loop load: threads with kept-alive connections and a session each."""

from __future__ import annotations

import http.client
import random
import re
import threading
import time
import urllib.parse
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field


@dataclass
class Visitor:
    """A signed-in browser of the simplest kind."""

    port: int
    staff_number: str = "1001"
    cookies: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)

    def send(
        self,
        method: str,
        path: str,
        body: str | bytes = b"",
        headers: dict[str, str] | None = None,
    ) -> tuple[int, bytes]:
        sent = {"Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items())}
        if headers:
            sent |= headers
        self.connection.request(method, path, body or None, sent)
        answer = self.connection.getresponse()
        content = answer.read()
        for name, value in answer.getheaders():
            if name.lower() == "set-cookie":
                key, _, rest = value.partition("=")
                self.cookies[key] = rest.partition(";")[0]
        return answer.status, content

    def post_form(self, path: str, form: dict[str, str]) -> tuple[int, bytes]:
        encoded = urllib.parse.urlencode(form)
        return self.send(
            "POST",
            path,
            encoded,
            {
                "Content-Type": "application/x-www-form-urlencoded",
                "X-CSRFToken": self.cookies.get("zhike_csrf", ""),
                "Referer": f"http://127.0.0.1:{self.port}/",
            },
        )

    def sign_in(self) -> None:
        _status, page = self.send("GET", "/account/sign-in/")
        match = re.search(rb'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        assert match is not None
        status, _page = self.post_form(
            "/account/sign-in/",
            {
                "staff_number": self.staff_number,
                "password": f"haichen-{self.staff_number}",
                "csrfmiddlewaretoken": match[1].decode(),
            },
        )
        if status != 302:
            raise SystemExit(f"Signing in answered {status}.")


Act = Callable[[Visitor, random.Random], int]


@dataclass(frozen=True)
class Load:
    per_second: float
    median_ms: float
    p95_ms: float
    failures: int


def run(
    port: int, acts: Sequence[tuple[float, Act]], seconds: float = 15, threads: int = 8
) -> Load:
    """Each thread does one act after the other, chosen by weight, until the time is up."""
    taken: list[float] = []
    failures = 0
    lock = threading.Lock()
    visitors = [Visitor(port) for _ in range(threads)]
    for visitor in visitors:
        visitor.sign_in()
    end = time.perf_counter() + seconds

    def go(visitor: Visitor, rng: random.Random) -> None:
        nonlocal failures
        mine: list[float] = []
        bad = 0
        weights = [weight for weight, _act in acts]
        while time.perf_counter() < end:
            _weight, act = rng.choices(acts, weights)[0]
            began = time.perf_counter()
            status = act(visitor, rng)
            mine.append(time.perf_counter() - began)
            bad += status >= 400
        with lock:
            taken.extend(mine)
            failures += bad

    workers = [
        threading.Thread(target=go, args=(visitor, random.Random(place)))
        for place, visitor in enumerate(visitors)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    taken.sort()
    return Load(
        per_second=len(taken) / seconds,
        median_ms=taken[len(taken) // 2] * 1000,
        p95_ms=taken[int(len(taken) * 0.95)] * 1000,
        failures=failures,
    )
