"""From a chart to its drawing."""

from zhike.core.drawing.bars import draw_bars
from zhike.core.drawing.grids import draw_grid
from zhike.core.drawing.kinds import Bars, Chart, Lines, Paths, Quadrants
from zhike.core.drawing.lines import draw_lines
from zhike.core.drawing.paths import draw_paths
from zhike.core.drawing.quadrants import draw_quadrants
from zhike.core.drawing.shapes import Drawing


def draw(chart: Chart) -> Drawing:
    if isinstance(chart, Bars):
        return draw_bars(chart)
    if isinstance(chart, Lines):
        return draw_lines(chart)
    if isinstance(chart, Quadrants):
        return draw_quadrants(chart)
    if isinstance(chart, Paths):
        return draw_paths(chart)
    return draw_grid(chart)
