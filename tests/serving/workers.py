"""Worker processes without a supervisor, so that a test decides when one dies and when the next one starts."""

import json
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from typing import Any

from tests.serving.trees import PATIENCE_SECONDS, Tree


@dataclass
class Workers:
    tree: Tree
    running: "list[subprocess.Popen[bytes]]" = field(default_factory=list)

    def start(self) -> "subprocess.Popen[bytes]":
        with (self.tree.folder / "log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "zhike.core.serving.jobs"],
                env=self.tree.env(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        self.running.append(process)
        return process

    def kill(self, process: "subprocess.Popen[bytes]") -> None:
        process.send_signal(signal.SIGKILL)
        process.wait()
        self.running.remove(process)

    def end_all(self) -> None:
        for process in list(self.running):
            self.kill(process)

    def feed(self, count: int) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(self._desk("feed", str(count)), env=self.tree.env())

    def enqueue(self, *arguments: str) -> None:
        self._run("enqueue", *arguments)

    def rows(self) -> list[dict[str, Any]]:
        found = json.loads(self._run("rows"))
        assert isinstance(found, list)
        return found

    def done(self) -> list[str]:
        path = self.tree.data / "done"
        return path.read_text().splitlines() if path.exists() else []

    def _desk(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "servingsite.desk", *arguments]

    def _run(self, *arguments: str) -> str:
        return subprocess.run(
            self._desk(*arguments),
            env=self.tree.env(),
            capture_output=True,
            text=True,
            check=True,
            timeout=PATIENCE_SECONDS,
        ).stdout
