"""What lists remember of somebody: columns, row height, page size, views. Kept by `zhike.web`."""

from dataclasses import dataclass, field
from typing import Protocol

from zhike.core.access import Grants

SIZES = (20, 50, 100)
DENSITIES = ("normal", "compact", "roomy")


@dataclass(frozen=True)
class Preference:
    # Columns decided on either way; one in neither set (a newer version's) follows its own default.
    shown: frozenset[str] = field(default_factory=frozenset)
    hidden: frozenset[str] = field(default_factory=frozenset)
    density: str = "normal"
    size: int = 50


@dataclass(frozen=True)
class View:
    """A kept address of a list."""

    id: int
    title: str
    query: str
    is_shared: bool
    is_own: bool


class Memory(Protocol):
    def preference(self, grants: Grants, list_name: str) -> Preference: ...

    def views(self, grants: Grants, list_name: str) -> list[View]: ...


class Forgetful:
    """Until a room installs a memory, and for readers without an account."""

    def preference(self, grants: Grants, list_name: str) -> Preference:
        return Preference()

    def views(self, grants: Grants, list_name: str) -> list[View]:
        return []


_memory: Memory = Forgetful()


def install(memory: Memory) -> None:
    global _memory
    _memory = memory


def current() -> Memory:
    return _memory
