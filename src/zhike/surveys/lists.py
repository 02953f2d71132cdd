"""The list of questionnaires."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from zhike.accounts.selectors import reachable_units
from zhike.core.access import Grants
from zhike.core.listing.filters import Choice, DateRange, Keyword
from zhike.core.listing.listing import Listing
from zhike.core.listing.parts import Column, Rows, Sort, Tab
from zhike.surveys.choices import SurveyState


def _holding(rows: Rows, text: str) -> Rows:
    """All words of the search in the title; there are never so many questionnaires that it needs an index."""
    asked = Q()
    for word in text.split():
        asked &= Q(title__icontains=word)
    return rows.filter(asked)


def _units(grants: Grants) -> Iterable[tuple[Any, Any]]:
    return [(unit.pk, unit.name) for unit in reachable_units(grants)]


def _in_state(state: SurveyState) -> Tab:
    return Tab(state.value, state.label, lambda rows: rows.filter(state=state))


SURVEYS = Listing(
    "surveys",
    columns=(
        Column("title", _("Questionnaire"), always=True),
        Column("state", _("State")),
        Column("version", _("Version"), number=True),
        Column("answers", pgettext_lazy("questionnaire", "Answers"), number=True),
        Column("unit", _("Unit")),
        Column("made_by", _("Made by"), shown=False),
        Column("changed", _("Changed"), sort="changed", number=True),
    ),
    tabs=(
        Tab("all", _("All")),
        _in_state(SurveyState.OPEN),
        _in_state(SurveyState.DRAFT),
        _in_state(SurveyState.CLOSED),
    ),
    filters=(
        Keyword("q", _("Words of the title"), _holding),
        DateRange("changed", _("Changed"), field="changed_at"),
        Choice("unit", _("Unit"), _units, field="unit_id"),
    ),
    sorts=(Sort("changed", "changed_at"),),
    default_sort="-changed",
)
