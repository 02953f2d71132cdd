"""The list of follow-up visits: by when they are to be tried, by what came of them."""

from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from zhike.accounts.selectors import colleagues
from zhike.care.choices import Result, State
from zhike.care.models.visits import STILL_DUE
from zhike.care.selectors import end_of_today
from zhike.core import clock
from zhike.core.access import Grants
from zhike.core.listing import Choice, Column, DateRange, Flag, Keyword, Listing, Rows, Sort, Tab
from zhike.core.search import matching
from zhike.customers.segments import segment_choice
from zhike.desk.models import Case
from zhike.desk.views.queue_list import type_options, unit_options

ENDED_TABS = ("done", "all")
COLUMNS = (
    Column("customer", _("Customer"), always=True),
    Column("case", pgettext_lazy("queue", "Case")),
    Column("due", pgettext_lazy("queue", "Due"), sort="due"),
    Column("best_time", _("Best time")),
    Column("attempts", pgettext_lazy("follow-up", "Calls"), number=True),
    Column("result", pgettext_lazy("follow-up", "Result")),
    Column("assigned", _("Assigned to")),
    Column("done", _("Recorded"), sort="done", number=True, shown=False),
)


def _by_words(rows: Rows, text: str) -> Rows:
    """A number typed whole, else words of number, subject or customer."""
    number = text.strip().upper()
    if number[:2].isalpha() and number[2:].isdigit() and len(number) > 10:
        return rows.filter(case__number=number)
    return rows.filter(case__in=matching(Case.objects.all(), text).values("pk"))


def _assigned_options(grants: Grants) -> list[tuple[str, Any]]:
    people = [(str(person.pk), person.name) for person in colleagues(grants)]
    return [("none", _("Nobody yet")), *people]


def _of_person(rows: Rows, chosen: list[str]) -> Rows:
    value = chosen[0]
    if value == "none":
        return rows.filter(assigned__isnull=True)
    return rows.filter(assigned_id=int(value))


def _overdue(rows: Rows) -> Rows:
    return rows.filter(STILL_DUE, due_at__lte=clock.now())


def _tabs(grants: Grants) -> tuple[Tab, ...]:
    return (
        Tab("today", _("Today"), lambda rows: rows.filter(STILL_DUE, plan_at__lt=end_of_today())),
        Tab("overdue", _("Overdue"), _overdue),
        Tab(
            "upcoming",
            pgettext_lazy("follow-up", "Upcoming"),
            lambda rows: rows.filter(STILL_DUE, plan_at__gte=end_of_today()),
        ),
        Tab(
            "mine",
            pgettext_lazy("follow-up", "Mine"),
            lambda rows: rows.filter(STILL_DUE, assigned_id=grants.user_id),
        ),
        Tab("done", State.DONE.label, lambda rows: rows.filter(state=State.DONE)),
        Tab("all", _("All")),
    )


FILTERS = (
    Keyword("q", _("Customer, number, subject"), _by_words),
    DateRange("due", pgettext_lazy("queue", "Due"), field="due_at"),
    Choice(
        "result",
        pgettext_lazy("follow-up", "Result"),
        Result.choices,
        field="result",
        multiple=True,
    ),
    Choice("type", _("Type"), type_options, field="type_code", multiple=True),
    Choice("assigned", _("Assigned to"), _assigned_options, narrow=_of_person),
    Choice("unit", _("Unit"), unit_options, field="unit_id", more=True),
    segment_choice("customer"),
    Choice("state", _("State"), State.choices, field="state", multiple=True, more=True),
    Flag(
        "again",
        _("Second visits"),
        lambda rows: rows.filter(sequence__gt=1),
        more=True,
    ),
    Flag(
        "tried", _("Tried in vain"), lambda rows: rows.filter(STILL_DUE, attempts__gt=0), more=True
    ),
)
SORTS = (
    Sort("plan", "plan_at"),
    Sort("due", "due_at"),
    Sort("done", "done_at", nullable=True),
)


def listing_for(grants: Grants, data: QueryDict) -> Listing:
    """Work lies in the order it is to be tried; what is done, the last due first."""
    return Listing(
        "follow-ups",
        columns=COLUMNS,
        tabs=_tabs(grants),
        filters=FILTERS,
        sorts=SORTS,
        default_sort="-due" if data.get("tab") in ENDED_TABS else "plan",
    )
