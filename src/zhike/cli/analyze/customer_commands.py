"""The commands of `zhike analyze` about gaps and customers; imported for the table of commands."""

from pathlib import Path
from typing import Annotated

import typer

from zhike.cli.analyze.options import DataArgument, JsonOption, ReportOption, SheetOption
from zhike.cli.analyze.telling import Wanted, tell
from zhike.cli.texts import gettext as _

app = typer.Typer()

CustomerOption = Annotated[str, typer.Option("--customer", help=_("Column of the customer."))]
DateOption = Annotated[str, typer.Option("--date", help=_("Column of the date."))]
AmountOption = Annotated[str, typer.Option("--amount", help=_("Column of the amount."))]
UntilOption = Annotated[
    str, typer.Option("--until", help=_("The last day observed; else the last in the file."))
]
PerCustomerOption = Annotated[
    Path | None,
    typer.Option(
        "--per-customer",
        metavar="FILE.csv",
        help=_("Write a row for each customer."),
        show_default=False,
    ),
]


@app.command("servqual", help=_("Gaps between expectation and perception: E1–E22, P1–P22."))
def servqual_command(
    data: DataArgument,
    scale: Annotated[
        str, typer.Option("--scale", help=_("Lowest and highest answer, such as 1-7."))
    ] = "1-7",
    points_rule: Annotated[
        str,
        typer.Option(
            "--points-rule",
            metavar="refuse|rescale",
            help=_("What becomes of points that do not sum to 100."),
        ),
    ] = "refuse",
    missing: Annotated[
        str,
        typer.Option(
            "--missing", metavar="pairs|listwise", help=_("Who counts where answers are missing.")
        ),
    ] = "pairs",
    sheet: SheetOption = "",
    as_json: JsonOption = False,
    report: ReportOption = None,
) -> None:
    from zhike.cli.analyze.servqual import analyse_servqual

    tell(
        lambda: analyse_servqual(data, sheet, scale, points_rule, missing),
        Wanted(as_json, report, (data,)),
    )


@app.command("ipa", help=_("What matters against how well it is done."))
def ipa_command(
    data: DataArgument,
    scale: Annotated[
        str, typer.Option("--scale", help=_("Lowest and highest answer, such as 1-5."))
    ] = "",
    importance_scale: Annotated[
        str, typer.Option("--importance-scale", help=_("Of importance, where it is another."))
    ] = "",
    outcome: Annotated[
        str,
        typer.Option(
            "--outcome", help=_("Column of overall satisfaction: importance is derived from it.")
        ),
    ] = "",
    derived: Annotated[
        str,
        typer.Option("--derived", metavar="correlation|coefficient", help=_("How it is derived.")),
    ] = "correlation",
    crosshair: Annotated[
        str,
        typer.Option("--crosshair", metavar="means|midpoints", help=_("Where the lines cross.")),
    ] = "means",
    lines: Annotated[
        str,
        typer.Option("--lines", metavar="I,P", help=_("The lines themselves, such as 4.2,3.9.")),
    ] = "",
    sheet: SheetOption = "",
    as_json: JsonOption = False,
    report: ReportOption = None,
) -> None:
    from zhike.cli.analyze.ipa import Asked, analyse_ipa

    asked = Asked(data, sheet, scale, importance_scale, outcome, derived, crosshair, lines)
    tell(lambda: analyse_ipa(asked), Wanted(as_json, report, (data,)))


@app.command("clv", help=_("Who is still a customer and what they are worth (BG/NBD)."))
def clv_command(
    data: DataArgument,
    customer: CustomerOption = "customer",
    date: DateOption = "date",
    amount: AmountOption = "amount",
    until: UntilOption = "",
    unit: Annotated[
        str, typer.Option("--unit", metavar="day|week|month|year", help=_("Unit of time."))
    ] = "week",
    model: Annotated[
        str, typer.Option("--model", metavar="bg|mbg", help=_("BG/NBD or MBG/NBD."))
    ] = "bg",
    per_customer: PerCustomerOption = None,
    sheet: SheetOption = "",
    as_json: JsonOption = False,
    report: ReportOption = None,
) -> None:
    from zhike.cli.analyze.clv import analyse_clv
    from zhike.cli.analyze.purchases_file import Asked

    asked = Asked(data, sheet, customer, date, amount, until, per_customer)
    tell(lambda: analyse_clv(asked, unit, model), Wanted(as_json, report, (data,)))


@app.command("rfm", help=_("How recently, how often and for how much customers bought."))
def rfm_command(
    data: DataArgument,
    customer: CustomerOption = "customer",
    date: DateOption = "date",
    amount: AmountOption = "amount",
    until: UntilOption = "",
    counting: Annotated[
        str,
        typer.Option("--counting", metavar="transactions|days", help=_("What frequency counts.")),
    ] = "transactions",
    per_customer: PerCustomerOption = None,
    sheet: SheetOption = "",
    as_json: JsonOption = False,
    report: ReportOption = None,
) -> None:
    from zhike.cli.analyze.purchases_file import Asked
    from zhike.cli.analyze.rfm import analyse_rfm

    asked = Asked(data, sheet, customer, date, amount, until, per_customer)
    tell(lambda: analyse_rfm(asked, counting), Wanted(as_json, report, (data,)))
