"""The trial: everything an import does, except writing."""

from itertools import islice

from zhike.core import work
from zhike.core.importer.context import Job, actor_for, prepare, table_of
from zhike.core.importer.issues import issues_for
from zhike.core.importer.rows import Row
from zhike.core.importer.sifting import Sifter
from zhike.core.importer.walking import (
    NOTHING_COUNTED,
    counts_of,
    forget_issues,
    move,
    room_for_issues,
)
from zhike.core.jobs import current
from zhike.core.models import ImportIssue, ImportRun, ImportState

_BATCH = 200


def try_out(run: ImportRun) -> None:
    """Walk the whole file; afterwards the run knows what each row would become. State: checking → checked."""
    job = prepare(run)
    forget_issues(run)
    with work.unit(actor_for(run)):
        move(run, ImportState.CHECKING, **NOTHING_COUNTED)
    _walk(job)
    with work.unit(actor_for(run)):
        move(run, ImportState.CHECKING, state=ImportState.CHECKED)


def _walk(job: Job) -> None:
    run = job.run
    sifter = Sifter(job, table_of(run))
    rows = sifter.rows()
    noted = 0
    while batch := list(islice(rows, _BATCH)):
        sifter.plan(batch)
        noted += note_rows(job, batch, noted)
        current().pause()


def note_rows(job: Job, rows: list[Row], noted: int) -> int:
    """Count the rows and keep what is wrong with them; returns how many issues were kept."""
    run = job.run
    issues = room_for_issues(issues_for(rows, job, run.key), noted)
    for start in range(0, max(len(issues), 1), 100):
        with work.unit(actor_for(run)):
            counted = counts_of(rows) if start == 0 else {}
            move(run, ImportState.CHECKING, **counted)
            ImportIssue.objects.bulk_create(issues[start : start + 100])
            current().report(done=run.rows_done + len(rows), total=run.rows_total)
    run.rows_done += len(rows)
    return len(issues)
