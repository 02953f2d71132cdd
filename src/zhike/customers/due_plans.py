"""Tiers as due plans are chosen by them."""

from django.utils.translation import gettext_lazy as _

from zhike.core.calendar.plan_keys import PLAN_KEYS, TIER, PlanKey
from zhike.customers.choices import Tier


def register() -> None:
    PLAN_KEYS.fill(PlanKey(TIER, _("Tier"), _("All tiers"), lambda: list(Tier.choices)))
