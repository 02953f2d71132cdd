"""Named slots: a lower room declares one, higher rooms fill it in `AppConfig.ready()`.

This keeps imports one-way: desk asks its closing gates without knowing complaints.
"""

from collections.abc import Callable, Iterator
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class Slot(Generic[T]):
    """An ordered collection of parts; a part may be filled in once under its key."""

    __slots__ = ("_items", "_key", "doc", "name")
    all_slots: "dict[str, Slot[Any]]" = {}

    def __init__(self, name: str, doc: str, key: Callable[[T], object] | None = None) -> None:
        if name in Slot.all_slots:
            raise ValueError(f"The slot {name} is declared twice.")
        self.name = name
        self.doc = doc
        self._key = key
        self._items: dict[object, T] = {}
        Slot.all_slots[name] = self

    def fill(self, item: T) -> T:
        key = self._key(item) if self._key else id(item)
        if key in self._items:
            raise ValueError(f"{self.name}: {key!r} is filled in twice.")
        self._items[key] = item
        return item

    def get(self, key: object) -> T | None:
        return self._items.get(key)

    def __iter__(self) -> Iterator[T]:
        return iter(list(self._items.values()))

    def __len__(self) -> int:
        return len(self._items)
