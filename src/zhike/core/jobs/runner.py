"""Run one claimed row and write down how it ended."""

import contextvars
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from functools import cache
from time import monotonic
from typing import Any

from django.core.exceptions import SuspiciousOperation

from zhike.core.errors import RuleError
from zhike.core.jobs import rows
from zhike.core.jobs.running import Cancelled, Interrupted, PutOff, RunningJob, running
from zhike.core.logs.bound import bound
from zhike.core.metrics.counted import count_job

log = logging.getLogger("zhike.jobs")


class Outcome(StrEnum):
    """How one try at a job ended."""

    DONE = "done"
    RETRY = "retry"
    FAILED = "failed"
    CALLED_OFF = "called_off"
    GIVEN_BACK = "given_back"
    # Another worker thought us dead and has it now: our result was refused.
    TAKEN_OVER = "taken_over"


def run_row(row: rows.Row, stopping: Callable[[], bool]) -> None:
    """In a context of its own: nothing a job sets (language, unit of work) reaches the next one."""
    contextvars.copy_context().run(_run, row, stopping)


def _run(row: rows.Row, stopping: Callable[[], bool]) -> None:
    began = monotonic()
    with bound(job=str(row.pk), kind=row.task_path):
        outcome = _outcome(row, stopping)
        seconds = monotonic() - began
        count_job(job=row.task_path, outcome=outcome.value, seconds=seconds)
        facts: dict[str, Any] = {
            "outcome": outcome.value,
            "attempt": rows.attempts(row),
            "ms": round(seconds * 1000, 1),
        }
        log.info("job ended", extra=facts)


def _outcome(row: rows.Row, stopping: Callable[[], bool]) -> Outcome:
    told = RunningJob(id=row.pk, attempt=rows.attempts(row), stopping=stopping)
    try:
        with running(told), _readable_import_error():
            value = _call(row)
        return Outcome.DONE if rows.succeed(row, value) else Outcome.TAKEN_OVER
    except Cancelled:
        return Outcome.CALLED_OFF if rows.call_off(row) else Outcome.TAKEN_OVER
    except Interrupted:
        return Outcome.GIVEN_BACK if rows.give_back(row) else Outcome.TAKEN_OVER
    except PutOff as error:
        _warn_once(row.task_path, str(error))
        return Outcome.GIVEN_BACK if rows.put_off(row, error) else Outcome.TAKEN_OVER
    except RuleError as error:
        # A rule said no, in a sentence of its own: where in the code adds nothing.
        log.error("job %s (%s) failed, attempt %d: %s", row.pk, row.task_path, told.attempt, error)
        return _failed(row, error)
    except Exception as error:
        log.exception("job %s (%s) failed, attempt %d", row.pk, row.task_path, told.attempt)
        return _failed(row, error)


@cache
def _warn_once(path: str, why: str) -> None:
    """A machine that lacks something lacks it for every job of the kind."""
    log.warning("jobs of %s wait: %s", path, why)


def _failed(row: rows.Row, error: Exception) -> Outcome:
    again = rows.may_be_tried_again(row, error)
    if not rows.fail(row, error):
        return Outcome.TAKEN_OVER
    return Outcome.RETRY if again else Outcome.FAILED


def _call(row: rows.Row) -> Any:
    return row.task.call(*row.args_kwargs["args"], **row.args_kwargs["kwargs"])


@contextmanager
def _readable_import_error() -> Iterator[None]:
    # A path that is no job any more (an older version enqueued it) is hopeless, like one that is gone.
    try:
        yield
    except SuspiciousOperation as error:
        raise ImportError(str(error)) from error
