"""A browser's EventSource, as far as these tests need it: it reconnects with the last id it saw."""

import http.client
import json
import socket
import threading
import time
from contextlib import suppress
from typing import Any, Protocol


class Server(Protocol):
    def connect(self) -> http.client.HTTPConnection: ...


class EventSource(threading.Thread):
    def __init__(self, tree: Server, topics: str, cookie: str) -> None:
        super().__init__(daemon=True)
        self.tree = tree
        self.topics = topics
        self.cookie = cookie
        self.events: list[dict[str, Any]] = []
        self.arrived: list[float] = []
        self.opened = 0
        self.statuses: list[int] = []
        self.last_id = ""
        self._wait = 0.5
        self._over = threading.Event()
        self._connection: http.client.HTTPConnection | None = None
        self.start()

    def run(self) -> None:
        while not self._over.is_set():
            # Cut off, as when a worker dies; `close` cuts it too.
            with suppress(OSError, http.client.HTTPException, ValueError, AttributeError):
                self._listen()
            self._over.wait(self._wait)

    def _listen(self) -> None:
        headers = {"Cookie": self.cookie}
        if self.last_id:
            headers["Last-Event-ID"] = self.last_id
        self._connection = self.tree.connect()
        try:
            self._connection.request("GET", f"/live?topics={self.topics}", headers=headers)
            answer = self._connection.getresponse()
            self.statuses.append(answer.status)
            if answer.status != 200:
                answer.read()
                return
            self.opened += 1
            for raw in answer:
                self._line(raw.decode().rstrip("\n"))
        finally:
            self._connection.close()

    def _line(self, line: str) -> None:
        name, _, value = line.partition(": ")
        if name == "id":
            self.last_id = value
        elif name == "retry":
            self._wait = int(value) / 1000
        elif name == "data":
            self.arrived.append(time.monotonic())
            self.events.append(json.loads(value))

    def seqs(self, topic: str) -> list[int]:
        return [event["seq"] for event in self.events if event["topic"] == topic]

    def close(self) -> None:
        self._over.set()
        connection = self._connection
        if connection is not None and connection.sock is not None:
            # Only a shutdown wakes the thread that waits in recv().
            with suppress(OSError):
                connection.sock.shutdown(socket.SHUT_RDWR)
        self.join(5)
