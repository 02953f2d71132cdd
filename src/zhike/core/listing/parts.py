"""What a list is declared of: columns, tabs, sorts, batch actions."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

Rows = QuerySet[Any]
Narrow = Callable[[Rows], Rows]


@dataclass(frozen=True)
class Column:
    """A column. Its cells are drawn by the list's own template, in the order of the columns."""

    key: str
    label: Any
    # The key of a `Sort`: the head becomes a link.
    sort: str = ""
    # Figures stand to the right.
    number: bool = False
    # Shown until somebody chooses otherwise.
    shown: bool = True
    # Not offered in the column chooser.
    always: bool = False


@dataclass(frozen=True)
class Tab:
    """A state above the list. The first is the default; without `narrow` it shows everything."""

    key: str
    label: Any
    narrow: Narrow | None = None


@dataclass(frozen=True)
class Sort:
    """An order rows may be asked in: a field (or annotation), then the primary key.

    `nullable` puts empty values last in both directions; a plain index on the field serves both.
    """

    key: str
    field: str
    nullable: bool = False


@dataclass(frozen=True)
class Batch:
    """An action on the chosen rows: their ids are posted to `url_name` as `id`."""

    key: str
    label: Any
    icon: str
    url_name: str
    permission: str = ""
    danger: bool = False
