"""Run one claimed row and write down how it ended."""

import contextvars
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.core.exceptions import SuspiciousOperation

from zhike.core.errors import RuleError
from zhike.core.jobs import rows
from zhike.core.jobs.running import Cancelled, Interrupted, RunningJob, running

log = logging.getLogger("zhike.jobs")


def run_row(row: rows.Row, stopping: Callable[[], bool]) -> None:
    """In a context of its own: nothing a job sets (language, unit of work) reaches the next one."""
    contextvars.copy_context().run(_run, row, stopping)


def _run(row: rows.Row, stopping: Callable[[], bool]) -> None:
    told = RunningJob(id=row.pk, attempt=len(row.worker_ids), stopping=stopping)
    try:
        with running(told), _readable_import_error():
            value = _call(row)
        rows.succeed(row, value)
    except Cancelled:
        rows.call_off(row)
    except Interrupted:
        rows.give_back(row)
    except RuleError as error:
        # A rule said no, in a sentence of its own: where in the code adds nothing.
        log.error("job %s (%s) failed, attempt %d: %s", row.pk, row.task_path, told.attempt, error)
        rows.fail(row, error)
    except Exception as error:
        log.exception("job %s (%s) failed, attempt %d", row.pk, row.task_path, told.attempt)
        rows.fail(row, error)


def _call(row: rows.Row) -> Any:
    return row.task.call(*row.args_kwargs["args"], **row.args_kwargs["kwargs"])


@contextmanager
def _readable_import_error() -> Iterator[None]:
    # A path that is no job any more (an older version enqueued it) is hopeless, like one that is gone.
    try:
        yield
    except SuspiciousOperation as error:
        raise ImportError(str(error)) from error
