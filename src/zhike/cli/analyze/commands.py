"""The commands of `zhike analyze`. Methods are imported when one is run: others start as before."""

from typing import TYPE_CHECKING, Annotated

import typer

from zhike.cli.analyze import customer_commands
from zhike.cli.analyze.options import (
    ColumnOption,
    DataArgument,
    JsonOption,
    LevelOption,
    ModelArgument,
    PopulationOption,
    ReportOption,
    SheetOption,
    WeightsOption,
)
from zhike.cli.analyze.telling import Wanted, tell
from zhike.cli.texts import gettext as _

if TYPE_CHECKING:
    from zhike.cli.analyze.findings import Finding

app = typer.Typer(
    help=_("Analyse a file: satisfaction, gaps, value, charts, staffing. Needs no server."),
    no_args_is_help=True,
)


@app.callback()
def analyze() -> None:
    """Analyse a file."""


@app.command("nps", help=_("Net promoter score of a column of answers from 0 to 10."))
def nps_command(
    data: DataArgument,
    column: ColumnOption = "",
    weights: WeightsOption = "",
    population: PopulationOption = None,
    level: LevelOption = 0.95,
    interval: Annotated[
        str, typer.Option("--interval", metavar="variance|wilson", help=_("Kind of interval."))
    ] = "variance",
    sheet: SheetOption = "",
    as_json: JsonOption = False,
    report: ReportOption = None,
) -> None:
    from zhike.cli.analyze.scores import Asked, analyse_nps

    asked = Asked(data, sheet, column, weights, population, level)
    tell(lambda: analyse_nps(asked, interval), Wanted(as_json, report, (data,)))


@app.command("csat", help=_("Share of satisfied answers (the highest points of the scale)."))
def csat_command(
    data: DataArgument,
    column: ColumnOption = "",
    scale: Annotated[
        str, typer.Option("--scale", help=_("Lowest and highest answer, such as 1-5."))
    ] = "1-5",
    top: Annotated[
        int, typer.Option("--top", help=_("How many of the highest points count as satisfied."))
    ] = 2,
    weights: WeightsOption = "",
    population: PopulationOption = None,
    level: LevelOption = 0.95,
    sheet: SheetOption = "",
    as_json: JsonOption = False,
    report: ReportOption = None,
) -> None:
    from zhike.cli.analyze.scores import Asked, analyse_csat

    asked = Asked(data, sheet, column, weights, population, level)
    tell(lambda: analyse_csat(asked, scale, top), Wanted(as_json, report, (data,)))


@app.command("spc", help=_("Control chart of counts: columns sample, x, size."))
def spc_command(
    data: DataArgument,
    chart: Annotated[
        str, typer.Option("--chart", metavar="p|np|c|u|g", help=_("Which chart."))
    ] = "p",
    rules: Annotated[
        str, typer.Option("--rules", metavar="western|nelson", help=_("Which rules flag a point."))
    ] = "western",
    center: Annotated[
        float | None,
        typer.Option(
            "--center", help=_("A known centre; else from the points."), show_default=False
        ),
    ] = None,
    without: Annotated[
        str,
        typer.Option(
            "--without",
            metavar="15,23",
            help=_("Points whose cause is known: left out of the centre, by position from 1."),
        ),
    ] = "",
    sheet: SheetOption = "",
    as_json: JsonOption = False,
    report: ReportOption = None,
) -> None:
    from zhike.cli.analyze.spc import analyse_spc

    tell(
        lambda: analyse_spc(data, sheet, chart, rules, center, without),
        Wanted(as_json, report, (data,)),
    )


