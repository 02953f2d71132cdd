"""A path model as a graph: causes above, effects below, each path as strong as its coefficient."""

from collections.abc import Sequence

from zhike.core.drawing.figures import shown
from zhike.core.drawing.kinds import Arrow, Paths
from zhike.core.drawing.layers import Layout, Spot, lay_out
from zhike.core.drawing.shapes import (
    ALERT,
    INK,
    MAIN,
    PAPER,
    SOFT,
    WASH,
    WIDTH,
    Box,
    Drawing,
    Label,
    Stroke,
    cut,
    text_width,
)

_BLOCK, _BETWEEN = 44.0, 22.0
_SPACE = 14.0
_MARGIN = 8.0
_WIDEST = 190.0


def draw_paths(chart: Paths) -> Drawing:
    figures = {(one.start, one.end): shown(one.value, "f3") for one in chart.arrows}
    widths = {
        node.name: min(_WIDEST, max(92.0, *map(text_width, (node.name, node.below))) + 20)
        for node in chart.nodes
    }
    layout = lay_out(
        {node.name: node.rank for node in chart.nodes},
        widths,
        list(figures),
        max(map(text_width, figures.values()), default=30.0) + 8,
    )
    tops = _tops(len(layout.layers))
    has_legend = bool(chart.legend) and not all(one.firm for one in chart.arrows)
    height = tops[-1] + _BLOCK + _MARGIN + (24 if has_legend else 0)
    width = max(WIDTH, layout.width + 2 * _MARGIN)
    left = (width - layout.width) / 2
    drawing = Drawing(chart.title, chart.text, width, height)
    for arrow in chart.arrows:
        _draw_arrow(drawing, arrow, layout, tops, left)
    for arrow in chart.arrows:
        spot = layout.labels[arrow.start, arrow.end]
        word = figures[arrow.start, arrow.end]
        x, y = left + spot.x, tops[spot.layer] + _BETWEEN / 2
        drawing.add(
            Box(x - text_width(word) / 2 - 3, y - 8, text_width(word) + 6, 16, PAPER, round=3),
            Label(x, y + 4, word, "middle", _color(arrow), bold=arrow.firm),
        )
    for node in chart.nodes:
        spot = layout.blocks[node.name]
        x, y = left + spot.x, tops[spot.layer]
        drawing.add(
            Box(x - spot.width / 2, y, spot.width, _BLOCK, WASH, MAIN, 6),
            Label(x, y + (18 if node.below else 26), cut(node.name, spot.width - 8), "middle",
                  INK, 12, True),
        )  # fmt: skip
        if node.below:
            drawing.add(Label(x, y + 34, cut(node.below, spot.width - 8), "middle", SOFT))
    if has_legend:
        drawing.line(_MARGIN, height - 12, _MARGIN + 28, height - 12, SOFT, "4 4")
        drawing.add(Label(_MARGIN + 36, height - 8, chart.legend, "start", SOFT))
    return drawing


def _tops(layers: int) -> list[float]:
    tops, y = [], _MARGIN
    for layer in range(layers):
        tops.append(y)
        y += (_BLOCK if layer % 2 == 0 else _BETWEEN) + _SPACE
    return tops


def _color(arrow: Arrow) -> str:
    if not arrow.firm:
        return SOFT
    return MAIN if arrow.value >= 0 else ALERT


def _draw_arrow(
    drawing: Drawing, arrow: Arrow, layout: Layout, tops: Sequence[float], left: float
) -> None:
    way = layout.ways[arrow.start, arrow.end]
    x, y = left + _port(way[0], way[0].down, way[1]), tops[way[0].layer] + _BLOCK
    path = f"M{x:.1f} {y:.1f}"
    for spot in way[1:]:
        is_last = spot is way[-1]
        goal = left + (_port(spot, spot.up, way[-2]) if is_last else spot.x)
        top = tops[spot.layer] - (6 if is_last else 0)
        middle = (y + top) / 2
        path += f"C{x:.1f} {middle:.1f} {goal:.1f} {middle:.1f} {goal:.1f} {top:.1f}"
        x, y = goal, top
        if not is_last:
            y = top + (_BLOCK if spot.layer % 2 == 0 else _BETWEEN)
            path += f"L{x:.1f} {y:.1f}"
    width = 1 + 2.6 * min(1.0, abs(arrow.value))
    drawing.add(
        Stroke(path, _color(arrow), width, "" if arrow.firm else "4 4"),
        Stroke(
            f"M{x - 4.5:.1f} {y - 2:.1f}L{x + 4.5:.1f} {y - 2:.1f}L{x:.1f} {y + 6:.1f}Z",
            _color(arrow), 0.5, "", _color(arrow),
        ),
    )  # fmt: skip


def _port(block: Spot, near: Sequence[Spot], mine: Spot) -> float:
    """Where a path meets a block's edge: spread in the order of where they come from, so that none cross there."""
    ordered = sorted(near, key=lambda spot: spot.x)
    at = next(place for place, spot in enumerate(ordered) if spot is mine)
    step = min(26.0, (block.width - 24) / max(1, len(ordered)))
    return block.x + (at - (len(ordered) - 1) / 2) * step
