"""How many answers to a questionnaire are taken in a second: two web processes, one worker, PostgreSQL.

bench/answers.py [--seconds 10] [--clients 8]

An answer is one page of twelve questions sent in, with a secret of its own. Afterwards every one that was
accepted must be a row, and be counted. Beside it, in the same run, a bare page of the same server.
"""

from __future__ import annotations

import argparse
import secrets
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from urllib.parse import urlencode

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tools")]

from bench.database import Database  # noqa: E402
from postgres import own_server  # noqa: E402

GOAL, LEAST = 500, 250
QUESTIONS = 12
TOKEN = "benchbench00"
ROUNDS = 3


def plant() -> None:
    """In a process with the program's settings: a published questionnaire and its link."""
    import django

    django.setup()
    from zhike.accounts.services.units import create_unit
    from zhike.core import clock, work
    from zhike.core.access import everything
    from zhike.surveys.choices import SurveyState
    from zhike.surveys.definition import read
    from zhike.surveys.models import Link, Survey, SurveyVersion

    now = clock.now()
    questions = [
        {"key": f"q{number}", "kind": "scale", "text": f"第 {number} 项", "required": True}
        for number in range(QUESTIONS)
    ]
    document = {
        "languages": ["zh-hans"],
        "title": "景区游客满意度",
        "sections": [{"key": "s1", "questions": questions}],
    }
    read(document)
    actor, grants = work.Actor.system("bench"), everything("bench")
    unit = create_unit(actor=actor, grants=grants, name="公司", kind="company", parent=None)
    with work.unit(actor):
        survey = Survey.objects.create(
            title="景区", unit=unit, state=SurveyState.OPEN, made_at=now, changed_at=now
        )
        survey.current = SurveyVersion.objects.create(
            survey=survey, number=1, definition=document, made_at=now
        )
        survey.save()
        Link.objects.create(survey=survey, token=TOKEN, name="入口", made_at=now)
    print(survey.current_id)


def told(database: Database, wanted: int) -> tuple[int, int, float]:
    """Rows, answers counted, and how long counting lagged behind (seconds)."""
    import psycopg

    began = time.monotonic()
    with psycopg.connect(database.url, autocommit=True) as connection:
        while True:
            rows = connection.execute("SELECT count(*) FROM surveys_response").fetchone()
            counted = connection.execute(
                "SELECT coalesce(sum(count), 0) FROM surveys_tally WHERE part = ''"
            ).fetchone()
            assert rows is not None
            assert counted is not None
            if counted[0] >= wanted or time.monotonic() - began > 300:
                return int(rows[0]), int(counted[0]), time.monotonic() - began
            time.sleep(0.5)


class Client(threading.Thread):
    """One kept-alive connection that sends one request after the other."""

    def __init__(self, port: int, until: float, version: str) -> None:
        super().__init__()
        self._port, self._until, self._version = port, until, version
        self.taken: list[float] = []
        self.accepted = 0
        self.refused: list[int] = []

    def run(self) -> None:
        sock = socket.create_connection(("127.0.0.1", self._port))
        while time.perf_counter() < self._until:
            request = self._request()
            began = time.perf_counter()
            sock.sendall(request)
            status = _status(sock)
            self.taken.append(time.perf_counter() - began)
            if status in (200, 303):
                self.accepted += 1
            else:
                self.refused.append(status)
        sock.close()

    def _request(self) -> bytes:
        if not self._version:
            return b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
        fields = {"ref": secrets.token_hex(16), "version": self._version, "page": "0", "go": "on"}
        fields |= {f"q{number}": "4" for number in range(QUESTIONS)}
        body = urlencode(fields).encode()
        head = (
            f"POST /q/{TOKEN}/ HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            "Content-Type: application/x-www-form-urlencoded\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body


def _status(sock: socket.socket) -> int:
    answer = b""
    while b"\r\n\r\n" not in answer:
        answer += sock.recv(65536)
    head, _, body = answer.partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    length = next(
        (int(line.split(b":")[1]) for line in lines if line.lower().startswith(b"content-length")),
        0,
    )
    while len(body) < length:
        body += sock.recv(65536)
    return int(lines[0].split()[1])


def burst(port: int, clients: int, seconds: float, version: str) -> tuple[float, float, int, int]:
    """Per second, 95th percentile in ms, accepted, refused."""
    until = time.perf_counter() + seconds
    crowd = [Client(port, until, version) for _ in range(clients)]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join()
    taken = sorted(value for one in crowd for value in one.taken)
    accepted = sum(one.accepted for one in crowd)
    refused = sum(len(one.refused) for one in crowd)
    return accepted / seconds, taken[int(len(taken) * 0.95)] * 1000, accepted, refused


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--clients", type=int, default=8)
    asked = parser.parse_args()
    with own_server() as url, tempfile.TemporaryDirectory() as folder:
        database = Database(Path(folder), url, 0, 0)
        environment = database.environment() | {"ZHIKE_PUBLIC_LIMITS": "answers=999999"}
        zhike = str(Path(sys.executable).with_name("zhike"))
        subprocess.run([zhike, "migrate"], env=environment, check=True, stdout=subprocess.DEVNULL)
        planted = subprocess.run(
            [sys.executable, __file__, "plant"],
            env=environment,
            check=True,
            capture_output=True,
            text=True,
        )
        version = planted.stdout.strip()
        with database.serving(2, environment) as port:
            burst(port, asked.clients, 2, version)
            accepted, speeds = 0, []
            accepted += told(database, 0)[0]
            print(f"Answers of {QUESTIONS} questions, {asked.clients} clients, two web processes")
            for turn in range(ROUNDS):
                bare = burst(port, asked.clients, asked.seconds / 2, "")
                speed, p95, more, refused = burst(port, asked.clients, asked.seconds, version)
                accepted += more
                speeds.append(speed)
                print(
                    f"  round {turn + 1}: {speed:.0f}/s (p95 {p95:.0f} ms, {refused} refused); "
                    f"the bare health page {bare[0]:.0f}/s: {speed / bare[0]:.0%}",
                    flush=True,
                )
            rows, counted, seconds = told(database, accepted)
        speed = sorted(speeds)[ROUNDS // 2]
        verdict = "met" if speed >= GOAL else ("above the floor" if speed >= LEAST else "missed")
        print(f"  median {speed:.0f}/s; goal {GOAL}, at least {LEAST}: {verdict}")
        print(
            f"  accepted {accepted:,}, rows {rows:,}, counted {counted:,} "
            f"({seconds:.0f} s after the last): {'none lost' if rows == counted == accepted else 'LOST'}"
        )


if __name__ == "__main__":
    plant() if sys.argv[1:] == ["plant"] else main()
