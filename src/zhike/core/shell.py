"""What every room may put into the page shell: menu entries, choices under "New", bell sentences.

Declared below all rooms, because customers and desk fill the slots and `zhike.web` reads them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from zhike.core.access import Grants
from zhike.core.registry import Slot

# The groups of the side menu, in this order; a line stands between two of them.
MENU_GROUPS = ("today", "people", "quality", "admin")


@dataclass(frozen=True)
class OwnCount:
    """The reader's own cells of a counter: those of `metric` that belong to them, in one of these states."""

    metric: str
    states: tuple[str, ...]


@dataclass(frozen=True)
class ReachCount:
    """The cells of a counter in the units the reader reaches, in one of these states; no entry's own as well."""

    metric: str
    states: tuple[str, ...]


@dataclass(frozen=True)
class MenuEntry:
    """One line of the side menu. It leads to `url_name` and is active on every path below it."""

    key: str
    label: Any
    icon: str
    url_name: str
    permission: str = ""
    group: str = "today"
    order: int = 50
    # The figure beside it. Those of all entries are read in one statement, for it is asked on each page.
    own: OwnCount | None = None
    within_reach: ReachCount | None = None
    # A figure of another kind: read a counter, never count rows. None shows nothing.
    count: Callable[[Grants], int | None] | None = None
    # False hides it for everybody: what it leads to has no use yet in this house.
    is_shown: Callable[[], bool] | None = None
    # One of the places of the bottom bar on a phone (three at most; the rest is behind "More").
    phone: bool = False
    # `G` then this letter goes there.
    go_key: str = ""

    def __post_init__(self) -> None:
        if self.group not in MENU_GROUPS:
            raise ValueError(f"{self.key}: the menu has no group {self.group!r}.")


@dataclass(frozen=True)
class CreateEntry:
    """One choice under "New"."""

    key: str
    label: Any
    icon: str
    url_name: str
    permission: str = ""
    order: int = 50


@dataclass(frozen=True)
class Notice:
    """The sentence of one kind of notification, with `%(name)s` places for its values."""

    kind: str
    text: Any
    icon: str = "bell"


MENU: Slot[MenuEntry] = Slot("shell.menu", "Entries of the side menu", key=lambda e: e.key)
CREATE: Slot[CreateEntry] = Slot("shell.create", "Choices under New", key=lambda e: e.key)
NOTICES: Slot[Notice] = Slot("shell.notices", "Sentences under the bell", key=lambda n: n.kind)


def menu_for(grants: Grants) -> list[MenuEntry]:
    """What somebody with these rights sees, in the order of groups and then of entries."""
    seen = [
        e
        for e in MENU
        if (not e.permission or grants.allows(e.permission))
        and (e.is_shown is None or e.is_shown())
    ]
    return sorted(seen, key=lambda e: (MENU_GROUPS.index(e.group), e.order, e.key))


def creatable_for(grants: Grants) -> list[CreateEntry]:
    seen = [e for e in CREATE if not e.permission or grants.allows(e.permission)]
    return sorted(seen, key=lambda e: (e.order, e.key))
