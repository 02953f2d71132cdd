"""`zhike restore`: a backup into an empty place. Django is loaded by processes it starts later."""

import os
import signal
from pathlib import Path
from typing import Annotated

import typer

from zhike.cli.backup import KeysOption, keys_beside
from zhike.cli.backup_problems import sentence_of
from zhike.cli.options import DataOption
from zhike.cli.program import child_environment, stop
from zhike.cli.texts import gettext as _
from zhike.core.backup.problems import BackupProblem
from zhike.core.backup.restoring import Restored
from zhike.core.backup.restoring import restore as bring_back
from zhike.core.database import database_settings
from zhike.core.datafolder import data_folder


def restore(
    file: Annotated[Path, typer.Argument(help=_("An archive that `zhike backup` wrote."))],
    keys: KeysOption = None,
    erasures: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FILE",
            help=_(
                "A list of erasures, such as keys/erasures.jsonl of the old data folder, beside "
                "the one that lies by the keys. May be given several times."
            ),
            show_default=False,
        ),
    ] = None,
    data: DataOption = None,
) -> None:
    """Bring a backup back into an empty data folder and database."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    folder, source = data_folder(), file.absolute()
    try:
        database = database_settings(os.environ.get("ZHIKE_DATABASE_URL", ""), folder)
        done = bring_back(
            source,
            (keys or keys_beside(source)).absolute(),
            folder,
            database,
            child_environment(),
            erasures=[path.absolute() for path in erasures or []],
            checked=lambda: typer.echo(_("The backup is whole and the keys fit. Restoring …")),
        )
    except BackupProblem as problem:
        stop(sentence_of(problem))
    except ValueError as error:
        # The database URL cannot be read.
        stop(str(error))
    except KeyboardInterrupt:
        stop(_("Stopped. Nothing was kept."), 130)
    typer.echo(
        _("Restored into {folder}: {tables} tables with {rows} rows, {files} files.").format(
            folder=done.folder,
            tables=len(done.manifest.tables),
            rows=done.rows,
            files=done.manifest.files,
        )
    )
    typer.echo(
        _("This is how things stood at {moment} (UTC).").format(
            moment=done.manifest.made_at[:19].replace("T", " ")
        )
    )
    typer.echo(_of_erasures(done))


def _of_erasures(done: Restored) -> str:
    """Whether those erased since the backup are erased again."""
    if not done.lists:
        return _(
            "No list of erasures was found beside the keys: whoever was erased after that moment "
            "is back. Erase them again before anybody works, or restore anew with --erasures."
        )
    if done.erased:
        return _("{count} customers erased after that moment were erased again.").format(
            count=done.erased
        )
    return _("Nobody noted as erased was in this backup.")
