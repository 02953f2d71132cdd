"""What complaints give to a person's copy of their data: what was found and what was done for them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from zhike.complaints.models import Complaint, Remedy
from zhike.core.exporter import ExportColumn
from zhike.privacy.slots import PARTS, PersonalPart

COMPLAINTS = (
    ExportColumn("number", _("Case number"), width=18),
    ExportColumn("wish", _("What they ask for"), width=40),
    ExportColumn("verdict", _("Founded?"), width=14),
)
REMEDIES = (
    ExportColumn("number", _("Case number"), width=18),
    ExportColumn("kind", _("Remedy"), width=14),
    ExportColumn("state", _("State"), width=14),
    ExportColumn("text", _("What is offered"), width=50),
)


def register() -> None:
    PARTS.fill(PersonalPart("complaints", _("Complaints"), COMPLAINTS, _complaints, 25))
    PARTS.fill(PersonalPart("remedies", _("Remedies"), REMEDIES, _remedies, 26))


def _complaints(ids: Sequence[int]) -> Iterable[Mapping[str, Any]]:
    rows = Complaint.objects.filter(case__customer_id__in=ids, case__voided_at__isnull=True)
    for row in rows.select_related("case").order_by("pk"):
        yield {
            "number": row.case.number,
            "wish": row.wish,
            "verdict": row.get_verdict_display(),
        }


def _remedies(ids: Sequence[int]) -> Iterable[Mapping[str, Any]]:
    rows = Remedy.objects.filter(case__customer_id__in=ids, case__voided_at__isnull=True)
    for row in rows.select_related("case").order_by("pk"):
        yield {
            "number": row.case.number,
            "kind": row.get_kind_display(),
            "state": row.get_state_display(),
            "text": row.text,
        }
