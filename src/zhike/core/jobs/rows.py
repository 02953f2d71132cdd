"""The states of a job's row. Every change is a compare-and-set, so that workers may compete and die anywhere.

A claim is identified by (row, started_at): a worker that was thought dead finds its claim gone and cannot
overwrite what its successor does.
"""

import logging
import random
from collections.abc import Collection
from datetime import datetime, timedelta
from functools import reduce
from operator import or_
from traceback import format_exception
from typing import Any, TypeAlias

from django.db.models import Q, QuerySet
from django_tasks.base import TaskResultStatus
from django_tasks.utils import normalize_json
from django_tasks_db.models import DBTaskResult, get_date_max

from zhike.core import clock
from zhike.core.jobs.definition import options_of
from zhike.core.jobs.running import Cancelled, GiveUp, PutOff
from zhike.core.models import WorkerBeat
from zhike.core.redaction import redacted

log = logging.getLogger("zhike.jobs")

READY = TaskResultStatus.READY
RUNNING = TaskResultStatus.RUNNING
FAILED = TaskResultStatus.FAILED
SUCCESSFUL = TaskResultStatus.SUCCESSFUL

Row: TypeAlias = DBTaskResult[..., Any]

# A worker that has not beaten for this long is dead to the others.
LEASE = timedelta(seconds=5)
FIRST_RETRY_SECONDS = 5.0
LONGEST_RETRY_SECONDS = 900.0
# How a row notes a worker that ended together with its supervisor and all beside it: the power, not the job.
# That costs no attempt; but a job may be what takes everything down, so not without end.
WITH_ALL = "with-all:"
MOST_WITH_ALL = 100
# The package stores "no earliest time" as the end of time.
AT_ONCE = get_date_max()


class Died(Exception):
    """The worker died while it ran this job, as often as the job may be tried."""


class TimeLimit(Exception):
    """The job ran longer than it may."""


def ready(queues: Collection[str], now: datetime) -> "QuerySet[Row]":
    due = Q(run_after=AT_ONCE) | Q(run_after__lte=now)
    return Row.objects.filter(due, status=READY, queue_name__in=queues)


def attempts(row: Row) -> int:
    """How often it was tried, this time included."""
    return sum(not name.startswith(WITH_ALL) for name in row.worker_ids)


def tree_of(worker_id: str) -> str:
    """The supervisor it ran under; its own name for a worker that had none."""
    return worker_id.rpartition(":")[2].partition("-")[0]


def claim(worker_id: str, queues: Collection[str]) -> Row | None:
    """The next job, now ours; None when there is none."""
    now = clock.now()
    # Ordered by the model: priority, then due time, then age. Whoever is beaten to one tries the next.
    for row in ready(queues, now)[:5]:
        taken = {
            "status": RUNNING,
            "started_at": now,
            "worker_ids": [*row.worker_ids, worker_id],
        }
        if Row.objects.filter(pk=row.pk, status=READY).update(**taken):
            for name, value in taken.items():
                setattr(row, name, value)
            return row
    return None


def succeed(row: Row, value: Any) -> bool:
    return _settle(
        row,
        status=SUCCESSFUL,
        finished_at=clock.now(),
        return_value=normalize_json(value),
        exception_class_path="",
        traceback="",
    )


def fail(row: Row, error: BaseException) -> bool:
    """Try again later, or not any more. Either way the page of jobs shows what happened."""
    told = _told(error)
    if not may_be_tried_again(row, error):
        return _settle(row, status=FAILED, finished_at=clock.now(), return_value=None, **told)
    later = clock.now() + retry_delay(attempts(row))
    return _settle(row, status=READY, run_after=later, **told)


def _told(error: BaseException) -> dict[str, str]:
    return {
        "exception_class_path": f"{type(error).__module__}.{type(error).__qualname__}",
        # Read by whoever may see jobs, and kept for weeks.
        "traceback": redacted("".join(format_exception(error))),
    }


def may_be_tried_again(row: Row, error: BaseException) -> bool:
    hopeless = isinstance(error, GiveUp | ImportError | Died)
    return not hopeless and attempts(row) < options_of(row.task_path).attempts


# How a row says that it was called off: it ended without success, and may be tried again like a failed one.
CALLED_OFF = {
    "status": FAILED,
    "exception_class_path": f"{Cancelled.__module__}.{Cancelled.__qualname__}",
    "traceback": "",
}


def call_off(row: Row) -> bool:
    return _settle(row, **CALLED_OFF, finished_at=clock.now())


def give_back(row: Row) -> bool:
    """Back to the queue as if it had not been tried: the worker stops, or goes down for another job's sake."""
    return _settle(row, status=READY, worker_ids=row.worker_ids[:-1])


def put_off(row: Row, error: PutOff) -> bool:
    """Back to the queue for a while; the page of jobs says what it waits for."""
    later, workers = clock.now() + error.wait, row.worker_ids[:-1]
    return _settle(row, status=READY, run_after=later, worker_ids=workers, **_told(error))


def retry_delay(attempt: int) -> timedelta:
    """5 s, 20 s, 80 s … up to a quarter of an hour, spread a little."""
    seconds = min(FIRST_RETRY_SECONDS * 4 ** (attempt - 1), LONGEST_RETRY_SECONDS)
    return timedelta(seconds=seconds * random.uniform(0.8, 1.2))


def return_orphans(own_id: str, own_running: Collection[Any]) -> int:
    """Give back the jobs of dead workers, and our own whose thread failed to say how they ended."""
    now = clock.now()
    alive: set[str] = set(
        WorkerBeat.objects.filter(at__gt=now - LEASE).values_list("worker_id", flat=True)
    )
    returned = 0
    for row in Row.objects.filter(status=RUNNING):
        holder = row.worker_ids[-1] if row.worker_ids else ""
        if holder == own_id:
            # A claim may be newer than our list of what runs.
            settled_in = row.started_at is None or now - row.started_at > 2 * LEASE
            orphaned = settled_in and row.pk not in own_running
        else:
            orphaned = holder not in alive
        if orphaned and _return_orphan(row, {tree_of(name) for name in alive}):
            log.warning("job %s (%s) of worker %s is given back", row.pk, row.task_path, holder)
            returned += 1
    return returned


def _return_orphan(row: Row, living_trees: Collection[str]) -> bool:
    holder = row.worker_ids[-1] if row.worker_ids else ""
    if holder and tree_of(holder) not in living_trees:
        row.worker_ids = [*row.worker_ids[:-1], WITH_ALL + holder]
    died = len(row.worker_ids)
    if attempts(row) >= options_of(row.task_path).attempts or died - attempts(row) >= MOST_WITH_ALL:
        return fail(row, Died(f"{died} workers died while running this job."))
    return _settle(row, status=READY, worker_ids=row.worker_ids)


def _settle(row: Row, **values: Any) -> bool:
    claim = Row.objects.filter(pk=row.pk, status=RUNNING, started_at=row.started_at)
    return bool(claim.update(**values))


def forget_words(names: Collection[str]) -> int:
    """What failed jobs told that names one of these; the numbers in it were masked when it was stored."""
    said = [Q(traceback__contains=name) for name in names]
    return Row.objects.filter(reduce(or_, said, Q(pk__in=[]))).update(traceback="")
