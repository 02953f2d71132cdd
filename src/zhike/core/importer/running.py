"""The import itself: rows in short transactions, the cursor in the same ones, so that nothing comes twice.

A killed import goes on at its cursor. Lines before it are read again only for what may stand in a file once.
"""

import json
from itertools import islice
from typing import Any

from django.db import IntegrityError
from django.utils.translation import gettext_noop as _noop

from zhike.core import work
from zhike.core.errors import RuleError
from zhike.core.importer.context import Job, actor_for, prepare, table_of
from zhike.core.importer.issues import issues_for
from zhike.core.importer.matching import remember
from zhike.core.importer.rows import Outcome, Row
from zhike.core.importer.sifting import Sifter
from zhike.core.importer.undoing import undo_import
from zhike.core.importer.walking import (
    ChunkSize,
    counts_of,
    forget_issues,
    move,
    room_for_issues,
)
from zhike.core.jobs import current
from zhike.core.models import (
    ErrorPolicy,
    ImportedRow,
    ImportIdentity,
    ImportIssue,
    ImportRun,
    ImportState,
    PersonKey,
)
from zhike.core.notify import notify
from zhike.core.sealing import seal

NOT_SAVED = _noop("The row could not be saved.")
STILL_FAULTY = _noop("%(n)s rows have errors, so nothing was imported.")
_WRITTEN = (Outcome.CREATE, Outcome.UPDATE)


def run_import(run: ImportRun) -> None:
    """Import from the cursor to the end. State: running → done (or checked, when all or nothing found faults)."""
    job = prepare(run)
    sifter = Sifter(job, table_of(run))
    if run.cursor_line == 0:
        forget_issues(run)
        if run.policy == ErrorPolicy.ALL_OR_NOTHING and not _all_right(job, sifter):
            return
        sifter = Sifter(job, sifter.table)
    _write_all(job, sifter)
    run.refresh_from_db()
    if run.policy == ErrorPolicy.ALL_OR_NOTHING and run.error_count:
        # Right a moment ago, refused now: somebody else has changed what the rows refer to.
        with work.unit(actor_for(run)):
            move(run, ImportState.RUNNING, state=ImportState.UNDOING)
        undo_import(run)
        return
    _finish(job)


def _all_right(job: Job, sifter: Sifter) -> bool:
    """Whether every row could be imported now; if not, the run goes back to its trial with what is wrong."""
    rows = sifter.rows()
    faulty: list[Row] = []
    while batch := list(islice(rows, 200)):
        sifter.plan(batch)
        faulty += [row for row in batch if row.outcome is Outcome.ERROR]
    if not faulty:
        return True
    issues = room_for_issues(issues_for(faulty, job, job.run.key), 0)
    for start in range(0, len(issues), 100):
        with work.unit(actor_for(job.run)):
            move(job.run, ImportState.RUNNING)
            ImportIssue.objects.bulk_create(issues[start : start + 100])
    with work.unit(actor_for(job.run)):
        move(
            job.run,
            ImportState.RUNNING,
            state=ImportState.CHECKED,
            error_count=len(faulty),
            failure=json.dumps([STILL_FAULTY, {"n": len(faulty)}]),
        )
    return False


def _write_all(job: Job, sifter: Sifter) -> None:
    size = ChunkSize()
    rows = sifter.rows(after_line=job.run.cursor_line)
    while batch := list(islice(rows, size.rows)):
        sifter.plan(batch)
        size.begin()
        _write_chunk(job, sifter, batch)
        size.end(len(batch))
        current().pause()


def _write_chunk(job: Job, sifter: Sifter, rows: list[Row]) -> None:
    """One transaction for the chunk; when the database or a rule objects, one for each of its rows."""
    try:
        _write(job, sifter, rows)
    except (IntegrityError, RuleError):
        # Somebody made the same row meanwhile, or a rule that only the service knows: find it.
        for row in rows:
            _write_alone(job, sifter, row)


def _write_alone(job: Job, sifter: Sifter, row: Row) -> None:
    if row.outcome is not Outcome.ERROR:
        sifter.plan([row])
    try:
        _write(job, sifter, [row])
    except IntegrityError:
        row.refuse("", NOT_SAVED)
        _write(job, sifter, [row])
    except RuleError as error:
        row.refuse(error.field, str(error)[:200] or NOT_SAVED)
        _write(job, sifter, [row])


def _write(job: Job, sifter: Sifter, rows: list[Row]) -> None:
    run, last = job.run, rows[-1].line
    written = [row for row in rows if row.outcome in _WRITTEN]
    issues = room_for_issues(issues_for(rows, job, run.key), sifter.noted)
    with work.unit(job.context.actor, reason=f"import {run.pk}") as unit:
        move(run, ImportState.RUNNING, cursor=run.cursor_line, cursor_line=last, **counts_of(rows))
        if written:
            job.kind.save(written, job.context, unit)
            ImportedRow.objects.bulk_create(_journal(run, written))
            ImportIdentity.objects.bulk_create(
                [
                    ImportIdentity(
                        kind=run.kind, identity=row.identity, object_id=row.saved_id, run=run
                    )
                    for row in written
                    if row.identity and row.outcome is Outcome.CREATE
                ]
            )
            unit.audit(
                "import.rows",
                run,
                after={
                    "lines": [rows[0].line, last],
                    "created": _ids(written, Outcome.CREATE),
                    "updated": _ids(written, Outcome.UPDATE),
                },
            )
        ImportIssue.objects.bulk_create(issues)
        current().report(done=run.rows_done + len(rows), total=run.rows_total)
    sifter.noted += len(issues)
    run.cursor_line = last
    run.rows_done += len(rows)


def _ids(rows: list[Row], outcome: Outcome) -> list[int]:
    return [row.saved_id for row in rows if row.outcome is outcome]


def _journal(run: ImportRun, rows: list[Row]) -> list[ImportedRow]:
    keys = PersonKey.objects.in_bulk({row.person_key_id for row in rows if row.before or row.after})
    return [
        ImportedRow(
            run=run,
            line=row.line,
            object_id=row.saved_id,
            is_update=row.outcome is Outcome.UPDATE,
            before=_sealed(row, row.before, keys),
            after=_sealed(row, row.after, keys),
        )
        for row in rows
    ]


def _sealed(row: Row, values: dict[str, Any], keys: dict[Any, PersonKey]) -> str:
    if not values:
        return ""
    text = json.dumps(values, ensure_ascii=False, default=str)
    return seal(keys[row.person_key_id], text) if row.person_key_id else text


def _finish(job: Job) -> None:
    run = job.run
    with work.unit(job.context.actor) as unit:
        move(run, ImportState.RUNNING, state=ImportState.DONE, failure="", finished_at=unit.now)
        run.refresh_from_db()
        unit.audit(
            "import.finish",
            run,
            after={
                "kind": run.kind,
                "file": run.file.digest,
                "created": run.created_count,
                "updated": run.updated_count,
                "same": run.same_count,
                "errors": run.error_count,
                "skipped": run.skipped_count,
            },
        )
        remember(run, unit.now)
        if run.actor_id is not None:
            notify(
                unit,
                user_id=run.actor_id,
                kind="import.done",
                values={"name": run.file_name, "n": run.created_count + run.updated_count},
                url=f"/imports/{run.pk}/",
            )
