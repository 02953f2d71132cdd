"""The slots of erasure: places with something about a person, and reasons against erasing them now."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from zhike.core.registry import Slot

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from zhike.core.erasing.notes import Note
    from zhike.core.work import Work

# What stands where a text was that lists and papers cannot do without. Data like any other text, not a label:
# it reads the same in exports, in the API and in every language of the screen.
ERASED = "已按要求删除"  # zh-data


@dataclass(frozen=True)
class Person:
    """Whose traces go: their file, those merged into it, the keys these are sealed under, the names on them."""

    file_ids: tuple[int, ...]
    key_ids: tuple[int, ...]
    names: tuple[str, ...]


@dataclass(frozen=True)
class Place:
    """Rows of one kind that hold something about a person.

    `rows(person)` finds them, blanked ones included: a place that was gone through before finds the same again.
    `blank(rows, person, work)` takes at most a hundred of them, locked, and leaves nothing to be read; doing it
    twice changes nothing. Places are gone through by `order`, the file itself last: until then names are known.
    """

    key: str
    label: Any
    rows: "Callable[[Person], QuerySet[Any]]"
    blank: "Callable[[Sequence[Any], Person, Work], None]"
    # What remains of them for the figures, in words.
    stays: Any = ""
    order: int = 50


@dataclass(frozen=True)
class Reason:
    """Why a file cannot be erased yet: a whole sentence, and until when it stands if a day ends it."""

    code: str
    sentence: str
    until: date | None = None


@dataclass(frozen=True)
class Hold:
    """`reasons(person)` names what must be settled, or waited for, before somebody may be erased."""

    key: str
    reasons: Callable[[Person], list[Reason]]


@dataclass(frozen=True)
class Imported:
    """What an import kind made of this person: `ids(person)` are ids of its objects."""

    kind: str
    ids: "Callable[[Person], QuerySet[Any]]"


@dataclass(frozen=True)
class Addresses:
    """Pages about this person: what a bell says of them goes with them."""

    key: str
    urls: Callable[[Person], list[str]]


PLACES: Slot[Place] = Slot(
    "core.erasing.PLACES", "Where something about a person lies", key=lambda place: place.key
)
HOLDS: Slot[Hold] = Slot(
    "core.erasing.HOLDS", "What keeps a person from being erased", key=lambda hold: hold.key
)
IMPORTED: Slot[Imported] = Slot(
    "core.erasing.IMPORTED", "What imports made of a person", key=lambda one: one.kind
)


@dataclass(frozen=True)
class Again:
    """Does noted erasures again that this database does not know; how many it did."""

    key: str
    replay: "Callable[[list[Note]], int]"


ADDRESSES: Slot[Addresses] = Slot(
    "core.erasing.ADDRESSES", "Addresses of pages about a person", key=lambda one: one.key
)

AGAIN: Slot[Again] = Slot(
    "core.erasing.AGAIN", "Who does noted erasures again", key=lambda one: one.key
)


def set_to(**values: Any) -> "Callable[[Sequence[Any], Person, Work], None]":
    """A `blank` that makes every row the same: values by column."""

    def blank(rows: Sequence[Any], person: Person, work: "Work") -> None:
        if rows:
            type(rows[0])._base_manager.filter(pk__in=[row.pk for row in rows]).update(**values)

    return blank


def deleted(rows: Sequence[Any], person: Person, work: "Work") -> None:
    """A `blank` for rows that are nothing but the text."""
    if rows:
        type(rows[0])._base_manager.filter(pk__in=[row.pk for row in rows]).delete()
