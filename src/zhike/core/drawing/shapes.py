"""What a drawing is made of, and the colours it takes: each has 4.5:1 against white where it carries text."""

import unicodedata
from dataclasses import dataclass, field

INK = "#1a2230"
SOFT = "#5a6476"
RULE = "#c4cad3"
FAINT = "#e4e7ec"
MAIN = "#0b6b74"
PALE = "#9cc8cc"
WASH = "#eef6f6"
ALERT = "#a8241a"
PAPER = "#ffffff"
SIZE = 11
WIDTH = 720


@dataclass(frozen=True)
class Stroke:
    """A line through points: straight ones, or a path in SVG's own letters."""

    path: str
    color: str = RULE
    width: float = 1
    dash: str = ""
    fill: str = "none"


@dataclass(frozen=True)
class Box:
    x: float
    y: float
    width: float
    height: float
    fill: str = MAIN
    edge: str = ""
    round: float = 0


@dataclass(frozen=True)
class Dot:
    x: float
    y: float
    radius: float = 3
    fill: str = MAIN


@dataclass(frozen=True)
class Label:
    """Text; `anchor` start, middle or end; `y` is its base line."""

    x: float
    y: float
    text: str
    anchor: str = "start"
    color: str = INK
    size: float = SIZE
    bold: bool = False
    turn: float = 0


Shape = Stroke | Box | Dot | Label


@dataclass
class Drawing:
    """`text` says in words what the picture shows."""

    title: str
    text: str
    width: float
    height: float
    shapes: list[Shape] = field(default_factory=list)

    def line(
        self, x1: float, y1: float, x2: float, y2: float, color: str = RULE, dash: str = ""
    ) -> None:
        self.shapes.append(Stroke(f"M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}", color, 1, dash))

    def add(self, *shapes: Shape) -> None:
        self.shapes.extend(shapes)


def text_width(text: str, size: float = SIZE) -> float:
    """About as wide as it is drawn: a Chinese character is as wide as high, others a little more than half."""
    return size * sum(1.0 if unicodedata.east_asian_width(sign) in "WFA" else 0.58 for sign in text)


def cut(text: str, width: float, size: float = SIZE) -> str:
    if text_width(text, size) <= width:
        return text
    while text and text_width(text + "…", size) > width:
        text = text[:-1]
    return text + "…"
