"""A finding as a workbook: figures in full precision, with Excel's own charts."""

import io
from collections.abc import Sequence
from typing import Any

import xlsxwriter

from zhike.cli.analyze.findings import Column, Finding, Table
from zhike.cli.texts import gettext as _
from zhike.core.drawing.axes import ticks
from zhike.core.drawing.figures import shown
from zhike.core.drawing.kinds import Bars, Chart, Grid, Lines, Paths, Quadrants

_FORMATS = {
    "text": "@",
    "count": "#,##0",
    "f1": "#,##0.0",
    "f2": "#,##0.00",
    "f3": "0.000",
    "f4": "0.0000",
    "percent": "0.0%",
    "p": "0.000",
}
_MAIN, _ALERT, _SOFT = "#0b6b74", "#a8241a", "#5a6476"
_LONGEST_NAME = 31
# What a worksheet holds, its headers apart.
_MOST_ROWS = 1_048_575
# Excel draws no more points of a line; their figures stand in a table anyway.
_MOST_DRAWN = 32_000
_DANGEROUS = str.maketrans(dict.fromkeys("[]:*?/\\", " "))


class _Book:
    def __init__(self, finding: Finding) -> None:
        self.file = io.BytesIO()
        self.book = xlsxwriter.Workbook(
            self.file,
            {
                "in_memory": True,
                # A name that begins with “=” is a name, not a formula.
                "strings_to_formulas": False,
                "strings_to_urls": False,
                "strings_to_numbers": False,
            },
        )
        look = {"bold": True, "bg_color": "#eef6f6", "bottom": 1, "text_wrap": True}
        self.head = self.book.add_format({**look, "indent": 1})
        self.head_of_figures = self.book.add_format({**look, "align": "right"})
        self.text = self.book.add_format({"indent": 1})
        self.title = self.book.add_format({"bold": True, "font_size": 16, "font_color": _MAIN})
        self.bold = self.book.add_format({"bold": True})
        self.wrap = self.book.add_format({"text_wrap": True, "valign": "top"})
        self.cells = {
            kind: self.book.add_format({"num_format": form}) for kind, form in _FORMATS.items()
        }
        self.names: set[str] = set()
        self.finding = finding

    def sheet(self, name: str) -> Any:
        plain = " ".join(name.translate(_DANGEROUS).split()).strip("'") or "1"
        chosen, number = plain[:_LONGEST_NAME], 2
        while chosen.lower() in self.names:
            ending = f" {number}"
            chosen, number = plain[: _LONGEST_NAME - len(ending)] + ending, number + 1
        self.names.add(chosen.lower())
        made = self.book.add_worksheet(chosen)
        # Whoever prints it gets whole tables: A4 across, as many pages as it takes.
        made.set_landscape()
        made.set_paper(9)
        made.fit_to_pages(1, 0)
        return made

    def table(self, sheet: Any, table: Table, row: int = 0) -> None:
        for at, column in enumerate(table.columns):
            look = self.head if column.kind == "text" else self.head_of_figures
            sheet.write_string(row, at, column.title, look)
            sheet.set_column(at, at, _width(table, at))
        for line, cells in enumerate(table.rows[: _MOST_ROWS - row], row + 1):
            for at, (value, column) in enumerate(zip(cells, table.columns, strict=True)):
                if value is None:
                    continue
                if isinstance(value, str):
                    sheet.write_string(line, at, value, self.text)
                else:
                    sheet.write_number(line, at, value, self.cells[column.kind])


def workbook(finding: Finding) -> bytes:
    made = _Book(finding)
    _front(made)
    for table in finding.tables:
        sheet = made.sheet(table.title)
        made.table(sheet, table)
        sheet.freeze_panes(1, 0)
        if table.note and len(table.rows) < _MOST_ROWS - 2:
            sheet.write_string(len(table.rows) + 2, 0, table.note)
    for chart in finding.charts:
        if not _too_long(chart):
            _chart_sheet(made, chart)
    made.book.close()
    return made.file.getvalue()


