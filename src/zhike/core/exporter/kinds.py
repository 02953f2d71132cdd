from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from django.db.models import QuerySet

from zhike.core.access import Grants
from zhike.core.registry import Slot

# The values of `ExportPurpose`, as requests name them.
PurposeName = Literal[
    "contact",
    "handling",
    "analysis",
    "inspection",
    "authority",
    "person",
    "transfer",
    "other",
]


@dataclass(frozen=True)
class ExportColumn:
    """A column of the file. `kind` is text, number, date or moment; `width` is in characters, for workbooks."""

    key: str
    label: Any
    kind: str = "text"
    width: int = 16


class ExportKind(ABC):
    """A list that can leave the house. `rows` is scoped; `records` turns a batch into values, in bulk."""

    key: ClassVar[str]
    label: ClassVar[Any]
    permission: ClassVar[str]
    # Without it, or without the wish, personal values stay masked. "" when there are none.
    reveal_permission: ClassVar[str] = ""
    columns: ClassVar[tuple[ExportColumn, ...]]

    @abstractmethod
    def rows(self, grants: Grants) -> "QuerySet[Any]":
        """What this person may export, unsorted and unfiltered."""

    @abstractmethod
    def records(
        self, batch: Sequence[Any], grants: Grants, reveal: bool
    ) -> Sequence[Mapping[str, Any]]:
        """One mapping of column key → value per row."""

    def all_columns(self, grants: Grants) -> tuple[ExportColumn, ...]:
        """Without the ones hidden from this person."""
        return self.columns


@dataclass(frozen=True)
class FileLabel:
    """The name of files that are no list, but stand in the register all the same."""

    key: str
    label: Any


LABELS: Slot[FileLabel] = Slot(
    "core.exporter.LABELS", "Files in the register that are no list", key=lambda one: one.key
)
KINDS: Slot[ExportKind] = Slot(
    "core.exporter.KINDS", "Lists that can be exported", key=lambda kind: kind.key
)
