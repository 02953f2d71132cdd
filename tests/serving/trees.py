"""Real process trees of `zhike serve` for these tests, with the small site of `servingsite`."""

import http.client
import json
import os
import re
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.server import free_port, zhike_command

HERE = Path(__file__).parent
# A process that starts needs three seconds of a processor, which on a busy machine may be long in coming.
PATIENCE_SECONDS = 90.0


def wait_until(condition: Callable[[], Any], what: str, seconds: float = PATIENCE_SECONDS) -> Any:
    limit = time.monotonic() + seconds
    while time.monotonic() < limit:
        found = condition()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError(f"waited {seconds:g} s in vain: {what}")


def is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def children_of(pid: int) -> dict[int, str]:
    """Direct children and their command lines."""
    found = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        with suppress(OSError, IndexError):
            if int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1]) == pid:
                found[int(entry.name)] = (entry / "cmdline").read_text().replace("\0", " ")
    return found


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Tree:
    folder: Path
    database_url: str = ""
    workers: int = 2
    port: int = field(default_factory=free_port)
    process: "subprocess.Popen[bytes] | None" = None
    environment: dict[str, str] = field(default_factory=dict)
    verb: str = "serve"

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text()

    def env(self) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("ZHIKE_", "DJANGO_"))}
        return {
            **kept,
            "LC_ALL": "C.UTF-8",
            "PYTHONUNBUFFERED": "1",
            "PYTHONPATH": str(HERE),
            "DJANGO_SETTINGS_MODULE": "servingsite.settings",
            "ZHIKE_DATA": str(self.data),
            "ZHIKE_DATABASE_URL": self.database_url,
            **self.environment,
        }

    def command(self, *arguments: str) -> list[str]:
        listens = ("--port", str(self.port), "--workers", str(self.workers))
        return [
            zhike_command(),
            self.verb,
            *(listens if self.verb != "worker" else ()),
            *arguments,
        ]

    def start(self, seconds: float = PATIENCE_SECONDS) -> "Tree":
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                self.command(),
                env=self.env(),
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        wait_until(self.is_ready, f"the server to answer; its log: {self.folder}/log", seconds)
        return self

    def is_ready(self) -> bool:
        assert self.process is not None
        if self.process.poll() is not None:
            raise AssertionError(f"the server ended: {self.log[-3000:]}")
        return "is ready" in self.log

    def run_again(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """A second start while this one runs."""
        return subprocess.run(
            self.command(*arguments),
            env=self.env(),
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
            check=False,
        )

    def stop(self) -> float:
        """SIGTERM; the seconds until everything was gone."""
        began = time.monotonic()
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(timeout=PATIENCE_SECONDS)
        return time.monotonic() - began

    # --- its processes

    def child(self, kind: str) -> int:
        """The pid of the `web` or `jobs` child."""
        assert self.process is not None
        own = self.process.pid

        def find() -> int | None:
            for pid, line in children_of(own).items():
                if f"zhike.core.serving.{kind}" in line:
                    return pid
            return None

        return int(wait_until(find, f"a {kind} child"))

    def web_workers(self) -> list[int]:
        return list(children_of(self.child("web")))

    def all_pids(self) -> list[int]:
        assert self.process is not None
        found, todo = [], [self.process.pid]
        while todo:
            pid = todo.pop()
            found.append(pid)
            todo += children_of(pid)
        return found

    # --- speaking to it

    def connect(self, timeout: float = PATIENCE_SECONDS) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)

    def request(
        self,
        path: str,
        method: str = "GET",
        body: Any = None,
        headers: dict[str, str] | None = None,
        **options: Any,
    ) -> Answer:
        connection = self.connect()
        try:
            connection.request(method, path, body=body, headers=headers or {}, **options)
            got = connection.getresponse()
            return Answer(got.status, {k.lower(): v for k, v in got.getheaders()}, got.read())
        finally:
            connection.close()

    def sign_in(self) -> str:
        """A session's cookie."""
        answer = self.request("/sign-in")
        found = re.search(r"zhike_session=[^;]+", answer.headers["set-cookie"])
        assert found is not None
        return found[0]


class Database:
    """Where a tree keeps its rows: a file in its folder, or a PostgreSQL database of its own."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url
        self._made: list[str] = []

    def new(self, copy_of: str = "") -> str:
        """The URL of a new database, empty or a copy; empty for SQLite, which lies in the folder."""
        if not self.base_url:
            return ""
        name = f"zhike_serving_{uuid.uuid4().hex[:10]}"
        template = copy_of.rsplit("/", 1)[-1] or "template0"
        self._run(f"CREATE DATABASE {name} TEMPLATE {template}")
        self._made.append(name)
        return f"{self.base_url.rsplit('/', 1)[0]}/{name}"

    def drop_all(self) -> None:
        for name in self._made:
            self._run(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def _run(self, statement: str) -> None:
        import psycopg

        with psycopg.connect(self.base_url, autocommit=True) as connection:
            connection.execute(statement)


def prepare(tree: Tree) -> None:
    """Migrate and collect, as `zhike serve` does first."""
    done = subprocess.run(
        [sys.executable, "-m", "zhike.cli.prepare"],
        env={**tree.env(), "ZHIKE_COLLECTED": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def make_assets(folder: Path) -> None:
    """One large asset, so that downloads can be aborted and stalled, and one that is compressed."""
    assets = folder / "data" / "assets"
    assets.mkdir(parents=True)
    (assets / "big.zip").write_bytes(os.urandom(1024) * 30 * 1024)
    (assets / "style.css").write_text("body { color: #123 }\n" * 2000)
