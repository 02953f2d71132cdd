"""The queue as a list: its columns, states, conditions and orders."""

from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from zhike.accounts.selectors import colleagues, reachable_units
from zhike.core import clock
from zhike.core.access import Grants
from zhike.core.listing import (
    Batch,
    Choice,
    Column,
    DateRange,
    Flag,
    Keyword,
    Listing,
    Rows,
    Sort,
    Tab,
)
from zhike.core.models import DuePurpose
from zhike.core.search import matching
from zhike.customers.choices import Tier
from zhike.customers.segments import segment_choice
from zhike.desk.choices import CUSTOMERS_RIGHT, STAGE_LABELS, Channel, Priority
from zhike.desk.models import STILL_OPEN
from zhike.desk.rules import STAGE_OF, Stage
from zhike.desk.selectors.types import active_types
from zhike.desk.services.clocks import PURPOSES

# As `selectors.queues.NOT_LISTED`, but a row says why its clock pauses.
# What a row shows or is sorted by: half of what a case is.
SHOWN = (
    *("number", "type", "title", "state", "channel", "priority", "unit", "owner", "owner_name"),
    *("customer_name", "customer_tier", "last_text", "last_from", "unread_count", "handover_count"),
    *("opened_at", "last_event_at", "closed_at", "waiting_since", "queue_at", "due_at", "pauses"),
    *("due_what", "first_reply_due_at", "next_reply_due_at", "resolution_due_at"),
    *("department_due_at", "step_due_at", "legal_due_at", "first_reply_at"),
)
ENDED_TABS = ("closed", "all")
STATE_OF_STAGE = {stage: state for state, stage in STAGE_OF.items()}


def _stage_tab(stage: Stage) -> Tab:
    state = STATE_OF_STAGE[stage].value
    return Tab(stage.value, STAGE_LABELS[stage], lambda rows: rows.filter(state=state))


def end_of_today() -> datetime:
    tomorrow = clock.local(clock.now()).replace(hour=0, minute=0, second=0, microsecond=0)
    return tomorrow + timedelta(days=1)


def search(rows: Rows, text: str) -> Rows:
    """A number typed whole is found by its index; any other words by the search column."""
    number = text.strip().upper()
    if number[:2].isalpha() and number[2:].isdigit() and len(number) > 10:
        return rows.filter(number=number)
    return matching(rows, text)


def what_options(grants: Grants) -> list[tuple[str, Any]]:
    return [
        (value, label) for value, label in DuePurpose.choices if value in PURPOSES - CUSTOMERS_RIGHT
    ]


def type_options(grants: Grants) -> list[tuple[str, Any]]:
    return [(kind.code, kind.label) for kind in active_types(grants.stamp)]


def owner_options(grants: Grants) -> list[tuple[str, Any]]:
    people = [(str(person.pk), person.name) for person in colleagues(grants)]
    return [("me", _("Myself")), ("none", _("Nobody yet")), *people]


def unit_options(grants: Grants) -> list[tuple[str, Any]]:
    return [(str(unit.pk), unit.name) for unit in reachable_units(grants)]


class OwnerChoice(Choice):
    """People, and two that are no people: oneself and nobody."""

    def __init__(self) -> None:
        super().__init__("owner", _("Owner"), owner_options, narrow=lambda rows, values: rows)

    def bind(self, data: Any, grants: Grants) -> Any:
        bound = super().bind(data, grants)
        if bound.is_set:
            value = bound.pairs[0][1]
            if value == "none":
                bound.condition = lambda rows: rows.filter(owner__isnull=True)
            else:
                owner = grants.user_id if value == "me" else int(value)
                bound.condition = lambda rows: rows.filter(owner_id=owner)
        return bound


def _overdue(rows: Rows) -> Rows:
    return rows.filter(STILL_OPEN, queue_at__lte=clock.now(), due_at__isnull=False)


def _due_today(rows: Rows) -> Rows:
    return rows.filter(
        STILL_OPEN, queue_at__gt=clock.now(), queue_at__lt=end_of_today(), due_at__isnull=False
    )


