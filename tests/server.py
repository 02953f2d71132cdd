"""`zhike serve` as a child of the tests: the program as a user starts it."""

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import sysconfig
import time
import urllib.error
import urllib.request
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

# Filling the demo company beside other tests takes minutes; a server that ends says so at once.
READY_WITHIN_SECONDS = 900
QUIET_PORTS = range(20_000, 32_000)


def free_port() -> int:
    """A port nobody listens on, from below those the system gives to outgoing connections.

    Of these one could be taken while the server it was chosen for still makes its database.
    """
    while True:
        port = secrets.choice(QUIET_PORTS)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def clean_environment(data: Path) -> dict[str, str]:
    """The user's environment without anything that steers this program, but for its data folder."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ZHIKE_")}
    kept.pop("DJANGO_SETTINGS_MODULE", None)
    return {**kept, "ZHIKE_DATA": str(data), "PYTHONUNBUFFERED": "1"}


def zhike_command() -> str:
    return str(Path(sysconfig.get_path("scripts")) / "zhike")


@dataclass
class RunningServer:
    url: str
    port: int
    data: Path
    log: Path
    process: subprocess.Popen[bytes] | None = None

    def health(self) -> dict[str, object] | None:
        try:
            with urllib.request.urlopen(f"{self.url}/healthz", timeout=5) as answer:
                found = json.load(answer)
        except (OSError, urllib.error.URLError, json.JSONDecodeError):
            return None
        return found if isinstance(found, dict) else None

    def wait_until_ready(self) -> None:
        limit = time.monotonic() + READY_WITHIN_SECONDS
        while self.health() is None:
            if self.process is None or self.process.poll() is not None or time.monotonic() > limit:
                self.stop()
                raise RuntimeError(f"zhike serve did not start:\n{self.log.read_text()[-4000:]}")
            time.sleep(0.1)

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(timeout=15)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


def start_server(folder: Path, *, demo: bool, port: int | None = None) -> RunningServer:
    """Start and wait until `/healthz` answers."""
    chosen = port or free_port()
    data = folder / "data"
    log = folder / "serve.log"
    folder.mkdir(parents=True, exist_ok=True)
    command = [zhike_command(), "serve", "--data", str(data), "--port", str(chosen)]
    with log.open("wb") as stream:
        process = subprocess.Popen(
            command + (["--demo"] if demo else []),
            stdout=stream,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            env=clean_environment(data),
            cwd=folder,
        )
    server = RunningServer(f"http://127.0.0.1:{chosen}", chosen, data, log, process)
    server.wait_until_ready()
    return server


def attach(url: str) -> RunningServer:
    """A server somebody else started and will stop."""
    return RunningServer(url.rstrip("/"), int(url.rstrip("/").rsplit(":", 1)[1]), Path(), Path())


if __name__ == "__main__":
    sys.exit("Imported by the tests and by tools/screenshots.py.")
