"""Jobs for the kill tests. What they did is a line in a file, so that it outlives every process."""

import os
import time
from pathlib import Path

from django.conf import settings

from zhike.core import work
from zhike.core.jobs import current, job

DONE = Path(settings.DATA) / "done"


def note(text: str) -> None:
    handle = os.open(DONE, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(handle, f"{text}\n".encode())
    finally:
        os.close(handle)


@job()
def work_a_little(number: int) -> None:
    time.sleep(0.06)
    note(f"{number}")


@job(limit_seconds=1, attempts=1)
def never_ends() -> None:
    note("never_ends started")
    time.sleep(60)


@job(queue="bulk")
def in_chunks(chunks: int) -> None:
    for number in range(chunks):
        current().pause()
        with work.unit(work.Actor.system("tests")):
            time.sleep(0.05)
            current().report(done=number + 1, total=chunks)
    note("in_chunks ended")
