"""What a person (or the command) does with an import. Everything here checks rights and writes in one unit."""

import json
from collections.abc import Collection, Mapping
from pathlib import PurePath

from django.db.models import F, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as _noop

from zhike.core import clock, work
from zhike.core.access import Grants
from zhike.core.errors import Conflict, RuleError
from zhike.core.files import file_path, store_file
from zhike.core.files.store import Upload
from zhike.core.importer.context import PERMISSION, kind_named
from zhike.core.importer.matching import mapping_problems, propose
from zhike.core.importer.problems import Problem, sentence
from zhike.core.importer.reading import Table, open_table
from zhike.core.importer.sifting import WHOLE_LINE
from zhike.core.importer.undoing import UNDO_WITHIN
from zhike.core.importer.walking import NOTHING_COUNTED
from zhike.core.models import (
    ErrorPolicy,
    ImportFix,
    ImportIssue,
    ImportRun,
    ImportState,
    StoredFile,
)
from zhike.core.sealing import new_key, seal

S = ImportState
BUSY = (S.CHECKING, S.RUNNING, S.UNDOING)
# Before anything is written the columns may still be chosen anew.
OPEN_TO_CHANGE = (S.MAPPING, S.CHECKING, S.CHECKED)
NOT_TAKEN_UP = _noop(
    "Stopped after %(done)s of %(total)s rows and not taken up again; the file is no longer kept."
)
FAULTS_LEFT = _noop("%(n)s rows have errors; correct or leave them out first.")


def start_import(
    *,
    actor: work.Actor,
    grants: Grants,
    kind_key: str,
    upload: Upload,
    file_name: str,
    unit_id: int,
    sheet: str = "",
) -> ImportRun:
    """Store and read a file, propose its columns. Of an unreadable file only its bytes stay behind."""
    grants.require(PERMISSION)
    kind = kind_named(kind_key)
    grants.require(kind.permission)
    stored = store_file(upload)
    table = open_table(file_path(stored.digest), sheet)
    proposal = propose(kind, table.headers, unit_id)
    with work.unit(actor) as unit:
        key = new_key(unit.now)
        run = ImportRun(
            kind=kind.key,
            file=stored,
            file_name=PurePath(file_name.replace("\\", "/")).name[:200] or stored.digest[:12],
            key=key,
            actor_id=actor.id,
            actor_name=actor.name,
            via=actor.via,
            unit_id=unit_id,
            made_at=unit.now,
            changed_at=unit.now,
            mapping=proposal.mapping,
            constants=proposal.constants,
            is_remembered=proposal.is_remembered,
        )
        _describe(run, table)
        run.save()
        unit.audit("import.start", run, after={"kind": kind.key, "file": _told(stored)})
    return run


def _told(stored: StoredFile) -> dict[str, object]:
    return {"digest": stored.digest, "bytes": stored.size_bytes}


def _describe(run: ImportRun, table: Table) -> None:
    run.sheets = table.sheets
    run.sheet = table.sheet.name[:100]
    run.header_line = table.header_line
    run.headers = table.headers
    run.rows_total = table.row_count()
    run.notes = [[note.text, dict(note.values)] for note in table.notes]
    _line, cells = next(table.rows())
    run.sample = seal(run.key, json.dumps(cells[: len(table.headers)], ensure_ascii=False))


def choose_sheet(*, actor: work.Actor, run: ImportRun, sheet: str) -> None:
    """Another worksheet of the same file: its columns are proposed anew."""
    _still_open(run)
    table = open_table(file_path(run.file.digest), sheet)
    kind = kind_named(run.kind)
    proposal = propose(kind, table.headers, run.unit_id)
    with work.unit(actor):
        _describe(run, table)
        run.mapping, run.constants = proposal.mapping, proposal.constants
        run.is_remembered = proposal.is_remembered
        run.state, run.attempt = S.MAPPING, run.attempt + 1
        run.changed_at = clock.now()
        run.save()
        ImportFix.objects.filter(run=run).delete()


def choose_columns(
    *,
    actor: work.Actor,
    run: ImportRun,
    mapping: Mapping[str, int],
    constants: Mapping[str, str],
    policy: str = "",
) -> list[Problem]:
    """Keep the choice, and try it out when it is complete. Returns what it still lacks."""
    _still_open(run)
    kind = kind_named(run.kind)
    codes = {field.code for field in kind.all_fields()}
    run.mapping = {
        code: column
        for code, column in mapping.items()
        if code in codes and 0 <= column < len(run.headers)
    }
    run.constants = {c: text.strip()[:200] for c, text in constants.items() if c in codes and text}
    if policy in ErrorPolicy.values:
        run.policy = policy
    problems = mapping_problems(kind, run.mapping, run.constants)
    with work.unit(actor) as unit:
        _next_attempt(run, S.MAPPING if problems else S.CHECKING)
        if not problems:
            _enqueue(unit, run)
    return problems


def try_again(*, actor: work.Actor, run: ImportRun) -> None:
    """Try out anew, after corrections or because the data it refers to has changed."""
    _still_open(run)
    if mapping_problems(kind_named(run.kind), run.mapping, run.constants):
        raise RuleError("import_columns", _("Please choose the columns first."))
    with work.unit(actor) as unit:
        _next_attempt(run, S.CHECKING)
        _enqueue(unit, run)


