"""`zhike version`."""

import typer

from zhike import __version__
from zhike.cli.options import DataOption
from zhike.core.datafolder import data_folder


def version(data: DataOption = None) -> None:
    """Show the version and the data folder."""
    typer.echo(f"Zhike {__version__}")
    typer.echo(data_folder())
