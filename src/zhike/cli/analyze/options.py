"""Options the commands of `zhike analyze` share."""

from pathlib import Path
from typing import Annotated

import typer

from zhike.cli.texts import gettext as _

DataArgument = Annotated[
    Path, typer.Argument(metavar="DATA", help=_("A .csv or .xlsx file; headers in its first row."))
]
ModelArgument = Annotated[
    Path, typer.Argument(metavar="MODEL", help=_("A .yaml file with blocks and paths."))
]
SheetOption = Annotated[
    str, typer.Option("--sheet", help=_("The worksheet to read; else the first."))
]
JsonOption = Annotated[
    bool, typer.Option("--json", help=_("Print everything as JSON, in full precision."))
]
ReportOption = Annotated[
    Path | None,
    typer.Option(
        "--report",
        metavar="FILE",
        help=_("Write a report with charts: .html, .pdf or .xlsx, by the name."),
        show_default=False,
    ),
]
LevelOption = Annotated[float, typer.Option("--level", help=_("Confidence of the interval."))]
WeightsOption = Annotated[
    str, typer.Option("--weights", help=_("A column of weights, one for each answer."))
]
ColumnOption = Annotated[
    str, typer.Option("--column", help=_("The column; not needed where there is only one."))
]
PopulationOption = Annotated[
    int | None,
    typer.Option("--population", help=_("How many could have been asked."), show_default=False),
]
