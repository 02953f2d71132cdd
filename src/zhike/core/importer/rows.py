from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from zhike.core.access import Grants
from zhike.core.importer.problems import CellError, Problem
from zhike.core.work import Actor


class Outcome(StrEnum):
    """What a row will become (in a trial) or has become."""

    CREATE = "create"
    UPDATE = "update"
    SAME = "same"
    ERROR = "error"
    # Left out on purpose in the wizard.
    SKIP = "skip"


@dataclass
class Row:
    """A line of the file on its way. A kind reads `values`, sets `outcome`, `object_id`, `before`, `after`."""

    line: int
    cells: list[str]
    values: dict[str, Any] = field(default_factory=dict)
    # "x:…" for an external id, "f:…" for file digest and line, "" when the kind looks for its own (phone, ID).
    identity: str = ""
    # The row this identity became in an earlier import, or what the kind found by itself.
    known_id: int | None = None
    outcome: Outcome = Outcome.CREATE
    problems: list[Problem] = field(default_factory=list)
    # Whatever the kind wants to carry from `plan` to `save`.
    found: Any = None
    object_id: int | None = None
    # For updates: the changed fields before and after (JSON-able), sealed under `person_key_id` when kept.
    # For new rows `after` may hold what an undo asks: a version, a number of the last event.
    before: dict[str, Any] = field(default_factory=dict)
    after: dict[str, Any] = field(default_factory=dict)
    person_key_id: int | None = None

    @property
    def saved_id(self) -> int:
        if self.object_id is None:
            raise LookupError(f"Line {self.line} was saved without an id.")
        return self.object_id

    def refuse(
        self,
        field_code: str,
        reason: str,
        suggestion: str = "",
        proposal: str = "",
        **values: Any,
    ) -> None:
        """Note a problem: the row is not written."""
        self.problems.append(Problem(reason, suggestion, field_code, values, proposal))
        self.outcome = Outcome.ERROR

    def refuse_cell(self, field_code: str, error: CellError) -> None:
        self.problems.append(error.problem(field_code))
        self.outcome = Outcome.ERROR


@dataclass(frozen=True)
class Context:
    """For whom and for which import a kind works."""

    run_id: int
    actor: Actor
    grants: Grants
    unit_id: int
    constants: Mapping[str, str]
    mapped: frozenset[str]
    file_digest: str
    file_name: str


@dataclass(frozen=True)
class Change:
    """What an import did to one object and is to take back: its fields before (none when made) and after."""

    line: int
    object_id: int
    before: dict[str, Any]
    after: dict[str, Any]
