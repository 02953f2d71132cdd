"""The list of indicator systems."""

from django.utils.translation import gettext_lazy as _

from zhike.core.listing.filters import Keyword
from zhike.core.listing.listing import Listing
from zhike.core.listing.parts import Column, Rows, Sort, Tab


def _holding(rows: Rows, text: str) -> Rows:
    for word in text.split():
        rows = rows.filter(title__icontains=word)
    return rows


SYSTEMS = Listing(
    "indicator-systems",
    columns=(
        Column("title", _("Indicator system"), always=True),
        Column("index", _("Last index"), number=True),
        Column("survey", _("Questionnaire")),
        Column("unit", _("Unit")),
        Column("changed", _("Changed"), sort="changed"),
    ),
    tabs=(Tab("all", _("All")),),
    filters=(Keyword("q", _("Words of the title"), _holding),),
    sorts=(Sort("changed", "changed_at"),),
    default_sort="-changed",
)
