"""Run what is queued in this process: for the CLI when nothing serves, and for tests."""

import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connections

from zhike.core import clock
from zhike.core.jobs import rows, runner
from zhike.core.jobs.definition import QUEUES
from zhike.core.jobs.discovery import discover
from zhike.core.models import WorkerBeat


def run_pending_jobs(*, beat: bool = False, most: int = 10_000) -> int:
    """Run the jobs that are due until none is left; their number.

    With `beat`, other workers on the same database leave our jobs alone, and take them over if we die.
    Without it (tests, inside their transaction) no other worker may run.
    """
    discover()
    worker_id = f"inline:{uuid.uuid4().hex}"
    done = 0
    with _beating(worker_id) if beat else _silent():
        while done < most:
            row = rows.claim(worker_id, QUEUES)
            if row is None:
                break
            runner.run_row(row, lambda: False)
            done += 1
    return done


@contextmanager
def _silent() -> Iterator[None]:
    yield


@contextmanager
def _beating(worker_id: str) -> Iterator[None]:
    stop = threading.Event()
    now = clock.now()
    WorkerBeat.objects.create(worker_id=worker_id, at=now, started_at=now)

    def renew() -> None:
        while not stop.wait(1.0):
            WorkerBeat.objects.filter(pk=worker_id).update(at=clock.now())
        connections.close_all()

    thread = threading.Thread(target=renew, name="beat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
        WorkerBeat.objects.filter(pk=worker_id).delete()
