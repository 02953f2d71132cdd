"""`zhike unlock`: the way back in when the only administrator is locked out."""

from typing import Annotated

import typer

from zhike.cli.options import DataOption
from zhike.cli.program import load, stop, writing
from zhike.cli.texts import gettext as _


def unlock(
    staff_number: Annotated[str, typer.Argument(help=_("Staff number of who is locked out."))],
    second_step: Annotated[
        bool,
        typer.Option("--second-step", help=_("Take their second step off too; the phone is lost.")),
    ] = False,
    data: DataOption = None,
) -> None:
    folder = load()
    from zhike.accounts.models import Attempt, User
    from zhike.accounts.models.users import normal_staff_number
    from zhike.accounts.services import attempts, second_factor
    from zhike.core import access
    from zhike.core.work import Actor

    number = normal_staff_number(staff_number)
    user = User.objects.filter(staff_number=number, is_active=True).first()
    if user is None:
        stop(_("Nobody with the staff number {number} may sign in.").format(number=number), 2)
    actor = Actor.system("zhike unlock", via="cli")
    grants = access.everything("zhike unlock")
    held = Attempt.objects.filter(kind=Attempt.Kind.ACCOUNT, what=number).first()
    with writing(folder):
        if held is not None:
            attempts.unlock(actor=actor, grants=grants, attempt_id=held.pk)
        if second_step and second_factor.is_on(user):
            second_factor.reset(actor=actor, grants=grants, user=user)
    typer.echo(_("{number} can sign in again.").format(number=number))
