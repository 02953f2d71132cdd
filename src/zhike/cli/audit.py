"""`zhike audit`: is the log as it was written?"""

from typing import Annotated

import typer

from zhike.cli.options import DataOption
from zhike.cli.program import load
from zhike.cli.texts import gettext as _

app = typer.Typer(help=_("The audit log."), no_args_is_help=True)


@app.callback()
def audit() -> None:
    """The audit log."""


@app.command(help=_("Read the whole chain; name the first row that was tampered with."))
def verify(
    head: Annotated[
        str, typer.Option(help=_("A head noted earlier, which the chain must still hold."))
    ] = "",
    data: DataOption = None,
) -> None:
    load()
    from zhike.core import audit_chain
    from zhike.web.audit_faults import sentence_of

    verdict = audit_chain.verify(head)
    typer.echo(_("{rows} rows sealed, head {head}").format(rows=verdict.rows, head=verdict.head))
    if verdict.fault is not None:
        typer.echo(sentence_of(verdict.fault, verdict.fault_row))
        raise typer.Exit(1)
    typer.echo(_("The log is whole."))
