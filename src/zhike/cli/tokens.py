"""`zhike token create`: a bearer token for the API, printed once."""

from typing import Annotated

import typer

from zhike.cli.options import DataOption
from zhike.cli.program import load, stop, writing
from zhike.cli.texts import gettext as _

app = typer.Typer(help=_("Bearer tokens of the API."), no_args_is_help=True)


@app.callback()
def tokens() -> None:
    """Bearer tokens of the API."""


@app.command(help=_("Make a token that acts as a member of staff, and print it once."))
def create(
    staff_number: Annotated[str, typer.Argument(help=_("Staff number of whom it acts as."))],
    label: Annotated[str, typer.Option(help=_("What it is for."))] = "zhike token create",
    read_only: Annotated[bool, typer.Option("--read-only", help=_("May not write."))] = False,
    days: Annotated[int, typer.Option(help=_("How long it is valid."))] = 365,
    data: DataOption = None,
) -> None:
    folder = load()
    from zhike.accounts.models import User
    from zhike.accounts.models.users import normal_staff_number
    from zhike.accounts.services.tokens import create_token
    from zhike.core import access
    from zhike.core.errors import RuleError
    from zhike.core.work import Actor

    number = normal_staff_number(staff_number)
    user = User.objects.filter(staff_number=number, is_active=True).first()
    if user is None:
        stop(_("Nobody with the staff number {number} may sign in.").format(number=number), 2)
    try:
        with writing(folder):
            _row, text = create_token(
                actor=Actor.system("zhike token", via="cli"),
                grants=access.everything("zhike token"),
                user=user,
                label=label,
                scopes=["read"] if read_only else ["read", "write"],
                days=days,
            )
    except RuleError as error:
        stop(str(error), 2)
    typer.echo(text)
