"""The list of complaints: by step, by what they wait for, archived."""

from typing import Any

from django.db.models import Count, Q
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from zhike.complaints.choices import SHORT_LABELS, Severity, Verdict
from zhike.complaints.models import Cause
from zhike.complaints.models.complaints import HELD, TO_ARCHIVE
from zhike.complaints.rules import BEFORE_CLOSING, Step
from zhike.complaints.selectors.causes import offered_causes
from zhike.complaints.selectors.scope import visible_complaints
from zhike.core import clock, counts
from zhike.core.access import Grants
from zhike.core.listing import Choice, Column, DateRange, Flag, Keyword, Listing, Rows, Sort, Tab
from zhike.core.search import matching
from zhike.customers.segments import segment_choice
from zhike.desk.case_types import COMPLAINT
from zhike.desk.models import Case
from zhike.desk.rules import ENDED, CaseState
from zhike.desk.services.handling import METRIC
from zhike.desk.views.queue_list import OwnerChoice as CaseOwnerChoice
from zhike.desk.views.queue_list import unit_options

UNDER_WAY = Q(case__closed_at__isnull=True)


def _by_words(rows: Rows, text: str) -> Rows:
    """A number typed whole, else words of number, subject or customer."""
    number = text.strip().upper()
    if number[:2].isalpha() and number[2:].isdigit() and len(number) > 10:
        return rows.filter(case__number=number)
    return rows.filter(case__in=matching(Case.objects.all(), text).values("pk"))


def cause_options(grants: Grants) -> list[tuple[str, Any]]:
    return offered_causes(grants.stamp)


def _by_cause(rows: Rows, chosen: list[str]) -> Rows:
    """A cause counts with everything below it."""
    asked = Q()
    for path in Cause.objects.filter(pk__in=chosen).values_list("path", flat=True):
        asked |= Q(cause__path__startswith=path)
    return rows.filter(asked)


def _of_owner(rows: Rows, chosen: list[str], grants: Grants) -> Rows:
    value = chosen[0]
    if value == "none":
        return rows.filter(case__owner__isnull=True)
    return rows.filter(case__owner_id=grants.user_id if value == "me" else int(value))


class OwnerChoice(CaseOwnerChoice):
    """Myself, nobody, or a colleague; through the case."""

    def bind(self, data: Any, grants: Grants) -> Any:
        bound = Choice.bind(self, data, grants)
        if bound.is_set:
            value = [bound.pairs[0][1]]
            bound.condition = lambda rows: _of_owner(rows, value, grants)
        return bound


# Steps done, or a named way out taken: only closing is left, or what it waits for (`HELD`).
PAST = Q(step__gt=Step.AGREE) | ~Q(way_out="")


def _step_tab(step: Step) -> Tab:
    number = int(step)
    label = format_lazy("{number} {label}", number=number, label=SHORT_LABELS[step])
    return Tab(f"step{number}", label, lambda rows: rows.filter(UNDER_WAY, ~PAST, step=number))


# So many complaints under way are counted by step; of more the total must do, which is a counter.
MOST_COUNTED = 2000


def counts_by_tab(grants: Grants) -> dict[str, int]:
    """What is under way, from the counter of cases; by step as long as that is quickly counted."""
    cells = counts.cells(METRIC, grants, Q(kind=COMPLAINT))
    under_way = sum(cell.n for cell in cells if CaseState(cell.state) not in ENDED)
    if under_way > MOST_COUNTED:
        return {"open": under_way}
    figures = {f"step{int(step)}": 0 for step in BEFORE_CLOSING} | {"open": under_way}
    figures |= {"held": 0, "ready": 0}
    rows = visible_complaints(grants).filter(UNDER_WAY).order_by()
    found = rows.values_list("step", "way_out")
    for step, way_out, n, held in found.annotate(n=Count("pk"), held=Count("pk", filter=HELD)):
        if way_out or step > Step.AGREE:
            figures["held"] += held
            figures["ready"] += n - held
        else:
            figures[f"step{step}"] += n
    return figures


COMPLAINTS = Listing(
    "complaints",
    columns=(
        Column("subject", pgettext_lazy("queue", "Case"), always=True),
        Column("customer", _("Customer")),
        Column("step", _("Step")),
        Column("waits", _("Waits for")),
        Column("due", pgettext_lazy("queue", "Due"), sort="due"),
        Column("owner", _("Owner")),
        Column("verdict", pgettext_lazy("complaint", "Founded?"), shown=False),
        Column("cause", _("Cause"), shown=False),
        Column("opened", _("Opened"), sort="opened", number=True),
    ),
    tabs=(
        Tab("open", _("Not closed"), lambda rows: rows.filter(UNDER_WAY)),
        *(_step_tab(step) for step in BEFORE_CLOSING),
        Tab(
            "held",
            pgettext_lazy("complaint", "Steps done, waiting"),
            lambda rows: rows.filter(UNDER_WAY, PAST & HELD),
        ),
        Tab("ready", _("Ready to close"), lambda rows: rows.filter(UNDER_WAY, PAST & ~HELD)),
        Tab(
            "visit",
            pgettext_lazy("complaint", "6 · visit"),
            lambda rows: rows.filter(
                case__closed_at__isnull=False, archived_at__isnull=True, unconfirmed=""
            ),
        ),
        Tab(
            "to_archive",
            pgettext_lazy("complaint", "To be archived"),
            lambda rows: rows.filter(TO_ARCHIVE),
        ),
        Tab(
            "archived",
            pgettext_lazy("complaint", "Archived"),
            lambda rows: rows.filter(archived_at__isnull=False),
        ),
        Tab("all", _("All")),
    ),
    filters=(
        Keyword("q", _("Number, subject, customer"), _by_words),
        DateRange("opened", _("Opened"), field="case__opened_at"),
        OwnerChoice(),
        Choice("unit", _("Unit"), unit_options, field="case__unit_id"),
        segment_choice("case__customer"),
        Choice("severity", pgettext_lazy("complaint", "Severity"), Severity.choices, field="severity"),
        Choice("verdict", pgettext_lazy("complaint", "Founded?"), Verdict.choices, field="verdict", more=True),
        Choice("cause", _("Cause"), cause_options, narrow=_by_cause, multiple=True, more=True),
        Flag(
            "overdue",
            _("Overdue"),
            lambda rows: rows.filter(
                UNDER_WAY, case__due_at__isnull=False, case__queue_at__lte=clock.now()
            ),
            more=True,
        ),
        Flag("again", _("Second round or later"), lambda rows: rows.filter(round__gt=1), more=True),
        Flag("safety", _("Danger"), lambda rows: rows.filter(is_safety=True), more=True),
    ),
    sorts=(Sort("due", "queue_at"), Sort("opened", "pk")),
    default_sort="due",
)  # fmt: skip
