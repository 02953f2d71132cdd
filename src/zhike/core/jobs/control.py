"""Jobs as people see them: what waits, runs and failed; asking one to stop, trying one again.

Whoever calls the two writers does so inside a unit of work that says who asked.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from zhike.core import clock
from zhike.core.jobs import rows
from zhike.core.jobs.definition import options_of
from zhike.core.jobs.running import note_progress
from zhike.core.models import JobProgress

SHOWN = 200


@dataclass(frozen=True)
class JobView:
    id: UUID
    path: str
    label: Any
    state: str
    attempts: int
    enqueued_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    run_after: datetime | None
    error: str
    cancelled: bool
    progress: JobProgress | None


def recent(limit: int = SHOWN, *, states: tuple[str, ...] = ()) -> list[JobView]:
    """The newest jobs, at most `limit`; `states` of READY, RUNNING, FAILED, SUCCESSFUL."""
    found = rows.Row.objects.order_by("-enqueued_at")
    if states:
        found = found.filter(status__in=states)
    newest = list(found[:limit])
    progress = JobProgress.objects.in_bulk([row.pk for row in newest])
    return [_view(row, progress.get(row.pk)) for row in newest]


def view(job_id: UUID) -> JobView | None:
    row = rows.Row.objects.filter(pk=job_id).first()
    return _view(row, JobProgress.objects.filter(pk=job_id).first()) if row else None


def request_cancel(job_id: UUID) -> None:
    """A waiting job never starts; a running one stops at its next pause."""
    note_progress(job_id, cancel_requested=True)
    waiting = rows.Row.objects.filter(pk=job_id, status=rows.READY)
    waiting.update(**rows.CALLED_OFF, finished_at=clock.now())


def try_again(job_id: UUID) -> bool:
    """A job that failed or was called off waits anew, with all its attempts; False when it did neither."""
    JobProgress.objects.filter(pk=job_id).update(cancel_requested=False)
    return bool(
        rows.Row.objects.filter(pk=job_id, status=rows.FAILED).update(
            status=rows.READY, worker_ids=[], run_after=rows.AT_ONCE, finished_at=None
        )
    )


def _view(row: rows.Row, progress: JobProgress | None) -> JobView:
    lines = row.traceback.strip().splitlines()
    return JobView(
        id=row.pk,
        path=row.task_path,
        label=options_of(row.task_path).label or row.task_path.rsplit(".", 1)[-1],
        state=row.status,
        attempts=len(row.worker_ids),
        enqueued_at=row.enqueued_at,
        started_at=row.started_at,
        finished_at=row.finished_at,
        run_after=None if row.run_after == rows.AT_ONCE else row.run_after,
        error=lines[-1] if lines else "",
        cancelled=row.exception_class_path == rows.CALLED_OFF["exception_class_path"],
        progress=progress,
    )
