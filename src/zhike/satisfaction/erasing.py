"""What was told of a person's deliveries: number and goods go; that something was delivered, and when, stays."""

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from zhike.core.erasing import (
    ADDRESSES,
    IMPORTED,
    PLACES,
    Addresses,
    Imported,
    Person,
    Place,
    set_to,
)
from zhike.satisfaction.models import Delivery


def _deliveries(person: Person) -> "QuerySet[Delivery]":
    return Delivery.objects.filter(customer_id__in=person.file_ids)


def _urls(person: Person) -> list[str]:
    ids = _deliveries(person).values_list("pk", flat=True)
    return [reverse("satisfaction:delivery", args=[pk]) for pk in ids]


def register() -> None:
    IMPORTED.fill(Imported("deliveries", lambda person: _deliveries(person).values("pk")))
    ADDRESSES.fill(Addresses("satisfaction", _urls))
    PLACES.fill(
        Place(
            "satisfaction.deliveries",
            _("Deliveries that were told"),
            _deliveries,
            set_to(reference="", what="", submit_key=""),
            _("day, unit and whether it was asked about"),
        )
    )
