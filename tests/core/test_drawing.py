"""Pictures: contrast, labels that do not lie on each other, paths that do not run behind blocks."""

import re

import pytest

from zhike.core.drawing import shapes
from zhike.core.drawing.axes import mark_text, ticks
from zhike.core.drawing.draw import draw
from zhike.core.drawing.figures import shown
from zhike.core.drawing.kinds import (
    Arrow,
    Bars,
    Chart,
    Grid,
    Lines,
    Node,
    Paths,
    Quadrants,
    Series,
    Spot,
)
from zhike.core.drawing.layers import lay_out
from zhike.core.drawing.shapes import Box, Dot, Drawing, Label, Stroke, text_width

# No database has a part in a picture.
pytestmark = pytest.mark.once

ECSI = {
    "Image": 0,
    "Expectation": 1,
    "Quality": 2,
    "Value": 3,
    "Satisfaction": 4,
    "Complaints": 5,
    "Loyalty": 6,
}
WAYS = [
    ("Image", "Expectation"), ("Image", "Satisfaction"), ("Image", "Loyalty"),
    ("Expectation", "Quality"), ("Expectation", "Value"), ("Expectation", "Satisfaction"),
    ("Quality", "Value"), ("Quality", "Satisfaction"), ("Value", "Satisfaction"),
    ("Satisfaction", "Complaints"), ("Satisfaction", "Loyalty"), ("Complaints", "Loyalty"),
]  # fmt: skip
CHARTS: dict[str, Chart] = {
    "bars": Bars("t", "w", ["a", "客户" * 30, "c"], [-1.5, 0, 2], ends=[(-2, -1), (-0.5, 0.5), (1, 3)]),
    "no bars": Bars("t", "w", [], []),
    "lines": Lines(
        "t", "w", [str(at) for at in range(30)],
        [Series("Value", [at % 7 for at in range(30)]), Series("Limit", [8.0] * 30, "limit"),
         Series("Centre", [3.0] * 30, "center")], marked={6: "1", 13: "2"},
    ),
    "one point": Lines("t", "w", ["a"], [Series("Value", [0.0])]),
    "quadrants": Quadrants(
        "t", "w", "x", "y", [Spot(f"item {at}", at / 10 % 1, at / 7 % 1) for at in range(12)],
        (0.5, 0.5), ("a", "b", "c", "d"),
    ),
    "same spots": Quadrants(
        "t", "w", "x", "y", [Spot("a", 1, 1), Spot("b", 1, 1)], (1, 1), ("a", "b", "c", "d")
    ),
    "paths": Paths("t", "w", [Node(n, "R² 0.5", r) for n, r in ECSI.items()],
                   [Arrow(a, b, -0.2 if at % 2 else 0.7, at % 3 > 0) for at, (a, b) in enumerate(WAYS)], "dashed"),
    "grid": Grid("t", "w", "x", "y", list("123"), list("54"), [[0, 4, 9], [1, 30, 200]]),
}  # fmt: skip


def luminance(color: str) -> float:
    parts = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def ground(drawing: Drawing, label: Label) -> str:
    """The colour of the last box drawn under the middle of a label, white where there is none."""
    wide = text_width(label.text, label.size)
    x = label.x + {"start": wide / 2, "middle": 0, "end": -wide / 2}[label.anchor]
    y = label.y - label.size / 3
    color = "#ffffff"
    for shape in drawing.shapes:
        if shape is label:
            return color
        if (
            isinstance(shape, Box)
            and shape.x <= x <= shape.x + shape.width
            and shape.y <= y <= shape.y + shape.height
        ):
            color = shape.fill
    return color


@pytest.mark.parametrize("name", CHARTS)
def test_text_has_the_contrast_of_aa(name):
    drawing = draw(CHARTS[name])
    for shape in drawing.shapes:
        if isinstance(shape, Label) and not shape.turn:
            assert contrast(shape.color, ground(drawing, shape)) >= 4.5, shape


def test_marks_of_a_chart_have_the_contrast_of_aa():
    for color in (shapes.MAIN, shapes.ALERT, shapes.SOFT):
        assert contrast(color, "#ffffff") >= 4.5


