"""Jobs as people see them: what waits, runs and failed; asking one to stop, trying one again.

Whoever calls the two writers does so inside a unit of work that says who asked.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from zhike.core import clock
from zhike.core.jobs import rows
from zhike.core.jobs.definition import options_of
from zhike.core.jobs.problems import Problem, problem_of
from zhike.core.jobs.running import note_progress
from zhike.core.models import JobProgress

CALLED_OFF = rows.CALLED_OFF["exception_class_path"]


@dataclass(frozen=True)
class JobView:
    id: UUID
    path: str
    label: Any
    # READY, RUNNING, FAILED, SUCCESSFUL, or "CALLED_OFF", which is a way of having failed.
    state: str
    attempts: int
    most_attempts: int
    enqueued_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    # When a waiting job is tried next; None when at once.
    run_after: datetime | None
    problem: Problem | None
    progress: JobProgress | None

    @property
    def share(self) -> int | None:
        progress = self.progress
        if progress is None or not progress.total:
            return None
        return min(100, round(100 * progress.done / progress.total))

    @property
    def can_retry(self) -> bool:
        return self.state in {rows.FAILED, "CALLED_OFF"}

    @property
    def is_asked_to_stop(self) -> bool:
        return self.progress is not None and self.progress.cancel_requested

    @property
    def can_cancel(self) -> bool:
        return self.state in {rows.READY, rows.RUNNING} and not self.is_asked_to_stop


def views(found: Sequence[rows.Row]) -> dict[UUID, JobView]:
    """By id, with their progress, which is read at once."""
    progress = JobProgress.objects.in_bulk([row.pk for row in found])
    return {row.pk: _view(row, progress.get(row.pk)) for row in found}


def view(job_id: UUID) -> JobView | None:
    row = rows.Row.objects.filter(pk=job_id).first()
    return views([row])[job_id] if row else None


@dataclass(frozen=True)
class JobDetail:
    """What only an administrator sees. Arguments are ids; the traceback was masked when it was stored."""

    arguments: str
    workers: list[str]
    traceback: str


def detail(job_id: UUID) -> JobDetail | None:
    row = rows.Row.objects.filter(pk=job_id).first()
    if row is None:
        return None
    called = row.args_kwargs
    told = [json.dumps(value) for value in called["args"]]
    told += [f"{name}={json.dumps(value)}" for name, value in called["kwargs"].items()]
    return JobDetail(", ".join(told) or "—", list(row.worker_ids), row.traceback.strip())


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
    is_called_off = row.exception_class_path == CALLED_OFF and row.status == rows.FAILED
    waits_for = row.run_after if row.status == rows.READY else None
    return JobView(
        id=row.pk,
        path=row.task_path,
        label=label_of(row.task_path),
        state="CALLED_OFF" if is_called_off else str(row.status),
        attempts=rows.attempts(row),
        most_attempts=options_of(row.task_path).attempts,
        enqueued_at=row.enqueued_at,
        started_at=row.started_at,
        finished_at=row.finished_at,
        run_after=None if waits_for in (None, rows.AT_ONCE) else waits_for,
        problem=problem_of(row),
        progress=progress,
    )


def label_of(path: str) -> Any:
    return options_of(path).label or path.rsplit(".", 1)[-1]
