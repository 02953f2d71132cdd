"""From a chart to its drawing."""

from zhike.cli.analyze.drawing.bars import draw_bars
from zhike.cli.analyze.drawing.grids import draw_grid
from zhike.cli.analyze.drawing.lines import draw_lines
from zhike.cli.analyze.drawing.paths import draw_paths
from zhike.cli.analyze.drawing.quadrants import draw_quadrants
from zhike.cli.analyze.drawing.shapes import Drawing
from zhike.cli.analyze.findings import Bars, Chart, Lines, Paths, Quadrants


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
