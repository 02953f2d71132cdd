"""What this room tells the rooms above, inside the unit of work that did it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class CustomerCreated:
    customer_id: int
    unit_id: int


@dataclass(frozen=True)
class CustomerChanged:
    """`fields` are column names, or "identities", "addresses", "tags", "preferences", "needs", "custom"."""

    customer_id: int
    fields: tuple[str, ...]


@dataclass(frozen=True)
class CustomersMerged:
    """Rows that pointed to `drop_id` now point to `keep_id`; flat copies of names are to be refreshed."""

    keep_id: int
    drop_id: int
    journal_id: int


@dataclass(frozen=True)
class CustomersMergeUndone:
    keep_id: int
    drop_id: int
    journal_id: int


@dataclass(frozen=True)
class CustomerVoided:
    customer_id: int


@dataclass(frozen=True)
class CustomerErased:
    """Keys are destroyed and the file is out of use; what other rooms hold is blanked by the job that follows."""

    customer_id: int
    erasure_id: int
