"""Series over a row of places: control charts, levels by number of agents."""

from collections.abc import Callable, Sequence

from zhike.core.drawing.axes import mark_text, ticks
from zhike.core.drawing.figures import shown
from zhike.core.drawing.kinds import Lines
from zhike.core.drawing.shapes import (
    ALERT,
    FAINT,
    MAIN,
    PAPER,
    SOFT,
    WIDTH,
    Dot,
    Drawing,
    Label,
    Stroke,
    text_width,
)

_HEIGHT = 320
_TOP, _BOTTOM = 16, 46
# Above so many points dots and words would cover each other.
_DOTS = 120
# Above so many points a line is drawn by what shows at this width.
_MOST = 1400
_MARKS = 300

Place = Callable[[float], float]


def draw_lines(chart: Lines) -> Drawing:
    drawing = Drawing(chart.title, chart.text, WIDTH, _HEIGHT)
    every = [value for one in chart.series for value in one.values]
    marks = ticks(min(every), max(every))
    percent = chart.kind == "percent"
    words = [mark_text(mark, marks, percent=percent) for mark in marks]
    left = max(map(text_width, words)) + 12
    ends = _end_words(chart)
    right = WIDTH - max([text_width(word, 10) for word, _value in ends], default=0) - 14
    floor = _HEIGHT - _BOTTOM
    count = len(chart.labels)

    def down(value: float) -> float:
        return floor - (value - marks[0]) / (marks[-1] - marks[0]) * (floor - _TOP)

    def across(at: float) -> float:
        return left + (right - left) * ((at + 0.5) / count)

    for mark, word in zip(marks, words, strict=True):
        drawing.line(left, down(mark), right, down(mark), FAINT)
        drawing.add(Label(left - 6, down(mark) + 4, word, "end", SOFT))
    _x_labels(drawing, chart, across, floor, right - left)
    kept = _kept(chart)
    for series in chart.series:
        if series.style == "limit":
            drawing.add(Stroke(_steps(series.values, kept, across, down), ALERT, 1.2, "5 4"))
        elif series.style == "center":
            drawing.add(Stroke(_steps(series.values, kept, across, down), SOFT, 1.2))
    for series in chart.series:
        if series.style == "main":
            points = ((at, series.values[at]) for at in kept)
            path = "L".join(f"{across(at):.1f} {down(value):.1f}" for at, value in points)
            drawing.add(Stroke(f"M{path}", MAIN, 1.6))
            _dots(drawing, chart, series.values, set(kept), across, down)
    _write_ends(drawing, ends, right + 6, down)
    return drawing


def _dots(
    drawing: Drawing,
    chart: Lines,
    values: Sequence[float],
    kept: set[int],
    across: Place,
    down: Place,
) -> None:
    if len(values) <= _DOTS:
        plain = (at for at in range(len(values)) if at not in chart.marked)
        drawing.add(*(Dot(across(at), down(values[at]), 2.6) for at in plain))
    for at in sorted(kept.intersection(chart.marked)):
        value = values[at]
        drawing.add(
            Dot(across(at), down(value), 5.2, PAPER), Dot(across(at), down(value), 4, ALERT)
        )
        if len(chart.marked) <= _DOTS // 4:
            # On the side where no line comes from.
            near = [*values[max(0, at - 1) : at], *values[at + 1 : at + 2]]
            off = 17 if max(near, default=value) > value else -9
            drawing.add(
                Label(across(at), down(value) + off, chart.marked[at], "middle", ALERT, 10, True)
            )


def _kept(chart: Lines) -> list[int]:
    """All places, or of very many those that show: lowest and highest of each stretch, and what is marked."""
    main = next((one.values for one in chart.series if one.style == "main"), ())
    count = len(chart.labels)
    if count <= _MOST or not main:
        return list(range(count))
    kept = {0, count - 1, *(chart.marked if len(chart.marked) <= _MARKS else ())}
    for stretch in range(_MOST // 2):
        places = range(stretch * count * 2 // _MOST, (stretch + 1) * count * 2 // _MOST)
        kept |= {min(places, key=main.__getitem__), max(places, key=main.__getitem__)}
    return sorted(kept)


def _steps(values: Sequence[float], kept: Sequence[int], across: Place, down: Place) -> str:
    """A level for each place, as wide as the place: limits may differ from point to point."""
    parts = []
    for at in kept:
        y = down(values[at])
        parts.append(f"{across(at - 0.5):.1f} {y:.1f}L{across(at + 0.5):.1f} {y:.1f}")
    return "M" + "L".join(parts)


def _x_labels(drawing: Drawing, chart: Lines, across: Place, floor: float, width: float) -> None:
    widest = max(map(text_width, chart.labels), default=1)
    each = max(1, round(len(chart.labels) * (min(widest, 90) + 14) / width + 0.49))
    for at in range(0, len(chart.labels), each):
        drawing.add(Label(across(at), floor + 17, chart.labels[at][:14], "middle", SOFT))
    if chart.x_title:
        drawing.add(
            Label(across(len(chart.labels) / 2 - 0.5), floor + 36, chart.x_title, "middle", SOFT)
        )


def _end_words(chart: Lines) -> list[tuple[str, float]]:
    return [
        (f"{one.name} {shown(one.values[-1], chart.kind)}", one.values[-1])
        for one in chart.series
        if one.style != "main"
    ]


def _write_ends(drawing: Drawing, ends: list[tuple[str, float]], x: float, down: Place) -> None:
    """Names of levels where they end, moved apart where they would lie on each other."""
    last = -100.0
    for word, value in sorted(ends, key=lambda one: down(one[1])):
        y = max(down(value) + 3.5, last + 12)
        drawing.add(Label(x, y, word, "start", SOFT, 10))
        last = y
