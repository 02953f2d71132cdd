"""Options that every command shares."""

import os
from pathlib import Path
from typing import Annotated

import typer

from zhike.cli.texts import gettext as _


def _use_data_folder(folder: Path | None) -> Path | None:
    # Before Django reads its settings, and for every process this command starts.
    if folder is not None:
        os.environ["ZHIKE_DATA"] = str(folder.expanduser().resolve())
    return folder


DataOption = Annotated[
    Path | None,
    typer.Option(
        "--data",
        metavar="DIR",
        callback=_use_data_folder,
        is_eager=True,
        help=_(
            "The data folder. Otherwise ZHIKE_DATA, ./var in a checkout, or your own data folder."
        ),
        show_default=False,
    ),
]
