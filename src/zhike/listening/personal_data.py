"""What a customer said of their own accord, for the copy of their data."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from zhike.core.exporter import ExportColumn
from zhike.listening.models import Feedback
from zhike.privacy.slots import PARTS, PersonalPart

FEEDBACK = (
    ExportColumn("day", _("Day"), width=12),
    ExportColumn("source", _("Source"), width=16),
    ExportColumn("rating", _("Rating"), width=10),
    ExportColumn("text", _("Customer's words"), width=60),
)


def register() -> None:
    PARTS.fill(PersonalPart("feedback", _("Customers' words"), FEEDBACK, _feedback, 40))


def _feedback(ids: Sequence[int]) -> Iterable[Mapping[str, Any]]:
    rows = Feedback.objects.filter(customer_id__in=ids, voided_at__isnull=True)
    for row in rows.order_by("pk"):
        yield {
            "day": row.said_on,
            "source": row.source,
            "rating": row.rating,
            "text": row.text,
        }