def correct(
    *,
    actor: work.Actor,
    run: ImportRun,
    cells: Mapping[tuple[int, int], str],
    leave_out: frozenset[int] = frozenset(),
) -> int:
    """Correct cells (line, column) and leave out lines; then everything is tried out again."""
    _still_open(run)
    valid = {
        (line, column): value.strip()[:2000]
        for (line, column), value in cells.items()
        if line > run.header_line and 0 <= column < len(run.headers)
    }
    lines = {line for line in leave_out if line > run.header_line}
    if not valid and not lines:
        return 0
    fixes = [
        ImportFix(run=run, line=line, column=column, value=seal(run.key, value))
        for (line, column), value in valid.items()
    ]
    fixes += [ImportFix(run=run, line=line, column=WHOLE_LINE) for line in sorted(lines)]
    with work.unit(actor) as unit:
        ImportFix.objects.bulk_create(
            fixes,
            update_conflicts=True,
            unique_fields=["run", "line", "column"],
            update_fields=["value"],
        )
        # Only where something was mended; the trial that follows finds the rest again.
        ImportIssue.objects.filter(run=run, line__in={fix.line for fix in fixes}).delete()
        _next_attempt(run, S.CHECKING)
        _enqueue(unit, run)
    return len(fixes)


def begin(*, actor: work.Actor, run: ImportRun, policy: str) -> None:
    """Import what the trial found right. Asked twice, the second one is told so."""
    if run.state != S.CHECKED:
        raise Conflict("import_not_ready", _("This import has already begun, or is not tried out."))
    if policy not in ErrorPolicy.values:
        raise RuleError("import_policy", _("Please say what to do with faulty rows."))
    if policy == ErrorPolicy.ALL_OR_NOTHING and run.error_count:
        raise RuleError("import_faults", sentence(FAULTS_LEFT, {"n": run.error_count}))
    with work.unit(actor) as unit:
        run.policy = policy
        _next_attempt(run, S.RUNNING, cursor_line=0, policy=policy, **NOTHING_COUNTED)
        _enqueue(unit, run)


def stop(*, actor: work.Actor, run: ImportRun) -> None:
    """What is written stays; it can go on, or be undone."""
    if run.state != S.RUNNING:
        raise Conflict("import_not_running", _("This import is not running."))
    with work.unit(actor) as unit:
        _next_attempt(run, S.STOPPED)
        unit.audit("import.stop", run)


def go_on(*, actor: work.Actor, run: ImportRun) -> None:
    """Continue a stopped import at its cursor."""
    if run.state != S.STOPPED:
        raise Conflict("import_not_stopped", _("This import is not waiting to go on."))
    with work.unit(actor) as unit:
        _next_attempt(run, S.RUNNING, failure="")
        _enqueue(unit, run)


def can_undo(run: ImportRun) -> bool:
    if run.state not in (S.DONE, S.STOPPED) or not (run.cursor_line or run.finished_at):
        return False
    return clock.now() - (run.finished_at or run.changed_at) <= UNDO_WITHIN


def undo(*, actor: work.Actor, run: ImportRun) -> None:
    if not can_undo(run):
        raise Conflict(
            "import_not_undoable",
            _("An import can be undone within 7 days, once it has ended."),
        )
    with work.unit(actor) as unit:
        _next_attempt(run, S.UNDOING, rows_done=0, failure="")
        _enqueue(unit, run)


def discard(*, actor: work.Actor, run: ImportRun) -> None:
    """Give up an import that has written nothing."""
    _still_open(run)
    with work.unit(actor) as unit:
        _next_attempt(run, S.UNDONE, finished_at=unit.now)
        unit.audit("import.discard", run)


def give_up(ids: Collection[int], unit: work.Work) -> None:
    """Their file goes, so nobody can go on with these imports: those that have written nothing are discarded, a
    stopped one has ended with what it had written.
    """
    runs = ImportRun.objects.filter(pk__in=ids)
    nothing = Q(state__in=OPEN_TO_CHANGE) | Q(state=S.STOPPED, cursor_line=0)
    runs.filter(nothing).update(
        state=S.UNDONE, attempt=F("attempt") + 1, changed_at=unit.now, finished_at=unit.now
    )
    for run in runs.filter(state=S.STOPPED):
        told = {"done": run.rows_done, "total": run.rows_total}
        # It ended when it was stopped; since then nobody could undo it either.
        _next_attempt(
            run, S.DONE, finished_at=run.changed_at, failure=json.dumps([NOT_TAKEN_UP, told])
        )


def _still_open(run: ImportRun) -> None:
    if run.state not in OPEN_TO_CHANGE:
        raise Conflict(
            "import_begun", _("This import has begun; its columns can no longer be changed.")
        )


def _next_attempt(run: ImportRun, state: ImportState, **values: object) -> None:
    """Compare-and-set on (state, attempt): of two clicks one wins, and older jobs write nothing more."""
    changes = {
        "state": state,
        "attempt": run.attempt + 1,
        "mapping": run.mapping,
        "constants": run.constants,
        "policy": run.policy,
        "changed_at": clock.now(),
        **values,
    }
    here = ImportRun.objects.filter(pk=run.pk, state=run.state, attempt=run.attempt)
    if not here.update(**changes):
        raise Conflict(
            "import_moved_on", _("Somebody has gone on with this import. Please look again.")
        )
    for name, value in changes.items():
        setattr(run, name, value)


def _enqueue(unit: work.Work, run: ImportRun) -> None:
    from zhike.core.importer import tasks

    task = {
        S.CHECKING: tasks.try_out_import,
        S.RUNNING: tasks.import_rows,
        S.UNDOING: tasks.take_back_import,
    }[ImportState(run.state)]
    unit.enqueue(task, run_id=run.pk, attempt=run.attempt)
