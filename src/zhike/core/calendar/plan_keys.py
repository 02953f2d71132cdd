"""By what a due plan is chosen: case type, tier, channel and org unit, whose values higher rooms know."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from zhike.core.registry import Slot

# The closest first: a plan for the type beats one for the tier, and so on.
SUBJECT, TIER, CHANNEL, ORG_UNIT = "subject", "tier", "channel", "org_unit"
ORDER = (SUBJECT, TIER, CHANNEL, ORG_UNIT)


@dataclass(frozen=True)
class PlanKey:
    """`options()` gives (code, label) of every value there is; `anything` is what no value is called."""

    key: str
    label: Any
    anything: Any
    options: Callable[[], Sequence[tuple[str, Any]]]


PLAN_KEYS: Slot[PlanKey] = Slot(
    "core.calendar.PLAN_KEYS", "By what a due plan is chosen", key=lambda one: one.key
)


def plan_key(key: str) -> PlanKey:
    found = PLAN_KEYS.get(key)
    if found is None:
        raise RuntimeError(f"No room knows the values of {key}.")
    return found


def labels_of_keys() -> dict[str, dict[str, str]]:
    """{key: {code: label}}, read once for a whole page."""
    return {
        key: {str(code): str(label) for code, label in plan_key(key).options()} for key in ORDER
    }
