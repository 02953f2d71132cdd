"""Taking an import back: what it made is voided, what it changed is put back, what moved on is left."""

import json
from datetime import timedelta

from zhike.core import work
from zhike.core.importer.context import Job, prepare
from zhike.core.importer.rows import Change
from zhike.core.importer.walking import ChunkSize, move
from zhike.core.jobs import current
from zhike.core.models import ImportedRow, ImportIdentity, ImportRun, ImportState
from zhike.core.sealing import unseal

UNDO_WITHIN = timedelta(days=7)
_MOST_KEPT = 500


def undo_import(run: ImportRun) -> None:
    """Newest lines first. Undoing a line twice does nothing, so a killed undo simply starts over."""
    job = prepare(run)
    kept: list[list[object]] = []
    below = None
    done = 0
    size = ChunkSize(start=10)
    while rows := _next(run, below, size.rows):
        done += len(rows)
        size.begin()
        kept += _take_back(job, rows, done)
        size.end(len(rows))
        below = rows[-1].line
        current().pause()
    with work.unit(job.context.actor, reason=f"undo import {run.pk}") as unit:
        move(
            run,
            ImportState.UNDOING,
            state=ImportState.UNDONE,
            kept=kept[:_MOST_KEPT],
            rows_done=done,
            finished_at=unit.now,
        )
        unit.audit("import.undo", run, after={"rows": done, "left_alone": len(kept)})


def _next(run: ImportRun, below: int | None, most: int) -> list[ImportedRow]:
    rows = ImportedRow.objects.filter(run=run)
    if below is not None:
        rows = rows.filter(line__lt=below)
    return list(rows.order_by("-line")[:most])


def _take_back(job: Job, rows: list[ImportedRow], done: int) -> list[list[object]]:
    made = [_change(row) for row in rows if not row.is_update]
    changes = [_change(row) for row in rows if row.is_update]
    with work.unit(job.context.actor, reason=f"undo import {job.run.pk}") as unit:
        move(job.run, ImportState.UNDOING, rows_done=done)
        left = job.kind.undo_created(made, job.context, unit) if made else {}
        left_changed = job.kind.undo_updated(changes, job.context, unit) if changes else {}
        gone = [one.object_id for one in made if one.object_id not in left]
        # Imported again, the line makes a new row.
        ImportIdentity.objects.filter(run=job.run, object_id__in=gone).delete()
        current().report(done=done)
    return [
        [row.line, row.object_id, (left_changed if row.is_update else left)[row.object_id]]
        for row in rows
        if row.object_id in (left_changed if row.is_update else left)
    ]


def _change(row: ImportedRow) -> Change:
    return Change(row.line, row.object_id, _read(row.before), _read(row.after))


def _read(text: str) -> dict[str, object]:
    if text.startswith("v1:"):
        text = unseal(text)
    return json.loads(text) if text else {}
