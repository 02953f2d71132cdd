"""What an analysis found, before it is shown: the same for the screen, JSON and reports."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

Kind: TypeAlias = Literal["text", "count", "f1", "f2", "f3", "f4", "percent", "p"]
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
class Bars:
    """Bars from zero to either side, each with its own interval where there is one. `text` says it in words."""

    title: str
    text: str
    labels: Sequence[str]
    values: Sequence[float]
    kind: Kind = "f2"
    ends: Sequence[tuple[float, float]] = ()
    # Bars to stand out, by position.
    marked: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Series:
    name: str
    values: Sequence[float]
    style: Literal["main", "limit", "center"] = "main"


@dataclass(frozen=True)
class Lines:
    """Series over the same places; `marked` are positions of the main one, from 0, each with its word."""

    title: str
    text: str
    labels: Sequence[str]
    series: Sequence[Series]
    kind: Kind = "f2"
    x_title: str = ""
    marked: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Spot:
    name: str
    x: float
    y: float


@dataclass(frozen=True)
class Quadrants:
    """Spots beside a crosshair; `corners` are named upper left, upper right, lower left, lower right."""

    title: str
    text: str
    x_title: str
    y_title: str
    spots: Sequence[Spot]
    cross: tuple[float, float]
    corners: tuple[str, str, str, str]


@dataclass(frozen=True)
class Node:
    """A block of a path diagram, with a line of text below its name; `rank` counts from the left."""

    name: str
    below: str
    rank: int


@dataclass(frozen=True)
class Arrow:
    """`firm` where the figure is told from chance; without a bootstrap all are."""

    start: str
    end: str
    value: float
    firm: bool = True


@dataclass(frozen=True)
class Paths:
    title: str
    text: str
    nodes: Sequence[Node]
    arrows: Sequence[Arrow]
    # What a dashed path means, where there is one.
    legend: str = ""


@dataclass(frozen=True)
class Grid:
    """Figures in rows and columns, darker where larger."""

    title: str
    text: str
    x_title: str
    y_title: str
    columns: Sequence[str]
    rows: Sequence[str]
    values: Sequence[Sequence[float]]


Chart: TypeAlias = Bars | Lines | Quadrants | Paths | Grid


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
