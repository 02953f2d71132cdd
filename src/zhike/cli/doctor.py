"""`zhike doctor`: is this installation as it should be, and what is to be mended?"""

from typing import Annotated

import typer

from zhike.cli.doctor_words import sentences_of_findings
from zhike.cli.options import DataOption
from zhike.cli.program import load
from zhike.cli.texts import gettext as _


def doctor(
    data: DataOption = None,
    site: Annotated[
        str,
        typer.Option(
            metavar="URL", help=_("What browsers open, if it is another than ZHIKE_HOSTS tells.")
        ),
    ] = "",
) -> None:
    """Check this installation and say what to mend."""
    load()
    from zhike.core import checkup

    to_mend, sentences = 0, sentences_of_findings()
    for finding in checkup.findings(site.rstrip("/")):
        sentence = sentences[finding.said].format(**finding.values)
        mark = _("ok") if finding.is_good else _("mend")
        typer.echo(f"{mark}\t{sentence}")
        to_mend += not finding.is_good
    if to_mend:
        typer.echo(_("To be mended: {count}.").format(count=to_mend))
        raise typer.Exit(1)
    typer.echo(_("Everything is as it should be."))
