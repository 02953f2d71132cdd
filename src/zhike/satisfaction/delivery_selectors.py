"""Reading what was told of deliveries. Every read starts at `visible_deliveries`."""

from django.db.models import Prefetch, QuerySet

from zhike.core.access import Grants
from zhike.core.search import masked_numbers
from zhike.customers.permissions import TEXT, may_reveal
from zhike.customers.permissions import VIEW as VIEW_CUSTOMERS
from zhike.satisfaction import errors
from zhike.satisfaction.models import Ask, Delivery
from zhike.satisfaction.permissions import MANAGE


def visible_deliveries(grants: Grants) -> QuerySet[Delivery]:
    """Who keeps the rules sees the deliveries of the units within their reach."""
    rows = Delivery.objects.all()
    if not grants.allows(MANAGE) or not grants.allows(VIEW_CUSTOMERS) or grants.own_only:
        return rows.none()
    return rows if grants.unit_ids is None else rows.filter(unit_id__in=grants.unit_ids)


def deliveries_for_list(grants: Grants) -> QuerySet[Delivery]:
    """Each with its askings, two statements for a page."""
    asks = (
        Ask.objects.select_related("rule__sending", "invitation", "opened")
        .only(
            *("delivery_id", "is_drawn", "asked_by_name", "first_id", "rule__name"),
            *("rule__sending__is_named", "invitation__state", "opened__number"),
        )
        .order_by("pk")
    )
    rows = visible_deliveries(grants).select_related("customer", "unit")
    return rows.only(
        *("source", "reference", "what", "delivered_at", "told_at", "told_by_name", "left_out"),
        *("withdrawn_at", "customer__name", "unit__name"),
    ).prefetch_related(Prefetch("asks", queryset=asks))


def get_delivery(grants: Grants, pk: int) -> Delivery:
    rows = visible_deliveries(grants).select_related("customer", "unit")
    found = rows.filter(pk=pk).first()
    if found is None:
        raise errors.delivery_not_found()
    return found


def shown_what(delivery: Delivery, grants: Grants) -> str:
    """Numbers in it are masked without the right to see them, as in other words about a customer."""
    return delivery.what if may_reveal(grants, TEXT) else masked_numbers(delivery.what)