@app.command("staffing", help=_("How many agents a telephone line needs (Erlang C, Erlang A)."))
def staffing_command(
    calls: Annotated[float, typer.Option("--calls", help=_("Calls per interval."))],
    aht: Annotated[
        str, typer.Option("--aht", help=_("Handling time of a call: seconds, or 3m."))
    ],
    interval: Annotated[
        str, typer.Option("--interval", help=_("The interval: 30m, 1h, or seconds."))
    ] = "30m",
    target: Annotated[
        str, typer.Option("--target", help=_("Share to be answered in time: .8 or 80%."))
    ] = ".8",
    within: Annotated[
        str, typer.Option("--within", help=_("What in time is: seconds, or 1m."))
    ] = "20",
    patience: Annotated[
        str,
        typer.Option("--patience", help=_("How long callers wait on average before giving up.")),
    ] = "",
    shrinkage: Annotated[
        str, typer.Option("--shrinkage", help=_("Share of paid time away from the telephone."))
    ] = "0",
    most_occupied: Annotated[
        str, typer.Option("--most-occupied", help=_("Largest share of time agents may talk."))
    ] = "1",
    agents: Annotated[
        int | None,
        typer.Option(
            "--agents", help=_("What so many achieve, instead of how many it takes."),
            show_default=False,
        ),
    ] = None,
    as_json: JsonOption = False,
    report: ReportOption = None,
) -> None:  # fmt: skip
    from zhike.cli.analyze.staffing import Line, analyse_staffing

    def analyse() -> "Finding":
        line = Line.read(calls, interval, aht, within, patience, shrinkage)
        return analyse_staffing(line, target, most_occupied, agents)

    tell(analyse, Wanted(as_json, report))


@app.command("pls", help=_("Path model of blocks of questions (PLS), with index and bootstrap."))
def pls_command(
    model: ModelArgument,
    data: DataArgument,
    scheme: Annotated[
        str,
        typer.Option("--scheme", metavar="path|factorial|centroid", help=_("Inner scheme.")),
    ] = "path",
    items: Annotated[
        str,
        typer.Option("--items", metavar="standardised|centered", help=_("How items enter.")),
    ] = "standardised",
    plsc: Annotated[
        bool, typer.Option("--plsc", help=_("Consistent PLS: corrected for unreliability."))
    ] = False,
    resamples: Annotated[
        int, typer.Option("--bootstrap", metavar="N", help=_("Resamples; 0 for none."))
    ] = 0,
    seed: Annotated[
        int, typer.Option("--seed", help=_("The same seed gives the same bootstrap everywhere."))
    ] = 1,
    missing: Annotated[
        str,
        typer.Option(
            "--missing", metavar="mean|listwise", help=_("What stands for a missing answer.")
        ),
    ] = "mean",
    sheet: SheetOption = "",
    as_json: JsonOption = False,
    report: ReportOption = None,
) -> None:
    from zhike.cli.analyze.pls import Chosen, analyse_pls

    chosen = Chosen(scheme, items, plsc, missing, resamples, seed)
    tell(
        lambda: analyse_pls(model, data, sheet, chosen),
        Wanted(as_json, report, (model, data)),
    )


@app.command("reliability", help=_("Alpha, rho_C, AVE, HTMT, KMO and Bartlett's test of blocks."))
def reliability_command(
    model: ModelArgument,
    data: DataArgument,
    sheet: SheetOption = "",
    as_json: JsonOption = False,
    report: ReportOption = None,
) -> None:
    from zhike.cli.analyze.reliability import analyse_reliability

    tell(lambda: analyse_reliability(model, data, sheet), Wanted(as_json, report, (model, data)))


@app.command("weights", help=_("What each item counts: by components, entropy, or pairs."))
def weights_command(
    data: DataArgument,
    method: Annotated[
        str, typer.Option("--method", metavar="pca|entropy|ahp", help=_("How they are found."))
    ],
    columns: Annotated[
        str, typer.Option("--columns", metavar="A,B", help=_("These columns only; else all."))
    ] = "",
    components: Annotated[
        int | None,
        typer.Option(
            "--components", help=_("pca: keep so many, not those above 1."), show_default=False
        ),
    ] = None,
    normalisation: Annotated[
        str,
        typer.Option(
            "--normalisation",
            metavar="min-max|shifted|sum",
            help=_("entropy: how columns compare."),
        ),
    ] = "min-max",
    costs: Annotated[
        str,
        typer.Option("--costs", metavar="A,B", help=_("entropy: columns where less is better.")),
    ] = "",
    priorities: Annotated[
        str,
        typer.Option(
            "--priorities", metavar="eigenvector|geometric", help=_("ahp: how pairs are joined.")
        ),
    ] = "eigenvector",
    sheet: SheetOption = "",
    as_json: JsonOption = False,
    report: ReportOption = None,
) -> None:
    from zhike.cli.analyze.weights import Asked, analyse_weights

    asked = Asked(data, sheet, columns, components, normalisation, costs, priorities)
    tell(lambda: analyse_weights(method, asked), Wanted(as_json, report, (data,)))


app.add_typer(customer_commands.app)