def _front(made: _Book) -> None:
    finding = made.finding
    sheet = made.sheet(_("Finding"))
    sheet.hide_gridlines(2)
    sheet.set_column(0, 0, 22)
    sheet.set_column(1, 1, 96)
    sheet.write_string(0, 0, finding.title, made.title)
    row = 2
    cut = [
        _("“{table}”: a worksheet holds {most} rows; --json holds all {n}.").format(
            table=table.title, most=_MOST_ROWS, n=len(table.rows)
        )
        for table in finding.tables
        if len(table.rows) > _MOST_ROWS
    ]
    cut += [
        _("“{chart}” has {n} points, more than a workbook draws; .html and .pdf do.").format(
            chart=chart.title, n=shown(len(chart.labels), "count")
        )
        for chart in finding.charts
        if isinstance(chart, Lines) and _too_long(chart)
    ]
    parts = [
        (_("Finding"), finding.said),
        (_("To be minded"), [*finding.notes, *cut]),
        (_("Sample"), finding.sample),
        (_("Method and options"), [f"{name}: {value}" for name, value in finding.method]),
        (_("What this does not say"), finding.limits),
    ]
    for title, sentences in parts:
        for at, sentence in enumerate(sentences):
            if at == 0:
                sheet.write_string(row, 0, title, made.bold)
            sheet.write_string(row, 1, sentence, made.wrap)
            row += 1
        row += bool(sentences)


def _too_long(chart: Chart) -> bool:
    return isinstance(chart, Lines) and len(chart.labels) > _MOST_DRAWN


def _width(table: Table, at: int) -> float:
    if table.columns[at].kind != "text":
        return max(12.0, min(24.0, 1.6 * len(table.columns[at].title)))
    longest = max((len(str(row[at] or "")) for row in table.rows[:200]), default=8)
    return min(60.0, max(12.0, 1.4 * longest, 1.6 * len(table.columns[at].title)))


def _chart_sheet(made: _Book, chart: Chart) -> None:
    """The chart's own figures, and the chart beside them."""
    sheet = made.sheet(_("Chart: {title}").format(title=chart.title))
    table = _data_of(chart)
    made.table(sheet, table)
    count = len(table.rows)
    if isinstance(chart, Grid):
        sheet.conditional_format(
            1, 1, count, len(table.columns) - 1,
            {"type": "2_color_scale", "min_color": "#eef6f6", "max_color": "#5ca6ae"},
        )  # fmt: skip
        return
    drawn = _drawn(made.book, sheet.get_name(), chart, count)
    drawn.set_title({"name": chart.title, "name_font": {"size": 12, "bold": True}})
    height = min(900, 120 + 26 * count) if isinstance(chart, Bars | Paths) else 420
    drawn.set_size({"width": 760, "height": height})
    sheet.insert_chart(
        0, len(table.columns) + 1, drawn, {"description": chart.text[:250], "object_position": 2}
    )


def _data_of(chart: Chart) -> Table:
    if isinstance(chart, Bars):
        columns = [Column(_("Name")), Column(_("Value"), chart.kind)]
        rows: list[list[Any]] = [list(row) for row in zip(chart.labels, chart.values, strict=True)]
        if chart.ends:
            columns += [
                Column(_("Down to the lower end"), chart.kind),
                Column(_("Up to the upper end"), chart.kind),
            ]
            for row, (low, high) in zip(rows, chart.ends, strict=True):
                row += [row[1] - low, high - row[1]]
        return Table(chart.title, columns, rows)
    if isinstance(chart, Lines):
        return _of_lines(chart)
    if isinstance(chart, Quadrants):
        return Table(
            chart.title,
            [Column(_("Name")), Column(chart.x_title, "f3"), Column(chart.y_title, "f3")],
            [[spot.name, spot.x, spot.y] for spot in chart.spots],
        )
    if isinstance(chart, Paths):
        return Table(
            chart.title,
            [Column(_("Path")), Column(_("Coefficient"), "f3")],
            [[f"{one.start} → {one.end}", one.value] for one in chart.arrows],
        )
    return Table(
        chart.title,
        [
            Column(f"{chart.y_title} \\ {chart.x_title}"),
            *(Column(c, "count") for c in chart.columns),
        ],
        [[name, *values] for name, values in zip(chart.rows, chart.values, strict=True)],
    )


def _of_lines(chart: Lines) -> Table:
    columns = [Column(chart.x_title), *(Column(one.name, chart.kind) for one in chart.series)]
    series: list[Sequence[float | None]] = [one.values for one in chart.series]
    if chart.marked:
        # A series of its own, for not every program colours single points of another.
        columns.append(Column(_("Marked"), chart.kind))
        main = next(one.values for one in chart.series if one.style == "main")
        series.append([value if at in chart.marked else None for at, value in enumerate(main)])
    return Table(chart.title, columns, list(zip(chart.labels, *series, strict=True)))


