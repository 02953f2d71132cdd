"""Charts of an index as numbers: pages and papers draw them as SVG with attributes. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import cos, pi, sin

RADAR_SIZE = 320
RADAR_RADIUS = 104
RINGS = (25, 50, 75, 100)
# Below three spokes a radar is a line: bars say it better.
FEWEST_SPOKES = 3

MAP_WIDTH, MAP_HEIGHT, MAP_EDGE = 480, 320, 28


@dataclass(frozen=True, slots=True)
class Spoke:
    label: str
    value: str
    x: float
    y: float
    end_x: float
    end_y: float
    label_x: float
    label_y: float
    anchor: str


@dataclass(frozen=True, slots=True)
class Radar:
    rings: Sequence[str]
    shape: str
    spokes: Sequence[Spoke]
    size: int = RADAR_SIZE


def radar(figures: Sequence[tuple[str, float]]) -> Radar | None:
    """(label, 0–100) clockwise from the top."""
    if len(figures) < FEWEST_SPOKES:
        return None
    spokes = []
    for place, (label, value) in enumerate(figures):
        x, y = _at(place, len(figures), value / 100)
        end_x, end_y = _at(place, len(figures), 1)
        label_x, label_y = _at(place, len(figures), 1.16)
        side = label_x - RADAR_SIZE / 2
        anchor = "middle" if abs(side) < 24 else "start" if side > 0 else "end"
        spokes.append(
            Spoke(label, f"{value:.1f}", x, y, end_x, end_y, label_x, label_y + 4, anchor)
        )
    return Radar(
        rings=[_shape([ring / 100] * len(figures)) for ring in RINGS],
        shape=_shape([value / 100 for _label, value in figures]),
        spokes=spokes,
    )


def _shape(parts: Sequence[float]) -> str:
    points = (_at(place, len(parts), part) for place, part in enumerate(parts))
    return " ".join(f"{x},{y}" for x, y in points)


def _at(place: int, count: int, part: float) -> tuple[float, float]:
    angle = 2 * pi * place / count - pi / 2
    middle = RADAR_SIZE / 2
    return (
        round(middle + part * RADAR_RADIUS * cos(angle), 1),
        round(middle + part * RADAR_RADIUS * sin(angle), 1),
    )


@dataclass(frozen=True, slots=True)
class Dot:
    number: int
    title: str
    quadrant: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Map:
    """Importance upwards, what was reached to the right; the two lines cross at the means."""

    dots: Sequence[Dot]
    line_x: float
    line_y: float
    width: int = MAP_WIDTH
    height: int = MAP_HEIGHT
    edge: int = MAP_EDGE


def quadrants(items: Sequence[tuple[str, float, float, str]], lines: tuple[float, float]) -> Map:
    """(title, weight, index 0–100, quadrant) of each item; `lines` are the means of weights and indexes."""
    weights = [one[1] for one in items]
    reached = [one[2] for one in items]
    across = _scale([*reached, lines[1]], MAP_EDGE, MAP_WIDTH - MAP_EDGE)
    upwards = _scale([*weights, lines[0]], MAP_HEIGHT - MAP_EDGE, MAP_EDGE)
    return Map(
        dots=[
            Dot(number, title, quadrant, across(index), upwards(weight))
            for number, (title, weight, index, quadrant) in enumerate(items, 1)
        ],
        line_x=across(lines[1]),
        line_y=upwards(lines[0]),
    )


def _scale(figures: Sequence[float], start: float, end: float) -> Callable[[float], float]:
    """From figures to places, with a margin; all alike stand in the middle."""
    low, high = min(figures), max(figures)
    spread = (high - low) * 1.5

    def place(figure: float) -> float:
        share = (figure - low + (high - low) * 0.25) / spread if spread > 1e-12 else 0.5
        return round(start + share * (end - start), 1)

    return place


@dataclass(frozen=True, slots=True)
class Trend:
    points: str
    dots: Sequence[tuple[float, float, str, str]]
    width: int = 360
    height: int = 96


def trend(figures: Sequence[tuple[str, float]]) -> Trend | None:
    """(label, index) of one run after the other, on a scale from 0 to 100."""
    if len(figures) < 2:
        return None
    step = (360 - 40) / (len(figures) - 1)
    dots = [
        (round(20 + place * step, 1), round(78 - 0.6 * value, 1), label, f"{value:.1f}")
        for place, (label, value) in enumerate(figures)
    ]
    return Trend(" ".join(f"{x},{y}" for x, y, _label, _value in dots), dots)
