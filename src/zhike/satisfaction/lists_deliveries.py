"""The list of deliveries that were told."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from zhike.accounts.selectors import reachable_units
from zhike.core.access import Grants
from zhike.core.listing.filters import Choice, DateRange, Keyword
from zhike.core.listing.listing import Listing
from zhike.core.listing.parts import Column, Rows, Sort, Tab
from zhike.satisfaction.models import Ask


def _holding(rows: Rows, text: str) -> Rows:
    for word in text.split():
        rows = rows.filter(
            Q(reference__icontains=word)
            | Q(what__icontains=word)
            | Q(customer__name__icontains=word)
        )
    return rows


def _units(grants: Grants) -> Iterable[tuple[Any, Any]]:
    return [(unit.pk, unit.name) for unit in reachable_units(grants)]


MET = Exists(Ask.objects.filter(delivery=OuterRef("pk")))
# Nothing here tells answered ones from those a mail was sent to: of an anonymous rule it would name who answered.
DELIVERIES = Listing(
    "deliveries",
    columns=(
        Column("delivery", pgettext_lazy("delivery", "Delivery"), always=True),
        Column("customer", _("Customer")),
        Column("asked", pgettext_lazy("delivery", "Asked about")),
        Column("unit", _("Unit"), shown=False),
        Column("source", _("Source"), shown=False),
        Column("told", pgettext_lazy("delivery", "Told"), sort="told", number=True, shown=False),
        Column("delivered", pgettext_lazy("delivery", "Delivered"), sort="delivered", number=True),
    ),
    tabs=(
        Tab("all", _("All"), lambda rows: rows.filter(withdrawn_at__isnull=True)),
        Tab(
            "asked",
            pgettext_lazy("delivery", "Met by a rule"),
            lambda rows: rows.filter(MET, withdrawn_at__isnull=True),
        ),
        Tab(
            "none",
            pgettext_lazy("delivery", "Without a rule"),
            lambda rows: rows.filter(~MET, withdrawn_at__isnull=True, left_out=""),
        ),
        Tab(
            "left",
            pgettext_lazy("delivery", "Too old or still to come"),
            lambda rows: rows.filter(withdrawn_at__isnull=True).exclude(left_out=""),
        ),
        Tab(
            "withdrawn",
            pgettext_lazy("delivery", "Withdrawn"),
            lambda rows: rows.filter(withdrawn_at__isnull=False),
        ),
    ),
    filters=(
        Keyword("q", _("Number, goods or customer"), _holding),
        DateRange("delivered", pgettext_lazy("delivery", "Delivered"), field="delivered_at"),
        Choice("unit", _("Unit"), _units, field="unit_id"),
    ),
    sorts=(Sort("told", "id"), Sort("delivered", "delivered_at")),
    default_sort="-told",
)
