"""What a job is: a function of a module, with its patience."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ParamSpec, TypeVar

from django_tasks import task
from django_tasks.base import Task

P = ParamSpec("P")
T = TypeVar("T")

# "bulk" is for long jobs: at most one of them runs per worker, so the short ones never wait behind them.
# "outbox" is for calls to receivers outside, which may hang: neither of the others waits behind those.
QUEUES = ("default", "bulk", "outbox")


@dataclass(frozen=True)
class JobOptions:
    attempts: int = 5
    limit_seconds: float = 600.0
    label: Any = ""


_options: dict[str, JobOptions] = {}


def job(
    *,
    queue: str = "default",
    attempts: int = 5,
    limit_seconds: float = 600.0,
    label: Any = "",
) -> Callable[[Callable[P, T]], "Task[P, T]"]:
    """Make a module-level function a job.

    `attempts` counts failures and deaths of the worker together. A job over `limit_seconds` takes its whole
    worker process down, for a thread cannot be ended; the supervisor starts a new one.
    """
    if queue not in QUEUES:
        raise ValueError(f"There is no queue {queue!r}: {', '.join(QUEUES)}.")

    def decorate(function: Callable[P, T]) -> "Task[P, T]":
        made: Task[P, T] = task(queue_name=queue)(function)
        _options[made.module_path] = JobOptions(attempts, limit_seconds, label)
        return made

    return decorate


def known_jobs() -> list[str]:
    """The dotted paths of all jobs defined so far."""
    return list(_options)


def options_of(path: str) -> JobOptions:
    """Options by the job's dotted path; the defaults for a job this version no longer knows."""
    return _options.get(path, JobOptions())
