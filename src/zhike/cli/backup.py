"""`zhike backup`: database and stored files in one archive, the keys in a second file."""

import signal
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from zhike.cli.backup_problems import sentence_of
from zhike.cli.options import DataOption
from zhike.cli.program import load, stop, writing
from zhike.cli.texts import gettext as _
from zhike.core.backup.problems import BackupProblem

KeysOption = Annotated[
    Path | None,
    typer.Option(
        "--keys",
        metavar="FILE",
        help=_("The file of the keys. Otherwise the archive's name with “.keys” behind it."),
        show_default=False,
    ),
]


def keys_beside(archive: Path) -> Path:
    return archive.with_name(archive.name + ".keys")


def backup(
    file: Annotated[Path, typer.Argument(help=_("The archive to write; it must not exist yet."))],
    keys: KeysOption = None,
    data: DataOption = None,
) -> None:
    """Save database, files and keys while the program runs."""
    # Told to stop, it must still take away what it has begun.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    target = file.absolute()
    with writing(load()):
        from django.db import DatabaseError

        from zhike.core.backup.saving import save

        try:
            saved = save(target, (keys or keys_beside(target)).absolute())
        except BackupProblem as problem:
            stop(sentence_of(problem))
        except DatabaseError as error:
            stop(_("The database cannot be used: {why}").format(why=str(error).strip()))
        except KeyboardInterrupt:
            stop(_("Stopped. Nothing was kept."), 130)
    size = 0.0
    with suppress(OSError):
        size = target.stat().st_size / 1_000_000
    typer.echo(
        _("{file}: {tables} tables with {rows} rows, {files} files, {size} MB.").format(
            file=saved.path,
            tables=len(saved.manifest.tables),
            rows=saved.rows,
            files=saved.manifest.files,
            size=f"{size:.1f}",
        )
    )
    typer.echo(
        _("The keys are NOT in it. They are in {keys}: keep that file in another place.").format(
            keys=saved.keys
        )
    )
    typer.echo(
        _(
            "Without the keys nobody can read phone numbers, ID numbers and addresses again, "
            "you included; with both files anybody can."
        )
    )
    if saved.missing:
        stop(
            _("{count} stored files are missing or damaged, so they are not in it: {names}").format(
                count=len(saved.missing), names=", ".join(saved.missing[:5])
            )
        )
