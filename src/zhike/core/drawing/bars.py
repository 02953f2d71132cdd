"""Bars from zero to the right or the left, with intervals as whiskers."""

from zhike.core.drawing.figures import shown
from zhike.core.drawing.kinds import Bars
from zhike.core.drawing.shapes import (
    ALERT,
    FAINT,
    INK,
    MAIN,
    PALE,
    RULE,
    SOFT,
    WIDTH,
    Box,
    Drawing,
    Label,
    cut,
    text_width,
)

_ROW = 24
_THICK = 14
_MOST = 60
_NAMES = 200


def draw_bars(chart: Bars) -> Drawing:
    count = min(len(chart.values), _MOST)
    values, labels = list(chart.values[:count]), list(chart.labels[:count])
    ends = list(chart.ends[:count])
    drawing = Drawing(chart.title, chart.text, WIDTH, count * _ROW + 16)
    names = min(_NAMES, max(map(text_width, labels), default=0)) + 12
    figures = [shown(value, chart.kind) for value in values]
    reach = [*values, *(end for pair in ends for end in pair), 0.0]
    low, high = min(reach), max(reach)
    room = max(map(text_width, figures), default=0) + 10
    left = names + (room if low < 0 else 0)
    right = WIDTH - room
    scale = (right - left) / ((high - low) or 1)

    def place(value: float) -> float:
        return left + (value - low) * scale

    zero = place(0.0)
    for at, (label, value, figure) in enumerate(zip(labels, values, figures, strict=True)):
        middle = 8 + at * _ROW + _ROW / 2
        drawing.line(left, middle + _ROW / 2, right, middle + _ROW / 2, FAINT)
        drawing.add(Label(names - 10, middle + 4, cut(label, names - 10), "end"))
        tip = place(value)
        begin, length = min(zero, tip), max(abs(tip - zero), 0.5)
        drawing.add(Box(begin, middle - _THICK / 2, length, _THICK, _fill(chart, at, value)))
        far_left, far_right = min(zero, tip), max(zero, tip)
        if ends:
            one, other = place(ends[at][0]), place(ends[at][1])
            drawing.line(one, middle, other, middle, INK)
            for end in (one, other):
                drawing.line(end, middle - 4, end, middle + 4, INK)
            far_left, far_right = min(far_left, one), max(far_right, other)
        if value < 0:
            drawing.add(Label(far_left - 5, middle + 4, figure, "end", SOFT))
        else:
            drawing.add(Label(far_right + 5, middle + 4, figure, "start", SOFT))
    drawing.line(zero, 8, zero, 8 + count * _ROW, RULE)
    return drawing


def _fill(chart: Bars, at: int, value: float) -> str:
    if value < 0:
        return ALERT
    return MAIN if not chart.marked or at in chart.marked else PALE
