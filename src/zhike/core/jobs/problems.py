"""Why a job failed, in a sentence for people and a code for whoever helps them."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from zhike.core.jobs.rows import CALLED_OFF, Row


@dataclass(frozen=True)
class Problem:
    code: str
    words: Any


LONGEST_WORDS = 300
# By the start of the error's dotted path; the first that fits.
_KNOWN: tuple[tuple[str, Problem], ...] = (
    (
        "zhike.core.jobs.rows.TimeLimit",
        Problem("time_limit", _("It took longer than it may and was ended.")),
    ),
    (
        "zhike.core.jobs.rows.Died",
        Problem("worker_died", _("The program was ended each time while it ran.")),
    ),
    (
        "builtins.ImportError",
        Problem("unknown_job", _("This version of the program does not know this job.")),
    ),
    (
        "builtins.ModuleNotFoundError",
        Problem("unknown_job", _("This version of the program does not know this job.")),
    ),
    (
        "django.db.utils.OperationalError",
        Problem("database", _("The database could not be reached, or was busy for too long.")),
    ),
    ("django.db.utils", Problem("database_refused", _("The database refused what it wrote."))),
    (
        "builtins.MemoryError",
        Problem("memory", _("There was not enough memory.")),
    ),
    (
        "builtins.FileNotFoundError",
        Problem("file_missing", _("A file it needs is not there.")),
    ),
    ("builtins.OSError", Problem("system", _("The disk or the network refused something."))),
    ("builtins.ConnectionError", Problem("network", _("The other side could not be reached."))),
    (
        "builtins.ConnectionRefusedError",
        Problem("network", _("The other side could not be reached.")),
    ),
    ("builtins.TimeoutError", Problem("network", _("The other side did not answer in time."))),
)
FAULT = Problem("fault", _("A fault in the program. Its page says more to an administrator."))
# Their own sentence says it, and was written for people.
_SPEAKS_FOR_ITSELF = (
    "zhike.core.errors.",
    "zhike.core.jobs.running.GiveUp",
    "zhike.core.jobs.running.PutOff",
)


def problem_of(row: Row) -> Problem | None:
    """Of the last try that failed; None when none has, or it was called off."""
    path = row.exception_class_path
    if not path or path == CALLED_OFF["exception_class_path"]:
        return None
    if path.startswith(_SPEAKS_FOR_ITSELF):
        lines = row.traceback.strip().splitlines()
        words = lines[-1].partition(": ")[2] if lines else ""
        return Problem("rule", words[:LONGEST_WORDS]) if words else FAULT
    return next((problem for start, problem in _KNOWN if path.startswith(start)), FAULT)
