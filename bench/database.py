"""One database of the bench, and a server on it."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Database:
    folder: Path
    # Empty: SQLite in the folder.
    url: str
    cases: int
    customers: int

    def environment(self) -> dict[str, str]:
        environment = {k: v for k, v in os.environ.items() if not k.startswith("ZHIKE_")}
        environment |= {
            "ZHIKE_DATA": str(self.folder),
            "ZHIKE_DATABASE_URL": self.url,
            "DJANGO_SETTINGS_MODULE": "bench.settings",
            "PYTHONPATH": str(ROOT),
        }
        return environment

    def seed(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        sizes = ["--cases", str(self.cases), "--customers", str(self.customers)]
        command = [sys.executable, str(ROOT / "bench" / "seed.py"), *sizes]
        subprocess.run(command, env=self.environment(), check=True)

    @contextmanager
    def serving(self, workers: int = 2, environment: dict[str, str] | None = None) -> Iterator[int]:
        """`zhike serve` on a free port, as users run it; yields the port."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
        command = [str(Path(sys.executable).with_name("zhike")), "serve"]
        command += ["--port", str(port), "--workers", str(workers)]
        process = subprocess.Popen(
            command,
            env=environment or self.environment(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            _wait_for(port)
            yield port
        finally:
            process.terminate()
            process.wait(20)


def _wait_for(port: int) -> None:
    for _ in range(300):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/healthz")
            if connection.getresponse().status == 200:
                return
        except OSError:
            pass
        time.sleep(0.2)
    raise SystemExit("The server did not come up.")
