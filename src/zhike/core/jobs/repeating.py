"""Jobs that repeat. Workers compete for each due time, so however many run, one of them does it."""

import logging
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from time import monotonic
from typing import Any

from django.db import transaction
from django_tasks.base import Task

from zhike.core import clock
from zhike.core.metrics.counted import count_job
from zhike.core.models import PeriodicRun
from zhike.core.redaction import redacted

log = logging.getLogger("zhike.jobs")

# Jobs that repeat faster than this run right in the worker, without a row each: a row per second would be
# 86,400 a day. The next round makes up for one that was lost.
ROW_FROM_SECONDS = 30


@dataclass(frozen=True)
class PeriodicJob:
    name: str
    task: Task[Any, Any]
    every_seconds: float | None
    daily_at: time | None

    @property
    def has_rows(self) -> bool:
        return self.every_seconds is None or self.every_seconds >= ROW_FROM_SECONDS

    def next_after(self, moment: datetime) -> datetime:
        if self.every_seconds is not None:
            return moment + timedelta(seconds=self.every_seconds)
        assert self.daily_at is not None
        day = clock.local(moment).date()
        today_at = datetime.combine(day, self.daily_at, tzinfo=clock.zone())
        if today_at > moment:
            return today_at
        return datetime.combine(day + timedelta(days=1), self.daily_at, tzinfo=clock.zone())


_periodic: dict[str, PeriodicJob] = {}


def periodic(
    *, every_seconds: float | None = None, daily_at: str | None = None
) -> Callable[[Task[Any, Any]], Task[Any, Any]]:
    """Repeat a job without arguments; `daily_at` is HH:MM in the company's zone."""
    if (every_seconds is None) == (daily_at is None):
        raise ValueError("Give either every_seconds or daily_at.")
    at = time.fromisoformat(daily_at) if daily_at is not None else None

    def decorate(task: Task[Any, Any]) -> Task[Any, Any]:
        name = task.module_path
        _periodic[name] = PeriodicJob(name, task, every_seconds, at)
        return task

    return decorate


def all_periodic() -> Iterator[PeriodicJob]:
    return iter(list(_periodic.values()))


def plan() -> None:
    """Make the rows of new jobs, and pull forward those whose rhythm became faster."""
    now = clock.now()
    PeriodicRun.objects.bulk_create(
        [PeriodicRun(name=job.name, next_at=_first_time(job, now)) for job in all_periodic()],
        ignore_conflicts=True,
    )
    for job in all_periodic():
        latest = job.next_after(now)
        PeriodicRun.objects.filter(name=job.name, next_at__gt=latest).update(next_at=latest)


def _first_time(job: PeriodicJob, now: datetime) -> datetime:
    return now if job.every_seconds is not None else job.next_after(now)


def due() -> list[tuple[PeriodicJob, PeriodicRun]]:
    rows = PeriodicRun.objects.filter(next_at__lte=clock.now()).order_by("next_at")
    return [(_periodic[row.name], row) for row in rows if row.name in _periodic]


def take(job: PeriodicJob, row: PeriodicRun) -> bool:
    """Win this round for this worker; a job with rows is enqueued along with it."""
    now = clock.now()
    following = job.next_after(row.next_at)
    if following <= now:
        # Rounds were missed while nothing ran: one catches up, the rhythm starts anew.
        following = job.next_after(now)
    mine = PeriodicRun.objects.filter(name=job.name, next_at=row.next_at)
    if not job.has_rows:
        return bool(mine.update(next_at=following, last_at=now))
    with transaction.atomic():
        if not mine.update(next_at=following, last_at=now):
            return False
        if not _still_waiting(job):
            job.task.enqueue()
    return True


def _still_waiting(job: PeriodicJob) -> bool:
    """The round before has not ended: another one behind it would only pile up."""
    from zhike.core.jobs import rows

    return rows.Row.objects.filter(
        task_path=job.name, status__in=[rows.READY, rows.RUNNING]
    ).exists()


def run_here(job: PeriodicJob) -> None:
    """Run a job without rows in this thread; its failure is noted and does not stop the others."""
    began, outcome = monotonic(), "done"
    try:
        job.task.func()
    except Exception:
        outcome = "failed"
        log.exception("%s failed", job.name)
        PeriodicRun.objects.filter(name=job.name).update(
            last_error=redacted(traceback.format_exc())
        )
    else:
        PeriodicRun.objects.filter(name=job.name).exclude(last_error="").update(last_error="")
    finally:
        count_job(job=job.name, outcome=outcome, seconds=monotonic() - began)
