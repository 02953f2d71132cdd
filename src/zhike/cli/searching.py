"""`zhike search`: what the search box finds, on the terminal."""

from typing import Annotated

import typer

from zhike.cli.options import DataOption
from zhike.cli.program import load, stop
from zhike.cli.texts import gettext as _
from zhike.cli.texts import screen_language

SHOWN = 20


def search(
    word: Annotated[str, typer.Argument(help=_("The word or words; each must occur."))],
    kind: Annotated[
        str | None, typer.Option(help=_("customer, case, message or feedback; otherwise all."))
    ] = None,
    count: Annotated[
        bool, typer.Option("--count", help=_("Print only how many there are."))
    ] = False,
    data: DataOption = None,
) -> None:
    """Find every word in customers, cases, messages and feedback."""
    load()
    from django.utils import translation

    from zhike.core import access
    from zhike.core.search import terms
    from zhike.core.search.kinds import kinds_for

    translation.activate(screen_language())
    grants = access.everything("zhike search")
    kinds = kinds_for(grants)
    if kind is not None:
        kinds = [one for one in kinds if one.key == kind]
        if not kinds:
            known = ", ".join(one.key for one in kinds_for(grants))
            stop(_("There is no kind “{kind}”. Known: {known}.").format(kind=kind, known=known), 2)
    if not terms(word):
        stop(_("Please give a word to look for."), 2)
    if count:
        typer.echo(sum(one.count(grants, word) for one in kinds))
        return
    for one in kinds:
        hits = one.find(grants, word, SHOWN, None).newest
        if not hits:
            continue
        total = one.count(grants, word)
        typer.echo(_("{label}: {total}").format(label=one.label, total=total))
        for hit in hits:
            parts = [part for part in (hit.number, hit.title, hit.excerpt) if part]
            typer.echo("  " + "  ".join(parts))
