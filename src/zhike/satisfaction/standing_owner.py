"""Where the page of a standing sending is found: that of its rule."""

from django.urls import reverse

from zhike.satisfaction.models import AskRule
from zhike.surveys.slots import STANDING_OWNERS, StandingOwner


def _address(sending_id: int) -> str | None:
    rule_id = AskRule.objects.filter(sending=sending_id).values_list("pk", flat=True).first()
    return reverse("satisfaction:rule", args=[rule_id]) if rule_id is not None else None


def register() -> None:
    STANDING_OWNERS.fill(StandingOwner("satisfaction.rules", _address))