COLUMNS = (
    Column("subject", pgettext_lazy("queue", "Case"), always=True),
    Column("customer", _("Customer")),
    Column("type", _("Type")),
    Column("state", _("State")),
    Column("due", pgettext_lazy("queue", "Due"), sort="due"),
    Column("due_first", _("First reply due"), sort="due_first", shown=False),
    Column("due_next", _("Next reply due"), sort="due_next", shown=False),
    Column("due_step", _("Step due"), sort="due_step", shown=False),
    Column("due_dept", _("To a department by"), sort="due_dept", shown=False),
    Column("due_legal", _("Due by law"), sort="due_legal", shown=False),
    Column("due_end", _("Settled by"), sort="due_end", shown=False),
    Column("owner", _("Owner"), always=True),
    Column("unit", _("Unit"), shown=False),
    Column("channel", _("Channel"), shown=False),
    Column("priority", _("Priority"), shown=False),
    Column("opened", _("Opened"), sort="opened", number=True, shown=False),
    Column("updated", _("Updated"), sort="updated", number=True),
)
TABS = (
    Tab("open", _("Not closed"), lambda rows: rows.filter(STILL_OPEN)),
    _stage_tab(Stage.TO_TAKE_UP),
    _stage_tab(Stage.IN_HAND),
    _stage_tab(Stage.FOR_CUSTOMER),
    _stage_tab(Stage.FOR_DEPARTMENT),
    _stage_tab(Stage.FOR_APPROVAL),
    _stage_tab(Stage.FOR_CONSENT),
    _stage_tab(Stage.CLOSED),
    Tab("all", _("All")),
)
FILTERS = (
    Keyword("q", _("Subject, customer, number"), search),
    DateRange("opened", _("Opened"), field="opened_at"),
    Choice("channel", _("Channel"), Channel.choices, field="channel"),
    Choice("type", _("Type"), type_options, field="type_id", multiple=True),
    Choice("tier", _("Tier"), Tier.choices, field="customer_tier", multiple=True),
    OwnerChoice(),
    Choice("unit", _("Unit"), unit_options, field="unit_id", more=True),
    segment_choice("customer"),
    Choice("priority", _("Priority"), Priority.choices, field="priority", multiple=True, more=True),
    Choice("what", _("What is due"), what_options, field="due_what", more=True),
    Flag("due", _("Due today"), _due_today, more=True),
    Flag("over", _("Overdue"), _overdue, more=True),
    Flag("unread", _("With unread words"), lambda rows: rows.filter(unread_count__gt=0), more=True),
    Flag(
        "waiting",
        _("The customer waits for our word"),
        lambda rows: rows.filter(STILL_OPEN, waiting_since__isnull=False),
        more=True,
    ),
    Flag(
        "returned",
        _("Handed over twice or more"),
        lambda rows: rows.filter(handover_count__gte=2),
        more=True,
    ),
)
BATCH = (
    Batch("handover", _("Hand over"), "arrows-transfer-up", "desk:batch-handover", permission="cases.handover"),
    Batch("type", _("Change type"), "tag", "desk:batch-type", permission="cases.work"),
    Batch("merge", _("Merge"), "git-merge", "desk:batch-merge", permission="cases.merge"),
)  # fmt: skip
SORTS = (
    Sort("due", "queue_at"),
    Sort("due_first", "first_reply_due_at", nullable=True),
    Sort("due_next", "next_reply_due_at", nullable=True),
    Sort("due_step", "step_due_at", nullable=True),
    Sort("due_dept", "department_due_at", nullable=True),
    Sort("due_legal", "legal_due_at", nullable=True),
    Sort("due_end", "resolution_due_at", nullable=True),
    Sort("updated", "last_event_at"),
    Sort("opened", "opened_at"),
)


def _listing(default_sort: str) -> Listing:
    return Listing(
        "queue",
        columns=COLUMNS,
        tabs=TABS,
        filters=FILTERS,
        sorts=SORTS,
        default_sort=default_sort,
        batch=BATCH,
    )


# Work lies in the order it is due; the archive, which grows for ever, newest first.
OPEN_CASES = _listing("due")
ARCHIVE = _listing("-updated")


def listing_of(request: HttpRequest) -> Listing:
    return ARCHIVE if request.GET.get("tab") in ENDED_TABS else OPEN_CASES


def shown_rows(rows: Rows) -> Rows:
    """What a row shows, in one statement; the record and the explanation stay behind."""
    return rows.only(*SHOWN).exclude(state="merged")
