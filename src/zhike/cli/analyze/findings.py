"""What an analysis found, before it is shown: the same for the screen, JSON and reports."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from zhike.core.drawing.kinds import Chart, Kind

Cell: TypeAlias = str | float | int | None


@dataclass(frozen=True)
class Column:
    title: str
    kind: Kind = "text"


@dataclass(frozen=True)
class Table:
    """Cells hold full precision; a column's kind says how they are shown. None is “not defined”."""

    title: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    note: str = ""


@dataclass(frozen=True)
class Finding:
    """`data` is what `--json` prints; the rest is words, tables and charts for people."""

    title: str
    data: Mapping[str, Any]
    said: Sequence[str]
    sample: Sequence[str]
    method: Sequence[tuple[str, str]]
    limits: Sequence[str]
    tables: Sequence[Table]
    charts: Sequence[Chart] = ()
    # What a reader must know before trusting the figures.
    notes: Sequence[str] = ()
