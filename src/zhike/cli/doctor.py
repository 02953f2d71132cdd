"""`zhike doctor`: is this installation as it should be, and what is to be mended?"""

from typing import TYPE_CHECKING, Annotated

import typer

from zhike.cli.doctor_words import sentences_of_findings
from zhike.cli.options import DataOption
from zhike.cli.program import load
from zhike.cli.texts import gettext as _

if TYPE_CHECKING:
    from zhike.core.checkup import Finding


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

    to_mend, to_come, sentences = 0, 0, sentences_of_findings()
    for finding in checkup.findings(site.rstrip("/")):
        sentence = sentences[finding.said].format(**finding.values)
        typer.echo(f"{_mark(finding)}\t{sentence}")
        to_come += finding.can_wait
        to_mend += not finding.is_good and not finding.can_wait
    if to_mend:
        typer.echo(_("To be mended: {count}.").format(count=to_mend))
        raise typer.Exit(1)
    if to_come:
        typer.echo(_("Nothing is to be mended; soon to be done: {count}.").format(count=to_come))
        return
    typer.echo(_("Everything is as it should be."))


def _mark(finding: "Finding") -> str:
    if finding.can_wait:
        return _("soon")
    return _("ok") if finding.is_good else _("mend")
