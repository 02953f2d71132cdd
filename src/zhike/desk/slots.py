"""What higher rooms hang onto the desk."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from zhike.core.access import Grants
from zhike.core.registry import Slot
from zhike.desk.models import Case


@dataclass(frozen=True)
class ClosingGate:
    """`reasons(case, grants)` names in whole sentences what must be done before the case may be closed."""

    key: str
    reasons: Callable[[Case, Grants], list[str]]


@dataclass(frozen=True)
class DeliveryAdapter:
    """A channel that carries public replies to customers. `address` returns a sealed one, or None."""

    key: str
    label: Any
    address: Callable[[Case], str | None]


@dataclass(frozen=True)
class CasePanel:
    """A card at the side of the case page: `context` feeds `template`, a partial."""

    key: str
    label: Any
    template: str
    context: Callable[[Case, Grants], Mapping[str, Any] | None]
    permission: str = ""
    order: int = 50


GATES: Slot[ClosingGate] = Slot(
    "desk.closing.GATES", "What must be done before a case is closed", key=lambda g: g.key
)
ADAPTERS: Slot[DeliveryAdapter] = Slot(
    "desk.reply.ADAPTERS", "Channels that carry public replies", key=lambda a: a.key
)
PANELS: Slot[CasePanel] = Slot(
    "desk.case.PANELS", "Cards at the side of a case", key=lambda p: p.key
)
