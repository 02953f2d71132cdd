"""The peers: an environment of their own, made from peers.txt, and questions to the Python in it.

It lies in `.venv-bench` beside the program's, so a second run starts at once; `make clean` removes it.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
FOLDER = HERE.parents[1] / ".venv-bench"
LOCK = HERE / "peers.txt"
# Both sides compute on one core; what a peer starts of its own accord (processes, threads) is its own affair.
ONE_CORE = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")


class Absent(Exception):
    """No peers here, and why."""


class Peers:
    """Asks `peer_side.py`, run by the Python of the peers' environment."""

    def __init__(self, python: Path | None, why_not: str = "") -> None:
        self.python, self.why_not = python, why_not

    def ask(self, question: str, folder: Path, rounds: int = 1) -> dict[str, Any]:
        """The answer; Absent when there are no peers. A peer that fails ends the bench with its last words."""
        if self.python is None:
            raise Absent(self.why_not)
        variables = {**os.environ, **ONE_CORE}
        for name in ("PYTHONPATH", "DJANGO_SETTINGS_MODULE"):
            variables.pop(name, None)
        done = subprocess.run(
            [str(self.python), str(HERE / "peer_side.py"), question, str(folder), str(rounds)],
            env=variables,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise SystemExit(f"The peers failed at “{question}”:\n{done.stderr[-2000:]}")
        answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return answer


def installed() -> Peers:
    """The peers, installed when they are not, or Peers that say why they are absent."""
    python = FOLDER / "bin" / "python"
    stamp = FOLDER / ".stamp"
    wanted = hashlib.sha256(LOCK.read_bytes()).hexdigest() + sys.version
    if stamp.exists() and stamp.read_text() == wanted:
        return Peers(python)
    print(f"Installing the peers into {FOLDER.name} (a minute the first time) …", flush=True)
    subprocess.run([sys.executable, "-m", "venv", "--clear", str(FOLDER)], check=True)
    command = [str(python), "-m", "pip", "install", "-q", "--require-hashes", "-r", str(LOCK)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["pip said nothing"])[-1]
        return Peers(None, f"peers could not be installed: {last}")
    stamp.write_text(wanted)
    return Peers(python)
