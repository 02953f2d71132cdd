"""The common walk of trial, import and undo: short transactions, each moving the run by compare-and-set."""

import time
from typing import Any

from django.db.models import F

from zhike.core import clock
from zhike.core.importer.context import Superseded
from zhike.core.importer.issues import MAX_ISSUES
from zhike.core.importer.rows import Outcome, Row
from zhike.core.models import ImportIssue, ImportRun, ImportState

# A transaction holds SQLite's only write lock: at most this many rows, and fewer once they take longer.
MOST_ROWS = 100
_AIM_SECONDS = 0.035

_COUNTED = {
    Outcome.CREATE: "created_count",
    Outcome.UPDATE: "updated_count",
    Outcome.SAME: "same_count",
    Outcome.ERROR: "error_count",
    Outcome.SKIP: "skipped_count",
}
NOTHING_COUNTED = {**dict.fromkeys(_COUNTED.values(), 0), "rows_done": 0}


class ChunkSize:
    """How many rows the next transaction takes, so that it stays well under 50 ms."""

    def __init__(self, start: int = 25) -> None:
        self.rows = min(start, MOST_ROWS)
        self._began = (0.0, 0.0)

    def begin(self) -> None:
        self._began = (time.monotonic(), time.thread_time())

    def end(self, rows: int) -> None:
        wall, busy = self._began
        # Waiting for a busy processor or for another writer says nothing about the size of the chunk.
        took = min(time.monotonic() - wall, 2 * (time.thread_time() - busy))
        if rows and took > 0:
            fitting = int(rows * _AIM_SECONDS / took)
            self.rows = max(1, min(MOST_ROWS, fitting, self.rows * 2))


def counts_of(rows: list[Row]) -> dict[str, Any]:
    """The change of the run's counters by these rows, for `update()`."""
    tally: dict[str, int] = {}
    for row in rows:
        name = _COUNTED[row.outcome]
        tally[name] = tally.get(name, 0) + 1
    return {name: F(name) + n for name, n in tally.items()} | {
        "rows_done": F("rows_done") + len(rows)
    }


def move(run: ImportRun, expected: ImportState, cursor: int | None = None, **values: Any) -> None:
    """Change the run if it is still this attempt's, in this state and at this line. Inside a unit of work.

    The row is locked until commit, so of two workers on one import (one was thought dead) only one writes.
    """
    here = ImportRun.objects.filter(pk=run.pk, attempt=run.attempt, state=expected)
    if cursor is not None:
        here = here.filter(cursor_line=cursor)
    if not here.update(changed_at=clock.now(), **values):
        raise Superseded


def forget_issues(run: ImportRun) -> None:
    """Remove the findings of an earlier walk. Each bite is a transaction of its own."""
    from zhike.core import work
    from zhike.core.importer.context import actor_for

    while ids := list(ImportIssue.objects.filter(run=run).values_list("pk", flat=True)[:500]):
        with work.unit(actor_for(run)):
            ImportIssue.objects.filter(pk__in=ids).delete()


def room_for_issues(found: list[ImportIssue], already: int) -> list[ImportIssue]:
    return found[: max(0, MAX_ISSUES - already)]
