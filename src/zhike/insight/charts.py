"""Small charts as numbers: a page draws them as SVG with attributes. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH = 360
HEIGHT = 96
LEFT = 4
BOTTOM = 16
TOP = 18


@dataclass(frozen=True)
class Bar:
    x: float
    y: float
    width: float
    height: float
    label: str
    value: str
    is_last: bool


@dataclass(frozen=True)
class Panel:
    """One series over the weeks; each panel has a scale of its own, which its largest value states."""

    title: str
    kind: str
    bars: list[Bar]
    # For a line: "x,y x,y …", one for each stretch without a gap.
    lines: list[str]
    largest: str

    width = WIDTH
    height = HEIGHT


def panel(title: str, kind: str, labels: Sequence[str], values: Sequence[float | None]) -> Panel:
    """`kind` names the look: contacts, complaints, rate; a rate is drawn as a line. None is a gap."""
    known = [value for value in values if value is not None]
    top = max([*known, 0]) or 1
    step = (WIDTH - 2 * LEFT) / max(1, len(values))
    floor = HEIGHT - BOTTOM
    bars, points = [], []
    for place, (label, value) in enumerate(zip(labels, values, strict=True)):
        tall = (floor - TOP) * (value or 0) / top
        x = LEFT + place * step
        bars.append(
            Bar(
                x=round(x + step * 0.15, 1),
                y=round(floor - tall, 1),
                width=round(step * 0.7, 1),
                height=round(tall, 1),
                label=label,
                value="" if value is None else f"{value:,g}",
                is_last=place == len(values) - 1,
            )
        )
        middle = f"{x + step / 2:.1f},{floor - tall:.1f}"
        points.append("" if value is None else middle)
    stretches = " ".join(point or "|" for point in points).split("|")
    lines = [stretch.strip() for stretch in stretches if stretch.strip()]
    return Panel(title, kind, bars, lines, f"{max(known, default=0):,g}")
