"""The receiver outside the house, a process of its own: slow, and it writes each delivery down before it answers.

`python -m tests.proof_kills.receiver PORT FILE`. A line of FILE: kind, key, and whether the message took effect.
The courier's side remembers keys; the pigeon's takes whatever comes, so that a second sending would be seen.
"""

import json
import os
import random
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

REMEMBERS = frozenset({"courier"})
# Half before it is written down, half before the answer: kills hit both.
SLOW_SECONDS = (0.05, 0.25)


class Receiver(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, port: int, book: Path) -> None:
        self.book = book
        self.lock = threading.Lock()
        self.known: set[str] = set()
        self.in_hand = 0
        self.chance = random.Random(port)
        super().__init__(("127.0.0.1", port), Handler)

    def take(self, message: dict[str, Any]) -> str:
        with self.lock:
            again = message["kind"] in REMEMBERS and message["key"] in self.known
            self.known.add(message["key"])
            with self.book.open("a", encoding="utf-8") as stream:
                stream.write(json.dumps([message["kind"], message["key"], not again]) + "\n")
                stream.flush()
                os.fsync(stream.fileno())
        return f"r:{message['key']}"

    def dawdle(self) -> None:
        time.sleep(self.chance.uniform(*SLOW_SECONDS))


class Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        message = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        with self.server.lock:
            self.server.in_hand += 1
        try:
            self.server.dawdle()
            receipt = self.server.take(message)
            self.server.dawdle()
            self._answer({"receipt": receipt})
        finally:
            with self.server.lock:
                self.server.in_hand -= 1

    def do_GET(self) -> None:
        self._answer({"in_hand": self.server.in_hand})

    def _answer(self, told: dict[str, Any]) -> None:
        body = json.dumps(told).encode()
        try:
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        except OSError:
            # Whoever asked has been killed.
            return

    def log_message(self, *_line: Any) -> None:
        return


if __name__ == "__main__":
    Receiver(int(sys.argv[1]), Path(sys.argv[2])).serve_forever()
