"""A finding on the terminal."""

import shutil
import sys

from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table as ScreenTable
from rich.text import Text

from zhike.cli.analyze.findings import Finding, Table
from zhike.cli.texts import gettext as _
from zhike.core.drawing.figures import shown

# For a file or another program: as wide as a table may want to be.
_WIDTH_ELSEWHERE = 140
# Longer tables go on in the report and in JSON.
_MOST_ROWS = 60
_TEXT_KEPT = 14


def show(finding: Finding) -> None:
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else _WIDTH_ELSEWHERE
    console = Console(width=width, highlight=False)
    console.print(Text(finding.title, style="bold"))
    for sentence in finding.said:
        console.print(Text(sentence))
    for note in finding.notes:
        console.print(Text(_("Mind: {note}").format(note=note), style="yellow"))
    for table in finding.tables:
        console.print()
        console.print(Text(table.title, style="bold"))
        drawn = _drawn(table)
        # Too wide all the same: the terminal breaks its lines, rather than figures being lost.
        least = console.measure(drawn).minimum
        console.print(drawn, width=max(width, least), crop=False, soft_wrap=least > width)
        if len(table.rows) > _MOST_ROWS:
            console.print(
                Text(
                    _(
                        "{left} more rows; --json and --report hold them all.",
                    ).format(left=len(table.rows) - _MOST_ROWS)
                )
            )
        if table.note:
            console.print(Text(table.note, style="dim"))
    console.print()
    for sentence in finding.sample:
        console.print(Text(sentence))
    for name, value in finding.method:
        console.print(Text.assemble((f"{name}  ", "dim"), value))


def _drawn(table: Table) -> ScreenTable:
    drawn = ScreenTable(
        box=box.SIMPLE_HEAD,
        show_edge=False,
        pad_edge=False,
        padding=(0, 1, 0, 0),
        header_style="dim",
    )
    shown_rows = [
        [shown(value, column.kind) for value, column in zip(row, table.columns, strict=True)]
        for row in table.rows[:_MOST_ROWS]
    ]
    for at, column in enumerate(table.columns):
        widest = max((cell_len(row[at]) for row in shown_rows), default=0)
        is_text = column.kind == "text"
        drawn.add_column(
            Text(column.title),
            justify="left" if is_text else "right",
            overflow="fold",
            # A figure is never cut; a narrow terminal breaks headers and long texts.
            min_width=min(widest, _TEXT_KEPT) if is_text else widest,
        )
    for row in shown_rows:
        drawn.add_row(*map(Text, row))
    return drawn
