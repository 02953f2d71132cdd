"""Complaints as a file."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django.db.models import F, QuerySet
from django.utils.translation import gettext_lazy as _

from zhike.complaints.models import Complaint
from zhike.complaints.selectors.scope import visible_complaints
from zhike.complaints.templating import step_word
from zhike.core import clock
from zhike.core.access import Grants
from zhike.core.exporter import ExportColumn, ExportKind
from zhike.core.search import masked_numbers
from zhike.customers.permissions import TEXT, may_reveal
from zhike.desk.permissions import EXPORT


class ComplaintExport(ExportKind):
    key = "complaints"
    label = _("Complaints")
    permission = EXPORT
    reveal_permission = "customers.reveal"
    columns: ClassVar[tuple[ExportColumn, ...]] = (
        ExportColumn("number", _("Case number"), width=18),
        ExportColumn("title", _("Subject"), width=40),
        ExportColumn("customer", _("Customer"), width=16),
        ExportColumn("opened", _("Opened"), width=18),
        ExportColumn("closed", _("Closed"), width=18),
        ExportColumn("round", _("Round"), kind="number", width=8),
        ExportColumn("step", _("Step"), width=22),
        ExportColumn("severity", _("How serious is it?"), width=10),
        ExportColumn("verdict", _("Founded?"), width=12),
        ExportColumn("cause", _("Cause"), width=20),
        ExportColumn("wish", _("What they ask for"), width=40),
        ExportColumn("learned", _("What we learned or change"), width=40),
        ExportColumn("owner", _("Owner"), width=12),
    )

    def rows(self, grants: Grants) -> "QuerySet[Complaint]":
        rows = visible_complaints(grants).annotate(queue_at=F("case__queue_at"))
        return rows.select_related("case", "cause")

    def records(
        self, batch: Sequence[Any], grants: Grants, reveal: bool
    ) -> Sequence[Mapping[str, Any]]:
        return [self._record(row, reveal and may_reveal(grants, TEXT)) for row in batch]

    @staticmethod
    def _record(row: Complaint, reveal: bool) -> Mapping[str, Any]:
        def shown(text: str) -> str:
            return text if reveal else masked_numbers(text)

        case = row.case
        return {
            "number": case.number,
            "title": shown(case.title),
            "customer": case.customer_name,
            "opened": f"{clock.local(case.opened_at):%Y-%m-%d %H:%M}",
            "closed": f"{clock.local(case.closed_at):%Y-%m-%d %H:%M}" if case.closed_at else "",
            "round": row.round,
            "step": step_word(row),
            "severity": row.get_severity_display() if row.severity else "",
            "verdict": row.get_verdict_display(),
            "cause": str(row.cause.label) if row.cause else "",
            "wish": shown(row.wish),
            "learned": shown(row.learned),
            "owner": case.owner_name,
        }
