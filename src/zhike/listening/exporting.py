"""Customers' words as a file."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from zhike.core.access import Grants
from zhike.core.exporter import ExportColumn, ExportKind
from zhike.core.search import masked_numbers
from zhike.customers.permissions import TEXT, may_reveal
from zhike.listening.models import Feedback
from zhike.listening.permissions import EXPORT
from zhike.listening.rules import Scale
from zhike.listening.selectors import visible_feedback


class FeedbackExport(ExportKind):
    """Its headers are those the import knows, so that a file can go out and come back."""

    key = "feedback"
    label = _("Customers' words")
    permission = EXPORT
    reveal_permission = "customers.reveal"
    columns: ClassVar[tuple[ExportColumn, ...]] = (
        ExportColumn("text", _("Customer's words"), width=60),
        ExportColumn("rating", _("Rating"), kind="number", width=8),
        ExportColumn("scale", _("Scale of the rating"), width=10),
        ExportColumn("date", _("Day"), kind="date", width=12),
        ExportColumn("source", _("Source"), width=16),
        ExportColumn("customer_name", _("Customer"), width=16),
        ExportColumn("case", _("Case"), width=18),
        ExportColumn("external_id", _("Number in the other system"), width=20),
    )

    def rows(self, grants: Grants) -> "QuerySet[Feedback]":
        return visible_feedback(grants).select_related("customer", "case")

    def records(
        self, batch: Sequence[Any], grants: Grants, reveal: bool
    ) -> Sequence[Mapping[str, Any]]:
        return [self._record(row, reveal and may_reveal(grants, TEXT)) for row in batch]

    @staticmethod
    def _record(row: Feedback, reveal: bool) -> Mapping[str, Any]:
        has_scale = row.rating_min is not None and row.rating_max is not None
        return {
            "text": row.text if reveal else masked_numbers(row.text),
            "rating": row.rating,
            "scale": str(Scale(row.rating_min, row.rating_max))  # type: ignore[arg-type]  # asked above
            if has_scale
            else "",
            "date": row.said_on,
            "source": row.source,
            "customer_name": row.customer.name if row.customer else "",
            "case": row.case.number if row.case else "",
            "external_id": row.external_id,
        }
