"""Charts as data: what is to be drawn, before it is drawn as shapes, by a spreadsheet, or told in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

# How a figure is written: as it is, a count, so many decimals, a share in per cent, a probability of a test.
Kind: TypeAlias = Literal["text", "count", "f1", "f2", "f3", "f4", "percent", "p"]


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
