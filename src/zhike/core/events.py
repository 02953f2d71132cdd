"""Events between rooms: a lower room publishes a frozen dataclass, a higher one handles it.

Handlers run inside the unit of work that published the event, so they only write our own rows;
anything slow or outward is a job row.
"""

from collections.abc import Callable
from typing import Any, TypeVar

E = TypeVar("E")
_handlers: dict[type, list[Callable[[Any, Any], None]]] = {}


def subscribe(event: type[E], handler: "Callable[[E, Any], None]") -> None:
    """`handler(event, work)` is called for each published `event`; subscribing twice is harmless."""
    known = _handlers.setdefault(event, [])
    if handler not in known:
        known.append(handler)


def handlers_of(event: type) -> list[Callable[[Any, Any], None]]:
    return _handlers.get(event, [])


def subscriptions() -> dict[type, list[Callable[[Any, Any], None]]]:
    return dict(_handlers)
