"""`zhike migrate`: bring database and page assets up to this version, as `zhike serve` does by itself."""

import os

import typer

from zhike.cli.options import DataOption
from zhike.cli.prepare import collect
from zhike.cli.prepare import migrate as bring_up_to_date
from zhike.cli.program import load, writing
from zhike.cli.texts import gettext as _


def migrate(data: DataOption = None) -> None:
    """Bring the database up to this version."""
    if os.environ.get("ZHIKE_DEBUG") != "1":
        os.environ["ZHIKE_COLLECTED"] = "1"
    with writing(load()):
        changed = bring_up_to_date()
        collect()
    typer.echo(_("The database is up to date.") if not changed else _("Done."))
