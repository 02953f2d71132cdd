"""The list of phrases as a list page."""

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from zhike.core.listing.filters import Choice, Keyword
from zhike.core.listing.listing import Listing
from zhike.core.listing.parts import Column, Rows, Sort, Tab
from zhike.desk.data.phrases import FAMILIES
from zhike.desk.models.phrases import KINDS, Phrase
from zhike.desk.phrases import Finder, PhraseKind, Place

OWN = "own"
ORIGINS = (*((key, family.label) for key, family in FAMILIES.items()), (OWN, _("Of our own")))


def _holding(rows: Rows, text: str) -> Rows:
    """Phrases with these signs in them, and those that would be found in the text."""
    found = [hit.entry.id for hit in _everything(rows).find(text, Place.OUTGOING)]
    plain = Q(pattern__icontains=text) | Q(better__icontains=text) | Q(why__icontains=text)
    return rows.filter(plain | Q(pk__in=found))


def _everything(rows: Rows) -> Finder:
    return Finder(phrase.entry() for phrase in Phrase.objects.filter(pk__in=rows.values("pk")))


def _of_origins(rows: Rows, chosen: list[str]) -> Rows:
    return rows.filter(family__in=["" if one == OWN else one for one in chosen])


PHRASES = Listing(
    "phrases",
    columns=(
        Column("pattern", _("Phrase"), always=True),
        Column("kind", _("Kind")),
        Column("why", _("Why not")),
        Column("better", _("Better")),
        Column("exceptions", _("Harmless in"), shown=False),
        Column("state", _("State")),
        Column("do", _("Do"), always=True, number=True),
    ),
    tabs=(
        Tab("all", _("All")),
        Tab("forbidden", KINDS[0][1], lambda rows: rows.filter(kind=PhraseKind.FORBIDDEN)),
        Tab("label", KINDS[1][1], lambda rows: rows.filter(kind=PhraseKind.LABEL)),
        Tab("off", _("Switched off"), lambda rows: rows.filter(is_active=False)),
    ),
    filters=(
        Keyword("q", _("Words, or a sentence"), _holding),
        Choice("origin", _("Family"), ORIGINS, narrow=_of_origins, multiple=True),
    ),
    sorts=(Sort("added", "id"),),
    default_sort="added",
)
