from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from zhike.core import clock, work
from zhike.core.access import Grants
from zhike.core.errors import RuleError
from zhike.core.exporter.kinds import ExportColumn, ExportKind
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

    @property
    def columns(self) -> tuple[ExportColumn, ...]:
        return self.kind.all_columns()

    def records(self) -> Iterator[Mapping[str, Any]]:
        # By ids and not by one open cursor: a streamed answer may go on in another thread.
        for start in range(0, len(self.ids), _BATCH):
            wanted = self.ids[start : start + _BATCH]
            found = {row.pk: row for row in self.kind.rows(self.grants).filter(pk__in=wanted)}
            batch = [found[pk] for pk in wanted if pk in found]
            yield from self.kind.records(batch, self.grants, self.reveal)


def begin_export(
    *,
    actor: work.Actor,
    grants: Grants,
    kind: ExportKind,
    rows: "QuerySet[Any] | None" = None,
    file_format: str,
    reason: str,
    reveal: bool = False,
    query: str = "",
) -> Export:
    """Check the right, keep who exports what and why, and hand out the rows. `rows` narrows and orders them."""
    grants.require(kind.permission)
    reason = " ".join(reason.split())
    if len(reason) < 2:
        raise RuleError(
            "export_reason", _("Please say what the file is needed for."), field="reason"
        )
    if file_format not in FORMATS:
        raise RuleError("export_format", _("Please choose .xlsx or .csv."), field="format")
    if reveal:
        grants.require(kind.reveal_permission or kind.permission)
    chosen = kind.rows(grants).order_by("pk") if rows is None else rows
    ids = list(chosen.values_list("pk", flat=True)[: MOST_ROWS + 1])
    _check_size(len(ids), file_format)
    with work.unit(actor, reason=reason) as unit:
        unit.audit(
            f"export.{kind.key}",
            None,
            after={
                "rows": len(ids),
                "format": file_format,
                "revealed": reveal,
                "query": masked_numbers(query)[:500],
            },
        )
    name = f"{kind.label}_{clock.today():%Y%m%d}.{file_format}"
    return Export(kind, grants, ids, reveal, name)


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
