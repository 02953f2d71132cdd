"""The list of customers' words."""

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from zhike.core.listing.filters import Choice, DateRange, Flag, Keyword
from zhike.core.listing.listing import Listing
from zhike.core.listing.parts import Column, Rows, Sort, Tab
from zhike.customers.segments import segment_choice
from zhike.listening.choices import FeedbackState
from zhike.listening.rules import HIGH_RATIO, LOW_RATIO
from zhike.listening.selectors import holding, sources

RATINGS = (
    ("low", _("Low rating")),
    ("middle", _("Middle rating")),
    ("high", _("High rating")),
    ("none", _("Without a rating")),
)


def _by_rating(rows: Rows, chosen: list[str]) -> Rows:
    """Thirds of each rating's own scale, so that 0-1, 1-5 and 1-10 stand beside one another."""
    conditions = {
        "low": Q(rating_ratio__lt=LOW_RATIO),
        "middle": Q(rating_ratio__gte=LOW_RATIO, rating_ratio__lt=HIGH_RATIO),
        "high": Q(rating_ratio__gte=HIGH_RATIO),
        "none": Q(rating_ratio__isnull=True),
    }
    asked = Q()
    for key in chosen:
        asked |= conditions[key]
    return rows.filter(asked)


FEEDBACK = Listing(
    "feedback",
    columns=(
        Column("text", _("Customer's words"), always=True),
        Column("rating", _("Rating")),
        Column("source", _("Source")),
        Column("customer", _("Customer")),
        Column("case", _("Case")),
        Column("said", _("Day"), sort="said", number=True),
    ),
    tabs=(
        Tab("all", _("All")),
        Tab("heard", FeedbackState.HEARD.label, lambda rows: rows.filter(case__isnull=True)),
        Tab("case", FeedbackState.CASE.label, lambda rows: rows.filter(case__isnull=False)),
    ),
    filters=(
        Keyword("q", _("Words, source"), holding),
        DateRange("said", _("Day"), field="said_on"),
        Choice("rating", _("Rating"), RATINGS, narrow=_by_rating, multiple=True),
        Choice("source", _("Source"), sources, field="source"),
        segment_choice("customer"),
        Flag(
            "anonymous",
            _("Customer unknown"),
            lambda rows: rows.filter(customer__isnull=True),
            more=True,
        ),
    ),
    sorts=(Sort("said", "said_on"), Sort("added", "id")),
    default_sort="-said",
)
