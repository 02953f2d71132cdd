"""From lines to planned rows. Trial and import walk the same way, so a trial tells what an import will do."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext_noop as _noop

from zhike.core.importer import values
from zhike.core.importer.context import Job
from zhike.core.importer.problems import CellError
from zhike.core.importer.reading import Table
from zhike.core.importer.rows import Outcome, Row
from zhike.core.models import ImportFix, ImportIdentity, ImportRun
from zhike.core.sealing import unseal

TOO_MANY_CELLS = _noop("The line has more cells than there are headers.")
TOO_MANY_HINT = _noop("Often a comma inside a text without quotation marks.")
REPEATED = _noop("The file holds this one twice.")
REPEATED_HINT = _noop("Line %(line)s has the same value. Keep one of the two.")
WHOLE_LINE = -1

Fixes = dict[int, dict[int, str]]


def fixes_of(run: ImportRun) -> Fixes:
    fixes: Fixes = {}
    for fix in ImportFix.objects.filter(run=run):
        fixes.setdefault(fix.line, {})[fix.column] = unseal(fix.value, run.key)
    return fixes


class Sifter:
    """Cleans the lines of a table in file order and remembers what may stand in it only once."""

    def __init__(self, job: Job, table: Table) -> None:
        self.job = job
        self.table = table
        self.fixes = fixes_of(job.run)
        fields = {field.code: field for field in job.kind.all_fields()}
        self.fields = [f for code, f in fields.items() if code in job.context.mapped]
        self.mapping: dict[str, int] = job.run.mapping
        self.width = len(table.headers)
        # How many issues have been kept so far.
        self.noted = 0
        self._seen: dict[tuple[str, str], int] = {}
        sheet = job.run.sheet if len(table.sheets) > 1 else ""
        self._by_line = f"f:{job.context.file_digest}:{sheet}:"

    def rows(self, after_line: int = 0) -> Iterator[Row]:
        """Cleaned rows below `after_line`. Earlier lines are walked for what they would repeat."""
        for line, cells in self.table.rows():
            row = self._clean(line, cells)
            if line > after_line:
                yield row

    def _clean(self, line: int, cells: list[str]) -> Row:
        fixes = self.fixes.get(line)
        if fixes:
            if WHOLE_LINE in fixes:
                return Row(line, cells, outcome=Outcome.SKIP)
            cells = [fixes.get(i, cell) for i, cell in enumerate(_padded(cells, self.width))]
        row = Row(line, cells)
        if any(cells[self.width :]):
            row.refuse("", TOO_MANY_CELLS, TOO_MANY_HINT)
        for field in self.fields:
            self._clean_field(row, field, fixes)
        self.job.kind.check(row)
        for code, value in self.job.kind.unique_values(row).items():
            first = self._seen.setdefault((code, value), line)
            if first != line:
                row.refuse(code, REPEATED, REPEATED_HINT, line=first)
        if not row.problems:
            row.identity = self.job.kind.identity(row, f"{self._by_line}{line}")[:200]
        return row

    def _clean_field(self, row: Row, field: Any, fixes: dict[int, str] | None) -> None:
        column = self.mapping.get(field.code)
        if (
            column is not None
            and self.table.is_broken(row.line, column)
            and not (fixes and column in fixes)
        ):
            row.refuse(field.code, values.BAD_FORMULA, values.FORMULA_HINT)
            return
        try:
            field.assign(
                row, field.clean(field.resolve(row.cells, self.mapping, self.job.run.constants))
            )
        except CellError as error:
            row.refuse_cell(field.code, error)

    def plan(self, rows: list[Row]) -> None:
        """Decide what each clean row becomes. Reads only."""
        clean = [row for row in rows if row.outcome not in (Outcome.SKIP, Outcome.ERROR)]
        identities = [row.identity for row in clean if row.identity]
        known = dict(
            ImportIdentity.objects.filter(
                kind=self.job.kind.key, identity__in=identities
            ).values_list("identity", "object_id")
        )
        for row in clean:
            row.outcome = Outcome.CREATE
            row.known_id = known.get(row.identity)
            if row.known_id is not None and row.identity.startswith("f:"):
                # This very line has been imported before.
                row.outcome = Outcome.SAME
        # Faulty rows too: all that is wrong with a row is told at once.
        ahead = [row for row in rows if row.outcome not in (Outcome.SKIP, Outcome.SAME)]
        if ahead:
            self.job.kind.plan(ahead, self.job.context)


def _padded(cells: list[str], width: int) -> list[str]:
    return cells + [""] * (width - len(cells))
