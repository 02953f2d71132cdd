"""The ledger of remedies as a file."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from zhike.complaints.models import Remedy
from zhike.complaints.selectors.remedies import remedies_for_list
from zhike.core.access import Grants
from zhike.core.exporter.kinds import ExportColumn, ExportKind
from zhike.core.search import masked_numbers
from zhike.desk.permissions import EXPORT


class RemedyExport(ExportKind):
    key = "remedies"
    label = _("Remedies and their cost")
    permission = EXPORT
    columns: ClassVar[tuple[ExportColumn, ...]] = (
        ExportColumn("case", _("Case number"), width=18),
        ExportColumn("customer", _("Customer"), width=16),
        ExportColumn("unit", _("Unit"), width=14),
        ExportColumn("kind", _("Remedy"), width=10),
        ExportColumn("text", _("What exactly"), width=40),
        ExportColumn("state", _("State"), width=12),
        ExportColumn("amount", _("Amount (yuan)"), kind="number", width=12),
        ExportColumn("cost", _("Cost (yuan)"), kind="number", width=12),
        ExportColumn("proposed_by", _("Proposed by"), width=12),
        ExportColumn("proposed_at", _("Proposed"), kind="moment", width=17),
        ExportColumn("carried_out_by", _("Carried out by"), width=12),
        ExportColumn("carried_out_at", _("Carried out"), kind="moment", width=17),
        ExportColumn("proof", _("What shows it"), width=40),
        ExportColumn("end_reason", _("Why it ended"), width=30),
    )

    def rows(self, grants: Grants) -> "QuerySet[Remedy]":
        return remedies_for_list(grants)

    def records(
        self, batch: Sequence[Any], grants: Grants, reveal: bool
    ) -> Sequence[Mapping[str, Any]]:
        return [self._record(remedy) for remedy in batch]

    @staticmethod
    def _record(remedy: Remedy) -> Mapping[str, Any]:
        return {
            "case": remedy.case.number,
            "customer": remedy.case.customer_name,
            "unit": remedy.case.unit.name,
            "kind": remedy.get_kind_display(),
            "text": masked_numbers(remedy.text),
            "state": remedy.get_state_display(),
            "amount": _yuan(remedy.amount_cents),
            "cost": _yuan(remedy.cost_cents),
            "proposed_by": remedy.proposed_by_name,
            "proposed_at": remedy.proposed_at,
            "carried_out_by": remedy.carried_out_by_name,
            "carried_out_at": remedy.carried_out_at,
            "proof": masked_numbers(remedy.proof),
            "end_reason": masked_numbers(remedy.end_reason),
        }


def _yuan(cents: int | None) -> Decimal | None:
    return None if cents is None else Decimal(cents) / 100
