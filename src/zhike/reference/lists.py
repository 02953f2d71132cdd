"""The register as a list page: values of one measure stand one under the other."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from zhike.core.listing.filters import Keyword
from zhike.core.listing.listing import Listing
from zhike.core.listing.parts import Column, Sort, Tab
from zhike.reference.selectors import contested, holding

VALUES = Listing(
    "reference",
    columns=(
        Column("measure", _("What is measured"), always=True, sort="place"),
        Column("value", pgettext_lazy("register", "Figure"), always=True, number=True),
        Column("base", _("Base")),
        Column("said_by", _("Who says so")),
        Column("source", _("Where it stands"), shown=False),
        Column("note", _("Note")),
        Column("state", _("State"), shown=False),
    ),
    tabs=(
        Tab("use", _("In use"), lambda rows: rows.filter(ended_at__isnull=True)),
        Tab("contested", _("Several say otherwise"), contested),
        Tab(
            "ended",
            pgettext_lazy("value", "Ended"),
            lambda rows: rows.filter(ended_at__isnull=False),
        ),
    ),
    filters=(Keyword("q", _("Words, figure, who says so"), holding),),
    sorts=(Sort("place", "place"), Sort("added", "id")),
    default_sort="place",
)
