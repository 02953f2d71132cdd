"""`zhike keys`: the wrapping keys of the ring, turned while the program runs."""

import typer

from zhike.cli.options import DataOption
from zhike.cli.program import load, stop, writing
from zhike.cli.texts import gettext as _

app = typer.Typer(help=_("The keys personal data are sealed with."), no_args_is_help=True)


@app.callback()
def keys() -> None:
    """The keys personal data are sealed with."""


@app.command(help=_("Show each wrapping key and how many people's keys need it."))
def status(data: DataOption = None) -> None:
    load()
    from zhike.core.sealing import turning

    for one in turning.status():
        words = (
            _("{name}: {people} keys of people, in use for new ones")
            if one.is_current
            else _("{name}: {people} keys of people, to be wrapped anew")
        )
        typer.echo(words.format(name=one.id, people=one.people))
    _say_what_next(turning.left(), len(turning.status()))


@app.command(help=_("Take a new wrapping key, and wrap every person's key with it."))
def rotate(data: DataOption = None) -> None:
    with writing(load()):
        from zhike.core.sealing import turning

        name = turning.begin_turn()
        typer.echo(_("New keys are wrapped with {name} from now on.").format(name=name))
        try:
            done = turning.wrap_anew()
        except KeyboardInterrupt:
            stop(_("Stopped. Run `zhike keys rotate` again: it goes on where it was."), 130)
        typer.echo(_("{count} keys of people are wrapped anew.").format(count=done))
        typer.echo(
            _(
                "Make a backup now. Then, ten minutes from now or later: zhike keys retire. "
                "Backups made before still need the old keys: the file of keys you name with "
                "--keys keeps both."
            )
        )


@app.command(help=_("Drop the wrapping keys nothing needs any more."))
def retire(data: DataOption = None) -> None:
    with writing(load()):
        from zhike.core.sealing import turning

        try:
            gone = turning.retire()
        except turning.NotYet as why:
            if why.people:
                stop(
                    _(
                        "{count} keys of people still need an old wrapping key. "
                        "Run: zhike keys rotate"
                    ).format(count=why.people)
                )
            stop(
                _("The turn is too fresh. Try again in {minutes} minutes.").format(
                    minutes=why.minutes
                )
            )
    if not gone:
        typer.echo(_("There is only one wrapping key, so nothing to drop."))
        return
    typer.echo(_("Dropped: {names}.").format(names=", ".join(gone)))
    typer.echo(
        _(
            "Backups made before need them still: keep the file of keys that was saved with "
            "those backups as long as the backups."
        )
    )


def _say_what_next(left: int, wrappings: int) -> None:
    if left:
        typer.echo(_("A turn is not ended. Run: zhike keys rotate"))
    elif wrappings > 1:
        typer.echo(_("Nothing needs the old keys any more. Run: zhike keys retire"))
