"""Org units as due plans are chosen by them."""

from django.utils.translation import gettext_lazy as _

from zhike.accounts.selectors import unit_tree
from zhike.core.calendar.plan_keys import ORG_UNIT, PLAN_KEYS, PlanKey


def _options() -> list[tuple[str, str]]:
    # Indented by full-width spaces, which a select keeps.
    return [(str(node.unit.pk), "\u3000" * node.depth + node.unit.name) for node in unit_tree()]


def register() -> None:
    PLAN_KEYS.fill(PlanKey(ORG_UNIT, _("Unit"), _("All units"), _options))
