"""The worker process: three threads run jobs, one beats, one looks after what repeats.

The beat is the lease: while it is fresh, the rows this worker runs are its own. A worker that dies stops beating,
and the others (or its successor) give its rows back. So nothing is lost, and a job may run twice.
"""

import logging
import os
import signal
import socket
import threading
import time
import uuid
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from django.db import close_old_connections, connections

from zhike import __version__
from zhike.core import clock
from zhike.core.jobs import repeating, rows, runner
from zhike.core.jobs.definition import options_of
from zhike.core.models import WorkerBeat
from zhike.core.serving.lifeline import TREE_VARIABLE

log = logging.getLogger("zhike.jobs")

POLL_SECONDS = 0.2
BEAT_SECONDS = 1.0
# After SIGTERM a job gets this long; then it goes back to the queue. The supervisor waits a little longer.
GRACE_SECONDS = 2.0
OVER_LIMIT_EXIT = 75
# One thread takes short jobs only, so that they never wait behind a long one.
QUEUES_OF_THREADS: tuple[Collection[str], ...] = (("default",), ("default", "bulk"), ("outbox",))


@dataclass(frozen=True)
class Claim:
    row: rows.Row
    since: float


def new_worker_id() -> str:
    """Which machine, process, version and supervisor; `version_of` and `rows.tree_of` read two out again."""
    version, own = __version__[:12], uuid.uuid4().hex[:8]
    tree = os.environ.get(TREE_VARIABLE) or own
    return f"{socket.gethostname()[:20]}:{os.getpid()}:{version}:{tree}-{own}"


def version_of(worker_id: str) -> str:
    """Empty for one of an older program, and for a command that runs jobs on the side."""
    parts = worker_id.split(":")
    return parts[2] if len(parts) == 4 else ""


class Worker:
    def __init__(self) -> None:
        self.id = new_worker_id()
        self._stop = threading.Event()
        self._claims: dict[Any, Claim] = {}
        self._lock = threading.Lock()
        self._round_since: tuple[str, float] | None = None
        # Whoever notes a death while we exit must not run the exit twice.
        self._leaving = threading.Lock()

    def run(self) -> None:
        """Until SIGTERM or SIGINT. To be called in the main thread."""
        signals = {signal.SIGTERM, signal.SIGINT}
        # Blocked everywhere and fetched here: a handler could interrupt a thread that holds a lock.
        signal.pthread_sigmask(signal.SIG_BLOCK, signals)
        self._beat()
        threads = [self._thread("beat", self._beat_and_watch, BEAT_SECONDS)]
        repeating.plan()
        threads += [
            self._thread(f"jobs-{number}", self._work_for(queues), POLL_SECONDS)
            for number, queues in enumerate(QUEUES_OF_THREADS)
        ]
        threads.append(self._thread("periodic", self._repeat, POLL_SECONDS * 2))
        signal.sigwait(signals)
        self._leave(threads)

    # --- the threads: each a step that says how long to wait before the next

    def _thread(self, name: str, step: Callable[[], float], pause: float) -> threading.Thread:
        thread = threading.Thread(target=self._loop, args=(step, pause), name=name, daemon=True)
        thread.start()
        return thread

    def _loop(self, step: Callable[[], float], pause: float) -> None:
        wait = 0.0
        while not self._stop.wait(wait):
            close_old_connections()
            try:
                wait = step()
            except Exception:
                # The database restarts, a disk is full: whatever it is, the worker goes on trying.
                log.exception("the %s thread stumbled", threading.current_thread().name)
                connections.close_all()
                wait = max(pause, 1.0)
        connections.close_all()

    def _work_for(self, queues: Collection[str]) -> Callable[[], float]:
        def step() -> float:
            row = rows.claim(self.id, queues)
            if row is None:
                return POLL_SECONDS
            with self._lock:
                self._claims[row.pk] = Claim(row, time.monotonic())
            try:
                runner.run_row(row, self._stop.is_set)
            finally:
                with self._lock:
                    del self._claims[row.pk]
            return 0.0

        return step

    def _repeat(self) -> float:
        for job, row in repeating.due():
            if self._stop.is_set():
                break
            if not repeating.take(job, row):
                continue
            if not job.has_rows:
                self._round_since = (job.name, time.monotonic())
                repeating.run_here(job)
                self._round_since = None
        return POLL_SECONDS * 2

    def _beat_and_watch(self) -> float:
        self._beat()
        rows.return_orphans(self.id, list(self._claims))
        self._watch_limits()
        return BEAT_SECONDS

    def _beat(self) -> None:
        now = clock.now()
        if not WorkerBeat.objects.filter(pk=self.id).update(at=now):
            WorkerBeat.objects.create(worker_id=self.id, at=now, started_at=now)

    # --- leaving

    def _watch_limits(self) -> None:
        now = time.monotonic()
        with self._lock:
            claims = list(self._claims.values())
        for claim in claims:
            limit = options_of(claim.row.task_path).limit_seconds
            if now - claim.since > limit:
                rows.fail(claim.row, rows.TimeLimit(f"It ran longer than {limit:g} seconds."))
                others = [other.row for other in claims if other is not claim]
                self._exit(OVER_LIMIT_EXIT, others, f"{claim.row.task_path} is over its limit")
        if self._round_since is not None:
            name, since = self._round_since
            if now - since > options_of(name).limit_seconds:
                self._exit(OVER_LIMIT_EXIT, [c.row for c in claims], f"{name} is over its limit")

    def _leave(self, threads: list[threading.Thread]) -> None:
        self._stop.set()
        until = time.monotonic() + GRACE_SECONDS
        for thread in threads:
            thread.join(max(0.0, until - time.monotonic()))
        with self._lock:
            unfinished = [claim.row for claim in self._claims.values()]
        self._exit(0, unfinished, "")

    def _exit(self, code: int, unfinished: list[rows.Row], why: str) -> None:
        """A thread cannot be ended, a process can: give back what runs and go."""
        with self._leaving:
            if why:
                log.error("the worker ends: %s", why)
            try:
                for row in unfinished:
                    rows.give_back(row)
                WorkerBeat.objects.filter(pk=self.id).delete()
            except Exception:
                # Without a beat the others give the rows back a little later.
                log.exception("leaving without a word to the database")
            os._exit(code)
