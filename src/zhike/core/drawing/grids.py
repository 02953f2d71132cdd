"""Figures in rows and columns, darker where larger."""

from zhike.core.drawing.figures import shown
from zhike.core.drawing.kinds import Grid
from zhike.core.drawing.shapes import INK, SOFT, WIDTH, Box, Drawing, Label, text_width

_CELL = 44
_TOP = 26
# From paper to as dark as ink can still be read on.
_LIGHT, _DARK = (238, 246, 246), (92, 166, 174)


def draw_grid(chart: Grid) -> Drawing:
    left = max(map(text_width, chart.rows), default=0) + 34
    height = _TOP + len(chart.rows) * _CELL + 40
    drawing = Drawing(chart.title, chart.text, WIDTH, height)
    wide = min(110.0, (WIDTH - left - 10) / max(1, len(chart.columns)))
    most = max((value for row in chart.values for value in row), default=0) or 1
    for at, name in enumerate(chart.columns):
        drawing.add(Label(left + (at + 0.5) * wide, _TOP - 8, name, "middle", SOFT))
    for line, (name, values) in enumerate(zip(chart.rows, chart.values, strict=True)):
        y = _TOP + line * _CELL
        drawing.add(Label(left - 8, y + _CELL / 2 + 4, name, "end", SOFT))
        for at, value in enumerate(values):
            part = (value / most) ** 0.5
            fill = _color(part)
            drawing.add(
                Box(left + at * wide + 1, y + 1, wide - 2, _CELL - 2, fill, round=3),
                Label(
                    left + (at + 0.5) * wide,
                    y + _CELL / 2 + 4,
                    shown(value, "count"),
                    "middle",
                    INK,
                ),
            )
    bottom = _TOP + len(chart.rows) * _CELL
    middle = left + len(chart.columns) * wide / 2
    drawing.add(
        Label(middle, bottom + 20, chart.x_title, "middle", SOFT),
        Label(14, _TOP + len(chart.rows) * _CELL / 2, chart.y_title, "middle", SOFT, turn=-90),
    )
    return drawing


def _color(part: float) -> str:
    mixed = (round(low + (high - low) * part) for low, high in zip(_LIGHT, _DARK, strict=True))
    return "#" + "".join(f"{one:02x}" for one in mixed)
