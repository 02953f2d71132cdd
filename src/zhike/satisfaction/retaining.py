"""How long it is kept which goods were delivered to whom."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from zhike.core.retention import CLASSES, DataClass
from zhike.core.work import Work
from zhike.privacy.holds import held_customers
from zhike.satisfaction.models import Delivery


def _told(cutoff: datetime) -> "QuerySet[Delivery]":
    rows = Delivery.objects.filter(delivered_at__lt=cutoff, told_at__lt=cutoff)
    return rows.exclude(reference="", what="").exclude(customer_id__in=held_customers())


def _end(rows: Sequence[Delivery], work: Work) -> None:
    Delivery.objects.filter(pk__in=[row.pk for row in rows]).update(
        reference="", what="", submit_key=""
    )


def register() -> None:
    CLASSES.fill(
        DataClass(
            "satisfaction.deliveries",
            _("Deliveries that were told"),
            _("Number and goods go; day, unit and whether it was asked about stay."),
            2 * 365,
            30,
            "",
            _told,
            _end,
            order=35,
        )
    )
