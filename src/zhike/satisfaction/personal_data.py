"""What was told of a person's deliveries, for the copy of their data."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from zhike.core.exporter import ExportColumn
from zhike.privacy.slots import PARTS, PersonalPart
from zhike.satisfaction.models import Delivery

DELIVERIES = (
    ExportColumn("at", pgettext_lazy("delivery", "Delivered"), width=18),
    ExportColumn("reference", _("Number of the delivery"), width=24),
    ExportColumn("source", _("Source"), width=16),
    ExportColumn("what", pgettext_lazy("delivery", "What was delivered"), width=50),
)


def register() -> None:
    PARTS.fill(
        PersonalPart("deliveries", _("Deliveries that were told"), DELIVERIES, _deliveries, 36)
    )


def _deliveries(ids: Sequence[int]) -> Iterable[Mapping[str, Any]]:
    rows = Delivery.objects.filter(customer_id__in=ids, withdrawn_at__isnull=True)
    for row in rows.order_by("pk"):
        yield {
            "at": row.delivered_at,
            "reference": row.reference,
            "source": row.source,
            "what": row.what,
        }