@pytest.mark.parametrize("name", CHARTS)
def test_everything_lies_on_the_paper(name):
    drawing = draw(CHARTS[name])
    for shape in drawing.shapes:
        if isinstance(shape, Box | Dot):
            assert -1 <= shape.x <= drawing.width + 1
            assert -1 <= shape.y <= drawing.height + 1
        elif isinstance(shape, Label) and not shape.turn:
            wide = text_width(shape.text, shape.size)
            left = shape.x - {"start": 0, "middle": wide / 2, "end": wide}[shape.anchor]
            assert left >= -2, shape
            assert left + wide <= drawing.width + 2, shape
    assert "nan" not in repr(drawing.shapes)


def test_figures_and_blocks_of_a_path_diagram_do_not_meet():
    drawing = draw(CHARTS["paths"])
    boxes = [shape for shape in drawing.shapes if isinstance(shape, Box)]
    assert len(boxes) == len(WAYS) + len(ECSI)
    for at, one in enumerate(boxes):
        for other in boxes[at + 1 :]:
            apart = (
                one.x + one.width <= other.x or other.x + other.width <= one.x
                or one.y + one.height <= other.y or other.y + other.height <= one.y
            )  # fmt: skip
            assert apart, (one, other)


def test_no_path_runs_behind_a_block():
    layout = lay_out(ECSI, dict.fromkeys(ECSI, 110.0), WAYS, 40)
    for (start, end), way in layout.ways.items():
        assert [spot.layer for spot in way] == list(range(2 * ECSI[start], 2 * ECSI[end] + 1))
        for spot in way[1:-1]:
            for block in layout.blocks.values():
                if block.layer == spot.layer:
                    assert abs(block.x - spot.x) >= block.width / 2


def test_a_long_series_keeps_its_extremes_and_marks_and_stays_small():
    values = [float(at % 50) for at in range(100_000)]
    values[70_001], values[30_003] = 900.0, -80.0
    chart = Lines(
        "t", "w", [str(at) for at in range(100_000)], [Series("Value", values)], marked={5: "1"}
    )
    drawing = draw(chart)
    path = next(
        shape.path for shape in drawing.shapes if isinstance(shape, Stroke) and shape.width == 1.6
    )
    assert path.count("L") < 1500
    heights = [float(point.split()[1]) for point in path[1:].split("L")]
    whole = draw(Lines("t", "w", ["a", "b"], [Series("Value", [900.0, -80.0])]))
    ends = next(
        shape.path for shape in whole.shapes if isinstance(shape, Stroke) and shape.width == 1.6
    )
    assert [min(heights), max(heights)] == [float(one.split()[1]) for one in ends[1:].split("L")]
    assert sum(isinstance(shape, Dot) for shape in drawing.shapes) == 2


def test_a_drawing_is_the_same_every_time():
    for chart in CHARTS.values():
        assert draw(chart) == draw(chart)


def test_names_beside_spots_do_not_meet():
    labels = [
        s
        for s in draw(CHARTS["quadrants"]).shapes
        if isinstance(s, Label) and s.text.startswith("item")
    ]
    areas = [(one.x, one.y - 9, one.x + text_width(one.text), one.y + 3) for one in labels]
    for at, one in enumerate(areas):
        for other in areas[at + 1 :]:
            assert (
                one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
            )


@pytest.mark.parametrize(
    ("low", "high"), [(0, 1), (0.052, 0.48), (-3, 7), (5, 5), (0, 0), (1e6, 1.2e6)]
)
def test_axes_are_round_and_reach(low, high):
    marks = ticks(low, high)
    assert marks[0] <= low
    assert marks[-1] >= high
    assert 2 <= len(marks) <= 12
    assert all(re.fullmatch(r"−?[\d,]+(\.\d+)?", mark_text(mark, marks)) for mark in marks)


def test_figures_are_shown_by_their_kind():
    assert shown(-0.12345, "f2") == "−0.12"
    assert shown(-0.0001, "f2") == "0.00"
    assert shown(0.8883, "percent") == "88.8%"
    assert (shown(0.0001, "p"), shown(0.2, "p")) == ("< 0.001", "0.200")
    assert (shown(12345, "count"), shown(12.5, "count")) == ("12,345", "12.5")
    assert (shown(None, "f2"), shown("a", "f2")) == ("–", "a")
