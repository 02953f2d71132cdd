"""The job that runs now, as its own code sees it: progress, pauses, and being asked to stop."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from zhike.core import clock
from zhike.core.models import JobProgress

# Long enough for a page that waits to write to get its turn.
PAUSE_SECONDS = 0.01


class Cancelled(Exception):
    """Somebody asked the job to stop. What it has committed stays."""


class Interrupted(Exception):
    """The worker stops: the job goes back to the queue and goes on later."""


class GiveUp(Exception):
    """The job cannot succeed, however often it is tried. The message says why."""


class PutOff(Exception):
    """This machine lacks what the job needs, which is not the job's fault: it waits, and no attempt is counted."""

    def __init__(self, why: str, wait: timedelta = timedelta(hours=1)) -> None:
        super().__init__(why)
        self.wait = wait


def _never() -> bool:
    return False


@dataclass(frozen=True)
class RunningJob:
    """`id` is None when a job's function is called directly; everything below then does nothing."""

    id: UUID | None = None
    attempt: int = 1
    stopping: Callable[[], bool] = field(default=_never)

    def report(
        self, *, done: int | None = None, total: int | None = None, note: str | None = None
    ) -> None:
        """Store progress; call it inside the transaction of the work it reports."""
        if self.id is None:
            return
        given: dict[str, Any] = {"done": done, "total": total, "note": note}
        values = {name: value for name, value in given.items() if value is not None}
        note_progress(self.id, **values)

    def pause(self) -> None:
        """Between two chunks, outside of any transaction. Raises `Cancelled` or `Interrupted`."""
        if self.id is None:
            return
        time.sleep(PAUSE_SECONDS)
        if self.stopping():
            raise Interrupted
        if JobProgress.objects.filter(job_id=self.id, cancel_requested=True).exists():
            raise Cancelled


_current: ContextVar[RunningJob | None] = ContextVar("zhike_job", default=None)


def current() -> RunningJob:
    return _current.get() or RunningJob()


@contextmanager
def running(job: RunningJob) -> Iterator[None]:
    token = _current.set(job)
    try:
        yield
    finally:
        _current.reset(token)


def note_progress(job_id: UUID, **values: Any) -> None:
    """Write to the job's progress row, making it when it is the first note."""
    values["changed_at"] = clock.now()
    if JobProgress.objects.filter(job_id=job_id).update(**values) == 0:
        JobProgress.objects.bulk_create(
            [JobProgress(job_id=job_id, **values)],
            update_conflicts=True,
            unique_fields=["job_id"],
            update_fields=list(values),
        )
