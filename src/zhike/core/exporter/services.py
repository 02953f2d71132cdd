from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from zhike.core import work
from zhike.core.access import Grants
from zhike.core.errors import RuleError
from zhike.core.exporter import register
from zhike.core.exporter.kinds import ExportColumn, ExportKind
from zhike.core.exporter.watermark import Watermark
from zhike.core.exporter.writers import whole_xlsx, write_csv
from zhike.core.models import ExportPurpose, ExportRun
from zhike.core.search import masked_numbers

FORMATS = ("xlsx", "csv")
MOST_ROWS = 200_000
# A workbook is finished before its first byte is sent; a .csv streams.
MOST_XLSX_ROWS = 10_000
_BATCH = 400


@dataclass(frozen=True)
class Export:
    """An export that has been allowed and noted. `records()` reads as it is consumed, batch by batch."""

    kind: ExportKind
    grants: Grants
    ids: list[int]
    reveal: bool
    file_name: str
    run: ExportRun

    @property
    def mark(self) -> Watermark:
        return Watermark.of(self.run)

    @property
    def columns(self) -> tuple[ExportColumn, ...]:
        return (*self.kind.all_columns(self.grants), self.mark.column())

    def records(self) -> Iterator[Mapping[str, Any]]:
        # By ids and not by one open cursor: a streamed answer may go on in another thread.
        for start in range(0, len(self.ids), _BATCH):
            wanted = self.ids[start : start + _BATCH]
            found = {row.pk: row for row in self.kind.rows(self.grants).filter(pk__in=wanted)}
            batch = [found[pk] for pk in wanted if pk in found]
            for record in self.kind.records(batch, self.grants, self.reveal):
                yield self.mark.on(record)

    def chunks(self) -> Iterator[bytes]:
        """The file, piece by piece; when it is whole, the register has its digest and a sealed copy."""
        return register.kept(self.run, self._written())

    def _written(self) -> Iterable[bytes]:
        if self.run.file_format == "csv":
            return write_csv(self.columns, self.records())
        return whole_xlsx(self.columns, self.records(), str(self.kind.label), self.mark)


def begin_export(
    *,
    actor: work.Actor,
    grants: Grants,
    kind: ExportKind,
    rows: "QuerySet[Any] | None" = None,
    file_format: str,
    reason: str,
    purpose: str = "",
    reveal: bool = False,
    query: str = "",
) -> Export:
    """Check the right, keep who exports what and why, and hand out the rows. `rows` narrows and orders them."""
    grants.require(kind.permission)
    reason = checked_wish(reason, purpose)
    if file_format not in FORMATS:
        raise RuleError("export_format", _("Please choose .xlsx or .csv."), field="format")
    if reveal:
        grants.require(kind.reveal_permission or kind.permission)
    chosen = kind.rows(grants).order_by("pk") if rows is None else rows
    ids = list(chosen.values_list("pk", flat=True)[: MOST_ROWS + 1])
    _check_size(len(ids), file_format)
    query = masked_numbers(query)[:500]
    with work.unit(actor, reason=reason) as unit:
        run = register.add(
            unit,
            grants,
            kind=kind.key,
            purpose=purpose or ExportPurpose.OTHER,
            file_format=file_format,
            rows=len(ids),
            revealed=reveal,
            query=query,
        )
        unit.audit(
            f"export.{kind.key}",
            run,
            after={
                "export": run.number,
                "purpose": run.purpose,
                "rows": len(ids),
                "format": file_format,
                "revealed": reveal,
                "query": query,
            },
        )
    return Export(kind, grants, ids, reveal, register.file_name(run), run)


def checked_wish(reason: str, purpose: str) -> str:
    """The reason as it is kept; what for and why is asked of everything that leaves."""
    # Signs no keyboard has say nothing, and one of them no database takes.
    reason = " ".join("".join(c if c.isprintable() else " " for c in reason).split())
    if len(reason) < 2:
        raise RuleError(
            "export_reason", _("Please say what the file is needed for."), field="reason"
        )
    if purpose and purpose not in ExportPurpose.values:
        raise RuleError("export_purpose", _("Please choose one of the purposes."), field="purpose")
    return reason


def _check_size(count: int, file_format: str) -> None:
    if count == 0:
        raise RuleError("export_empty", _("There is nothing to export."))
    if count > MOST_ROWS:
        raise RuleError(
            "export_too_large",
            _("More than %(most)s rows. Please narrow the list first.")
            % {"most": f"{MOST_ROWS:,}"},
        )
    if file_format == "xlsx" and count > MOST_XLSX_ROWS:
        raise RuleError(
            "export_too_large_for_xlsx",
            _("%(n)s rows are too many for a workbook. Please choose .csv, or narrow the list.")
            % {"n": f"{count:,}"},
            field="format",
        )
