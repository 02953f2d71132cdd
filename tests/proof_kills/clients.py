"""The load: people who take cases in, answer them by a channel and close them, and one who imports files.

Each request carries a key and is sent again until it is answered, as a good client does. What was answered with
2xx is noted: all of it must be there at the end.
"""

import http.client
import json
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.proof_kills.killsite.apps import KEYED, PLAIN

ROWS = 1500
HEADING = "内容,编号\n"
MOST_ON_THE_WAY = 20


class Stopped(Exception):
    """The proof is over."""


@dataclass
class Told:
    """What the program has acknowledged."""

    opened: list[str] = field(default_factory=list)
    replied: dict[str, str] = field(default_factory=dict)
    closed: list[str] = field(default_factory=list)
    imports: list[int] = field(default_factory=list)
    broken_off: int = 0


@dataclass
class Load:
    port: int
    agent_token: str
    admin_token: str
    customer_id: int
    # How many messages the receiver has taken so far.
    taken: Callable[[], int]
    told: Told = field(default_factory=Told)
    closing: int = 0
    is_importing: bool = False
    stop: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)
    threads: list[threading.Thread] = field(default_factory=list)
    faults: list[BaseException] = field(default_factory=list)
    _ends_at: float = 0.0

    def start(self, agents: int = 3) -> None:
        for number in range(agents):
            self._begin(self._answer_cases, number)
        self._begin(self._import_files)

    def end(self) -> None:
        self.stop.set()
        for thread in self.threads:
            thread.join(120)
        if self.faults:
            raise self.faults[0]

    def _begin(self, work: Callable[..., None], *args: Any) -> None:
        def run() -> None:
            try:
                work(*args)
            except Stopped:
                return
            except BaseException as fault:  # noqa: BLE001 (told by the test, in its own thread)
                self.faults.append(fault)

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        self.threads.append(thread)

    # --- asking

    def ask(self, method: str, path: str, body: Any = None, **options: Any) -> tuple[int, Any]:
        """Until it is answered; what the kill broke off is asked again with the same key."""
        token, key = options.pop("token", self.agent_token), uuid.uuid4().hex
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": key}
        headers["Content-Type"] = options.pop("content_type", "application/json")
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        while True:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
            try:
                connection.request(method, f"/api/v1{path}", data if body else None, headers)
                answer = connection.getresponse()
                said = answer.read()
                if answer.status < 500:
                    return answer.status, json.loads(said)
                assert answer.status in {502, 503}, said
            except (OSError, http.client.HTTPException, json.JSONDecodeError):
                with self.lock:
                    self.told.broken_off += 1
            finally:
                connection.close()
            # At the end what is under way is still brought to its answer, for a while.
            if self.stop.wait(0.1) and self._is_over():
                raise Stopped
            time.sleep(0.1)

    def _is_over(self) -> bool:
        self._ends_at = self._ends_at or time.monotonic() + 60
        return time.monotonic() > self._ends_at

    # --- agents

    def _answer_cases(self, number: int) -> None:
        turn = number
        while not self.stop.is_set():
            turn += 1
            on_the_way = len(self.told.replied) - self.taken()
            by = (KEYED, PLAIN)[turn % 2] if on_the_way < MOST_ON_THE_WAY else "page"
            self._one_case(by)
            time.sleep(0.05)

    def _one_case(self, by: str) -> None:
        new = {"type": "repair", "text": "爬坡时突然断电", "customer_id": self.customer_id}
        status, case = self.ask("POST", "/cases", {**new, "keep": True})
        assert status in {200, 201}, case
        with self.lock:
            self.told.opened.append(case["number"])
        path = f"/cases/{case['number']}"
        said = {"text": f"已安排 {case['number']}", "expected_seq": case["seq"], "delivery": by}
        status, event = self.ask("POST", f"{path}/replies", said)
        assert status == 201, event
        if by != "page":
            with self.lock:
                self.told.replied[case["number"]] = by
        self._close(case["number"])

    def _close(self, number: str) -> None:
        with self.lock:
            self.closing += 1
        try:
            end = {"outcome": "answered", "text": "已答复"}
            status, case = self.ask("POST", f"/cases/{number}/close", end)
        finally:
            with self.lock:
                self.closing -= 1
        if status == 422 or status == 409:
            # It was closed, and the answer to that was lost.
            status, case = self.ask("GET", f"/cases/{number}")
        assert (status, case.get("state")) == (200, "closed"), (number, status, case)
        with self.lock:
            self.told.closed.append(number)

    # --- imports

    def _import_files(self) -> None:
        number = 0
        while not self.stop.is_set():
            number += 1
            rows = "".join(
                f"第 {number} 份第 {n} 句，送餐很快,F{number}-{n}\n" for n in range(ROWS)
            )
            run = self._send(f"文件 {number}.csv", (HEADING + rows).encode())
            self._await(run, {"checked"})
            status, begun = self._admin("POST", f"/imports/{run}/begin", {"policy": "skip"})
            assert status == 200 or begun["error"]["code"] == "import_not_ready", begun
            with self.lock:
                self.told.imports.append(run)
            self.is_importing = True
            self._await(run, {"done"})
            self.is_importing = False

    def _admin(self, method: str, path: str, body: Any = None, **options: Any) -> tuple[int, Any]:
        return self.ask(method, path, body, token=self.admin_token, **options)

    def _send(self, name: str, data: bytes) -> int:
        parts = b'--b\r\nContent-Disposition: form-data; name="kind"\r\n\r\nfeedback\r\n'
        parts += b'--b\r\nContent-Disposition: form-data; name="file"; filename="'
        parts += name.encode() + b'"\r\nContent-Type: text/csv\r\n\r\n' + data + b"\r\n--b--\r\n"
        status, run = self._admin(
            "POST", "/imports", parts, content_type="multipart/form-data; boundary=b"
        )
        assert status == 201, run
        return int(run["id"])

    def _await(self, run: int, states: set[str]) -> None:
        while True:
            _status, now = self._admin("GET", f"/imports/{run}")
            if now["state"] in states:
                return
            assert not now["failure"], now
            if self.stop.wait(0.1) and self._is_over():
                raise Stopped
