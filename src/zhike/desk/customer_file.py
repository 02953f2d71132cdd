"""What the desk shows on a customer's file: the timeline, the cases, key figures, a button."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.db.models import IntegerField, Subquery
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from zhike.core import clock
from zhike.core.access import Grants
from zhike.customers import slots
from zhike.customers.models import Customer, TimelineEntry
from zhike.desk.models import STILL_OPEN
from zhike.desk.permissions import CREATE, VIEW
from zhike.desk.selectors.queues import NOT_LISTED
from zhike.desk.selectors.scope import visible_cases
from zhike.desk.services.words import look_through_notes

SHOWN = 50
MOST_COUNTED = 999


def _case_link(entry: TimelineEntry) -> str:
    # The page answers an id with a redirect to the number.
    return reverse("desk:case", args=[entry.object_id]) if entry.object_id else ""


TIMELINE = (
    ("desk.opened", _("Case opened"), "inbox", "service", "info"),
    ("desk.message", _("Message"), "message-2", "talk", "mute"),
    ("desk.reply", _("Reply"), "send", "talk", "brand"),
    ("desk.closed", _("Case closed"), "circle-check", "service", "ok"),
    ("desk.reopened", _("Case reopened"), "rotate-2", "service", "warn"),
    ("desk.dissatisfied", _("Not content"), "mood-sad", "service", "danger"),
)


def cases_panel(request: HttpRequest, customer: Customer, grants: Grants) -> Mapping[str, Any]:
    """The newest cases of a customer, for the tab of their file."""
    rows = visible_cases(grants).filter(customer_id=customer.pk, merged_into__isnull=True)
    cases = list(rows.select_related("type").defer(*NOT_LISTED).order_by("-id")[: SHOWN + 1])
    return {"cases": cases[:SHOWN], "has_more": len(cases) > SHOWN, "now": clock.now()}


class CappedCount(Subquery):
    """How many rows a sliced queryset has, as one value of another statement."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) capped)"
    output_field = IntegerField()


def open_cases_figure(customer: Customer, grants: Grants) -> slots.Figure | None:
    """Open and overdue cases, and how many there are in all, in one statement."""
    cases = visible_cases(grants).filter(customer_id=customer.pk).values("pk")
    still_open = cases.filter(STILL_OPEN)
    wanted = {
        "still_open": still_open,
        "overdue": still_open.filter(queue_at__lte=clock.now()),
        "total": cases.filter(merged_into__isnull=True),
    }
    found = (
        Customer.objects.filter(pk=customer.pk)
        .values_list(*(CappedCount(rows[:MOST_COUNTED]) for rows in wanted.values()))
        .get()
    )
    n = dict(zip(wanted, found, strict=True))
    return slots.Figure(
        value=str(n["still_open"]),
        caption=str(_("%(n)s overdue") % {"n": n["overdue"]}) if n["overdue"] else "",
        tone="over" if n["overdue"] else "",
        total=n["total"],
    )


def new_case_url(customer: Customer) -> str:
    return f"{reverse('desk:case-create')}?{urlencode({'customer': customer.pk})}"


def register() -> None:
    for kind, label, icon, group, tone in TIMELINE:
        slots.TIMELINE_KINDS.fill(slots.TimelineKind(kind, label, icon, group, tone, _case_link))
    slots.NOTE_READERS.fill(slots.NoteReader("desk.words", look_through_notes))
    slots.PANELS.fill(
        slots.FilePanel(
            "cases",
            _("Cases"),
            "desk/_customer_cases.html",
            cases_panel,
            counted_by="open_cases",
            permission=VIEW,
            order=20,
        )
    )
    slots.FIGURES.fill(
        slots.FileFigure(
            "open_cases",
            _("Open cases"),
            open_cases_figure,
            permission=VIEW,
            on_card=True,
            order=10,
        )
    )
    slots.ACTIONS.fill(
        slots.FileAction(
            "new_case",
            _("New case"),
            "plus",
            new_case_url,
            permission=CREATE,
            is_primary=True,
            order=10,
        )
    )
