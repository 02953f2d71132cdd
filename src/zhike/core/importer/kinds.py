"""Kinds of rows that can be imported. Rooms above fill the slot; this package knows no customer and no case."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from zhike.core.access import Grants
from zhike.core.importer.fields import ImportField
from zhike.core.importer.problems import Problem
from zhike.core.importer.rows import Change, Context, Row
from zhike.core.registry import Slot
from zhike.core.work import Work

EXTERNAL_ID = "external_id"


class ImportKind(ABC):
    """One kind. The importer reads, maps, cleans, knows identities, writes progress; a kind plans, saves, undoes.

    `plan` only reads and runs outside transactions; `save` runs inside the unit of work of its chunk and writes
    with as few statements as possible. The same rows in the same state must always give the same plan.
    """

    key: ClassVar[str]
    label: ClassVar[Any]
    icon: ClassVar[str] = "table"
    # Needed besides `imports.run`.
    permission: ClassVar[str]
    fields: ClassVar[tuple[ImportField, ...]]
    # One sentence under the label when choosing a kind.
    summary: ClassVar[Any] = ""
    # URL name of the list where what came in can be looked at.
    list_url: ClassVar[str] = ""

    def all_fields(self) -> tuple[ImportField, ...]:
        """The fields, those defined by the user included."""
        return self.fields

    def check_mapping(
        self, mapped: frozenset[str], constants: Mapping[str, str]
    ) -> Sequence[Problem]:
        """What the choice of columns as a whole lacks, beyond required fields."""
        return ()

    def identity(self, row: Row, by_line: str) -> str:
        """By what the row is known next time: external id, else `by_line`; "" if the kind finds it itself."""
        external = row.values.get(EXTERNAL_ID)
        return f"x:{external}" if external else by_line

    def unique_values(self, row: Row) -> Mapping[str, str]:
        """Field → value that may stand in one line of a file only (a phone as its blind form)."""
        external = row.values.get(EXTERNAL_ID)
        return {EXTERNAL_ID: external} if external else {}

    def check(self, row: Row) -> None:  # noqa: B027  (most kinds have none)
        """Rules between the fields of one row, asked of every row, faulty ones included. Reads nothing."""

    @abstractmethod
    def plan(self, rows: list[Row], context: Context) -> None:
        """Decide for each row: create, update `known_id`, same, or refuse it. Reads in bulk.

        Rows already refused come too, so that everything wrong with them is told at once.
        """

    @abstractmethod
    def save(self, rows: list[Row], context: Context, work: Work) -> None:
        """Write rows planned as create or update; set `object_id` of each, for updates also before and after."""

    @abstractmethod
    def undo_created(self, made: list[Change], context: Context, work: Work) -> dict[int, str]:
        """Void what an import made. Returns object id → message template for those left alone, and why.

        Voiding twice does nothing. `after` of each is what `save` left in its row.
        """

    def undo_updated(self, changes: list[Change], context: Context, work: Work) -> dict[int, str]:
        """Put back fields that still stand as the import left them. Returns those left alone, and why."""
        return {}

    def object_url(self, object_id: int) -> str:
        """Where a person finds what a row became; "" for nowhere."""
        return ""


KINDS: Slot[ImportKind] = Slot(
    "core.importer.KINDS", "Kinds of rows that can be imported", key=lambda kind: kind.key
)


def kinds_for(grants: Grants) -> list[ImportKind]:
    return [kind for kind in KINDS if grants.allows(kind.permission)]