def _drawn(book: Any, sheet: str, chart: Bars | Lines | Quadrants | Paths, count: int) -> Any:
    if isinstance(chart, Lines):
        return _line_chart(book, sheet, chart, count)
    if isinstance(chart, Quadrants):
        return _scatter(book, sheet, chart, count)
    drawn = book.add_chart({"type": "bar"})
    series: dict[str, Any] = {
        "categories": [sheet, 1, 0, count, 0],
        "values": [sheet, 1, 1, count, 1],
        "fill": {"color": _MAIN},
        "invert_if_negative": True,
        "invert_if_negative_color": _ALERT,
        "gap": 60,
        "data_labels": {"value": True, "num_format": _FORMATS[_kind(chart)]},
    }
    if isinstance(chart, Bars) and chart.ends:
        # Outside they would lie on the whiskers.
        series["data_labels"] |= {"position": "inside_base", "font": {"color": "#ffffff"}}
        quoted = sheet.replace("'", "''")
        series["x_error_bars"] = {
            "type": "custom",
            "plus_values": f"='{quoted}'!$D$2:$D${count + 1}",
            "minus_values": f"='{quoted}'!$C$2:$C${count + 1}",
        }
    drawn.add_series(series)
    drawn.set_legend({"none": True})
    drawn.set_y_axis({"reverse": True, "label_position": "low", "interval_unit": 1})
    drawn.set_x_axis({"major_gridlines": {"visible": True, "line": {"color": "#e4e7ec"}}})
    return drawn


def _kind(chart: Bars | Paths) -> str:
    return chart.kind if isinstance(chart, Bars) else "f3"


def _line_chart(book: Any, sheet: str, chart: Lines, count: int) -> Any:
    drawn = book.add_chart({"type": "line"})
    colors = {"main": _MAIN, "limit": _ALERT, "center": _SOFT}
    for at, one in enumerate(chart.series, 1):
        series: dict[str, Any] = {
            "name": [sheet, 0, at],
            "categories": [sheet, 1, 0, count, 0],
            "values": [sheet, 1, at, count, at],
            "line": {
                "color": colors[one.style],
                "width": 1.75,
                **({"dash_type": "dash"} if one.style == "limit" else {}),
            },
        }
        if one.style == "main":
            series["marker"] = {"type": "circle", "size": 5, "fill": {"color": _MAIN}}
        drawn.add_series(series)
    if chart.marked:
        at = len(chart.series) + 1
        drawn.add_series(
            {
                "name": [sheet, 0, at],
                "categories": [sheet, 1, 0, count, 0],
                "values": [sheet, 1, at, count, at],
                "line": {"none": True},
                "marker": {
                    "type": "circle",
                    "size": 8,
                    "fill": {"color": _ALERT},
                    "border": {"color": _ALERT},
                },
            }
        )
    drawn.set_x_axis({"name": chart.x_title})
    drawn.set_y_axis({"major_gridlines": {"visible": True, "line": {"color": "#e4e7ec"}}})
    drawn.set_legend({"position": "bottom"})
    return drawn


def _scatter(book: Any, sheet: str, chart: Quadrants, count: int) -> Any:
    drawn = book.add_chart({"type": "scatter"})
    drawn.add_series(
        {
            "categories": [sheet, 1, 1, count, 1],
            "values": [sheet, 1, 2, count, 2],
            "marker": {"type": "circle", "size": 7, "fill": {"color": _MAIN}},
            "data_labels": {
                "custom": [{"value": spot.name} for spot in chart.spots],
                "value": True,
                "position": "above",
            },
        }
    )
    # The axes cross where the crosshair lies.
    for axis, name, at, values in (
        (drawn.set_x_axis, chart.x_title, chart.cross[0], [spot.x for spot in chart.spots]),
        (drawn.set_y_axis, chart.y_title, chart.cross[1], [spot.y for spot in chart.spots]),
    ):
        marks = ticks(min(*values, at), max(*values, at))
        axis(
            {
                "name": name,
                "crossing": at,
                "label_position": "low",
                "min": marks[0],
                "max": marks[-1],
                "major_gridlines": {"visible": True, "line": {"color": "#e4e7ec"}},
            }
        )
    drawn.set_legend({"none": True})
    return drawn
