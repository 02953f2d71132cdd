"""What questionnaires ask of the keeper of a standing sending: where its rule is, and who is asked once more."""

from collections.abc import Collection

from django.urls import reverse

from zhike.satisfaction.models import Ask, AskRule
from zhike.surveys.slots import STANDING_OWNERS, StandingOwner


def _address(sending_id: int) -> str | None:
    rule_id = AskRule.objects.filter(sending=sending_id).values_list("pk", flat=True).first()
    return reverse("satisfaction:rule", args=[rule_id]) if rule_id is not None else None


def _once_more(invitation_ids: Collection[int]) -> Collection[int]:
    rows = Ask.objects.filter(invitation__in=invitation_ids, first__isnull=False)
    return set(rows.values_list("invitation", flat=True))


def register() -> None:
    STANDING_OWNERS.fill(StandingOwner("satisfaction.rules", _address, _once_more))
