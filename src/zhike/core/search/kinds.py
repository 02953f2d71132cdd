"""What can be searched from the one box. Rooms fill the slot; page, API and command ask it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from zhike.core.access import Grants
from zhike.core.registry import Slot
from zhike.core.search.marking import places_of


@dataclass(frozen=True)
class Hit:
    """One found row. `excerpt` is plain text around the word; `number` a number people know it by."""

    id: int
    title: str
    excerpt: str
    url: str
    at: datetime | None = None
    number: str = ""
    tag: str = ""


@dataclass(frozen=True)
class Hits:
    """The newest of them, and how many there are from there on: at most `COUNT_CAP` + 1."""

    newest: list[Hit]
    total: int


# Nobody reads further than this; above it a page says 200+.
COUNT_CAP = 200


@dataclass(frozen=True)
class SearchKind:
    """`find(grants, query, limit, before_id)` gives the newest hits; `count(grants, query)` all there are."""

    key: str
    label: Any
    icon: str
    permission: str
    find: Callable[[Grants, str, int, int | None], Hits]
    count: Callable[[Grants, str], int]
    order: int = 50


SEARCH_KINDS: Slot[SearchKind] = Slot(
    "core.search.kinds", "What the search box finds", key=lambda kind: kind.key
)


def kinds_for(grants: Grants) -> list[SearchKind]:
    return sorted(
        (kind for kind in SEARCH_KINDS if grants.allows(kind.permission)), key=lambda k: k.order
    )


def excerpt(text: str, query: str, width: int = 60) -> str:
    """The stretch of `text` around the first word of `query` it holds; its beginning when it holds none."""
    flat = " ".join(text.split())
    places = places_of(flat, query)
    place = places[0][0] if places else -1
    if place < 0 or len(flat) <= width:
        return flat[:width] + ("…" if len(flat) > width else "")
    start = max(0, place - width // 3)
    part = flat[start : start + width]
    return ("…" if start else "") + part + ("…" if start + width < len(flat) else "")
