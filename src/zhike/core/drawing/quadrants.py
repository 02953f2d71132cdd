"""Importance against performance: spots, a crosshair, names that do not lie on each other."""

from zhike.core.drawing.axes import mark_text, ticks
from zhike.core.drawing.kinds import Quadrants
from zhike.core.drawing.shapes import (
    FAINT,
    INK,
    MAIN,
    SOFT,
    WASH,
    WIDTH,
    Box,
    Dot,
    Drawing,
    Label,
    cut,
    text_width,
)

_HEIGHT = 460
_LEFT, _RIGHT, _TOP, _BOTTOM = 62.0, WIDTH - 16.0, 12.0, _HEIGHT - 48.0
Area = tuple[float, float, float, float]


def draw_quadrants(chart: Quadrants) -> Drawing:
    drawing = Drawing(chart.title, chart.text, WIDTH, _HEIGHT)
    x_marks = ticks(*_reach([spot.x for spot in chart.spots], chart.cross[0]))
    y_marks = ticks(*_reach([spot.y for spot in chart.spots], chart.cross[1]))

    def across(value: float) -> float:
        return _LEFT + (value - x_marks[0]) / (x_marks[-1] - x_marks[0]) * (_RIGHT - _LEFT)

    def down(value: float) -> float:
        return _BOTTOM - (value - y_marks[0]) / (y_marks[-1] - y_marks[0]) * (_BOTTOM - _TOP)

    # What to work on first lies upper left: important, and not done well.
    center = across(chart.cross[0]), down(chart.cross[1])
    drawing.add(Box(_LEFT, _TOP, center[0] - _LEFT, center[1] - _TOP, WASH))
    for mark in x_marks:
        drawing.line(across(mark), _TOP, across(mark), _BOTTOM, FAINT)
        word = mark_text(mark, x_marks)
        drawing.add(Label(across(mark), _BOTTOM + 16, word, "middle", SOFT))
    for mark in y_marks:
        drawing.line(_LEFT, down(mark), _RIGHT, down(mark), FAINT)
        drawing.add(Label(_LEFT - 6, down(mark) + 4, mark_text(mark, y_marks), "end", SOFT))
    drawing.line(center[0], _TOP, center[0], _BOTTOM, SOFT, "5 4")
    drawing.line(_LEFT, center[1], _RIGHT, center[1], SOFT, "5 4")
    taken = _corners(drawing, chart)
    drawing.add(
        Label((_LEFT + _RIGHT) / 2, _BOTTOM + 36, chart.x_title, "middle", SOFT),
        Label(16, (_TOP + _BOTTOM) / 2, chart.y_title, "middle", SOFT, turn=-90),
    )
    dots = [(across(spot.x), down(spot.y)) for spot in chart.spots]
    taken += [(x - 5, y - 5, x + 5, y + 5) for x, y in dots]
    taken += [(center[0], _TOP, center[0], _BOTTOM), (_LEFT, center[1], _RIGHT, center[1])]
    for spot, (x, y) in zip(chart.spots, dots, strict=True):
        drawing.add(Dot(x, y, 4.5, MAIN))
        _name(drawing, cut(spot.name, 150), x, y, taken)
    return drawing


def _reach(values: list[float], line: float) -> tuple[float, float]:
    low, high = min(*values, line), max(*values, line)
    spare = (high - low) * 0.08 or abs(high) * 0.1 or 0.5
    return low - spare, high + spare


def _corners(drawing: Drawing, chart: Quadrants) -> list[Area]:
    taken: list[Area] = []
    places = (
        (_LEFT + 8, _TOP + 16, "start"),
        (_RIGHT - 8, _TOP + 16, "end"),
        (_LEFT + 8, _BOTTOM - 8, "start"),
        (_RIGHT - 8, _BOTTOM - 8, "end"),
    )
    for (x, y, anchor), word in zip(places, chart.corners, strict=True):
        drawing.add(Label(x, y, word, anchor, SOFT, 12, True))
        wide = text_width(word, 12)
        left = x if anchor == "start" else x - wide
        taken.append((left, y - 12, left + wide, y + 3))
    return taken


def _name(drawing: Drawing, name: str, x: float, y: float, taken: list[Area]) -> None:
    """Beside the spot where nothing stands yet; right of it where everything does."""
    wide = text_width(name)
    choices = (
        (x + 8, y + 4), (x - 8 - wide, y + 4), (x - wide / 2, y - 9), (x - wide / 2, y + 17),
        (x + 6, y - 8), (x + 6, y + 16), (x - 6 - wide, y - 8), (x - 6 - wide, y + 16),
    )  # fmt: skip
    areas = [(left, base - 9, left + wide, base + 3) for left, base in choices]
    inside = [
        area for area in areas if area[0] >= _LEFT and area[2] <= _RIGHT and area[1] >= _TOP
        and area[3] <= _BOTTOM
    ]  # fmt: skip
    free = [area for area in inside if not any(_meet(area, other) for other in taken)]
    best = (free or inside or areas)[0]
    taken.append(best)
    drawing.add(Label(best[0], best[3] - 3, name, "start", INK))


def _meet(one: Area, other: Area) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
