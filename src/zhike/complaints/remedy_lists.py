"""The ledger of remedies and the list of approvals."""

from django.db.models import Q
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from zhike.accounts.selectors import reachable_units
from zhike.complaints.choices import ApprovalKind, ApprovalState, RemedyKind, RemedyState
from zhike.complaints.selectors.remedies import MOST_COUNTED
from zhike.core.access import Grants
from zhike.core.listing import Choice, Column, DateRange, Keyword, Listing, Rows, Sort, Tab
from zhike.customers.segments import segment_choice

DECIDED = "decided"


def _unit_options(grants: Grants) -> list[tuple[str, str]]:
    return [(str(unit.pk), unit.name) for unit in reachable_units(grants)]


def _holding(rows: Rows, text: str) -> Rows:
    """The number of a case, the name of a customer or of whoever proposed it, a word of the remedy."""
    return rows.filter(
        Q(case__number=text.upper())
        | Q(case__customer_name__icontains=text)
        | Q(proposed_by_name__icontains=text)
        | Q(text__icontains=text)
    )


def _asked_holding(rows: Rows, text: str) -> Rows:
    return rows.filter(
        Q(case__number=text.upper())
        | Q(case__customer_name__icontains=text)
        | Q(asked_by_name__icontains=text)
        | Q(why__icontains=text)
    )


def _state_tab(state: RemedyState) -> Tab:
    return Tab(state.value, state.label, lambda rows: rows.filter(state=state))


REMEDIES = Listing(
    "remedies",
    columns=(
        Column("what", _("Remedy"), always=True),
        Column("case", pgettext_lazy("queue", "Case")),
        Column("state", _("State")),
        Column("amount", _("Amount"), sort="amount", number=True),
        Column("cost", _("Cost"), sort="cost", number=True),
        Column("by", _("Proposed by")),
        Column("unit", _("Unit"), shown=False),
        Column("proposed", _("Proposed"), sort="proposed", number=True, shown=False),
        Column("done", _("Carried out"), sort="done", number=True),
    ),
    tabs=(
        Tab("all", _("All")),
        _state_tab(RemedyState.FOR_APPROVAL),
        _state_tab(RemedyState.APPROVED),
        _state_tab(RemedyState.CARRIED_OUT),
    ),
    filters=(
        Keyword("q", _("Case, customer, person, words"), _holding),
        DateRange("done", _("Carried out"), field="carried_out_at"),
        Choice("kind", _("Remedy"), RemedyKind.choices, field="kind", multiple=True),
        Choice("unit", _("Unit"), _unit_options, field="case_unit_id"),
        DateRange("proposed", _("Proposed"), field="proposed_at", more=True),
        segment_choice("case__customer"),
        Choice("state", _("State"), RemedyState.choices, field="state", multiple=True, more=True),
    ),
    sorts=(
        Sort("proposed", "id"),
        Sort("done", "carried_out_at", nullable=True),
        Sort("amount", "amount_cents"),
        Sort("cost", "cost_cents", nullable=True),
    ),
    default_sort="-proposed",
    count_cap=MOST_COUNTED,
)


def _approvals(default_sort: str) -> Listing:
    return Listing(
        "approvals",
        columns=(
            Column("what", pgettext_lazy("approval", "What is asked"), always=True),
            Column("amount", _("Amount"), number=True),
            Column("limit", _("All of the case / limit"), number=True),
            Column("why", _("Why")),
            Column("case", pgettext_lazy("queue", "Case")),
            Column("by", _("Asked by")),
            Column("asked", _("Asked"), sort="asked", number=True),
            Column("decision", _("Decision"), always=True),
        ),
        tabs=(
            Tab(
                "open",
                pgettext_lazy("approvals", "To decide"),
                lambda rows: rows.filter(state=ApprovalState.OPEN),
            ),
            Tab(
                DECIDED,
                pgettext_lazy("approvals", "Decided"),
                lambda rows: rows.exclude(state=ApprovalState.OPEN),
            ),
        ),
        filters=(
            Keyword("q", _("Case, customer, person, words"), _asked_holding),
            DateRange("asked", _("Asked"), field="asked_at"),
            Choice(
                "kind",
                pgettext_lazy("approval", "What is asked"),
                ApprovalKind.choices,
                field="kind",
            ),
            Choice("unit", _("Unit"), _unit_options, field="case_unit_id"),
        ),
        sorts=(Sort("asked", "id"),),
        default_sort=default_sort,
        count_cap=MOST_COUNTED,
    )


# Who waits longest comes first; what is decided is read from its end.
TO_DECIDE = _approvals("asked")
ARE_DECIDED = _approvals("-asked")


def approvals_listing(request: HttpRequest) -> Listing:
    return ARE_DECIDED if request.GET.get("tab") == DECIDED else TO_DECIDE
