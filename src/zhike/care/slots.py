"""What higher rooms hang onto the page of a visit."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from zhike.care.models import FollowUp
from zhike.core.access import Grants
from zhike.core.registry import Slot


@dataclass(frozen=True)
class VisitPanel:
    """A card beside what is recorded of a visit: `context` feeds `template`; None leaves it out."""

    key: str
    template: str
    context: Callable[[FollowUp, Grants], Mapping[str, Any] | None]
    order: int = 50
    # A stylesheet of its own, as in `static(…)`.
    styles: str = ""


VISIT_PANELS: Slot[VisitPanel] = Slot(
    "care.visit.PANELS", "Cards on the page of a visit", key=lambda panel: panel.key
)
