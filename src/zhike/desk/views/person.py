"""The card of the customer at the right of a case."""

from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from zhike.core.access import Grants
from zhike.customers.choices import Tier
from zhike.desk.models import Case

PLAIN_CARD = "desk/_person.html"


def customer_url(customer_id: int | None) -> str:
    if customer_id is None:
        return ""
    try:
        return reverse("customers:file", args=[customer_id])
    except NoReverseMatch:
        return ""


def tier_label(code: str) -> str:
    return str(Tier(code).label) if code in Tier.values else ""


def card(request: HttpRequest, grants: Grants, case: Case) -> dict[str, Any]:
    return {
        "person_template": PLAIN_CARD,
        "person_url": customer_url(case.customer_id),
        "person_tier": tier_label(case.customer_tier),
    }
