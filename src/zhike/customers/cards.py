"""The file as pages show it: the five-second card, the timeline, the history."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from zhike.core import clock
from zhike.core.access import Grants
from zhike.customers import rules
from zhike.customers.choices import Channel, NeedState
from zhike.customers.models import Customer, Identity, Need, Preference, TimelineEntry
from zhike.customers.permissions import (
    BIRTHDAY,
    EDIT,
    PHONE,
    TEXT,
    is_hidden,
    is_open,
    may_reveal,
)
from zhike.customers.selectors import get_customer
from zhike.customers.slots import FIGURES, TIMELINE_GROUPS, TIMELINE_KINDS, Figure, TimelineKind

TIMELINE_PAGE = 30


@dataclass(frozen=True)
class ShownFigure:
    label: Any
    figure: Figure
    key: str = ""


@dataclass(frozen=True)
class CustomerCard:
    """Who this is, in five seconds: what to call them, what to mind, what they wait for."""

    customer: Customer
    manager_name: str
    main_phone: Identity | None
    cautions: tuple[str, ...]
    habits: tuple[Preference, ...]
    open_needs: tuple[Need, ...]
    figures: tuple[ShownFigure, ...]
    # Numbers within texts, and the number itself.
    can_reveal: bool
    reveals_phone: bool
    can_edit: bool
    # The number is not to be known, which is not the same as there being none.
    phone_closed: bool = False

    @property
    def url(self) -> str:
        return reverse("customers:file", args=[self.customer.pk])


def customer_card(grants: Grants, customer_id: int) -> CustomerCard:
    """For `customers/_card.html`. Raises `NotFound` for a file out of reach."""
    customer = get_customer(grants, customer_id)
    habits = list(
        Preference.objects.filter(customer=customer, voided_at__isnull=True).order_by(
            "-is_caution", "-at", "-pk"
        )[:12]
    )
    return CustomerCard(
        customer=customer,
        manager_name=manager_name(customer),
        main_phone=None if is_hidden(grants, PHONE) else _main_phone(customer),
        phone_closed=is_hidden(grants, PHONE),
        cautions=tuple(row.value for row in habits if row.is_caution),
        habits=tuple(row for row in habits if not row.is_caution)[:4],
        open_needs=tuple(
            Need.objects.filter(customer=customer, state=NeedState.OPEN).order_by("-pk")[:3]
        ),
        figures=tuple(figures_of(customer, grants, on_card=True)),
        can_reveal=may_reveal(grants, TEXT),
        reveals_phone=may_reveal(grants, PHONE),
        can_edit=grants.allows(EDIT),
    )


def _main_phone(customer: Customer) -> Identity | None:
    return Identity.objects.filter(
        customer=customer, channel=Channel.PHONE, is_primary=True, voided_at__isnull=True
    ).first()


def manager_name(customer: Customer) -> str:
    return customer.manager.name if customer.manager is not None else ""


def figures_of(
    customer: Customer, grants: Grants, *, on_card: bool = False
) -> Iterator[ShownFigure]:
    for slot in sorted(FIGURES, key=lambda f: f.order):
        if (on_card and not slot.on_card) or (
            slot.permission and not grants.allows(slot.permission)
        ):
            continue
        figure = slot.value(customer, grants)
        if figure is not None:
            yield ShownFigure(slot.label, figure, slot.key)


def own_figures(customer: Customer, grants: Grants) -> Iterator[ShownFigure]:
    """Key figures that lie on the file itself."""
    today = clock.today()
    last = customer.last_contact_at
    if last is not None:
        day = clock.local(last).date()
        yield ShownFigure(_("Last contact"), Figure(f"{day:%m-%d}", _days_ago((today - day).days)))
    told = is_open(grants, BIRTHDAY)
    if told and customer.birth_month is not None and customer.birth_day is not None:
        days = rules.days_to_birthday(customer.birth_month, customer.birth_day, today)
        shown = f"{customer.birth_month:02}-{customer.birth_day:02}"
        ahead = ngettext("in %(n)s day", "in %(n)s days", days) % {"n": days}
        yield ShownFigure(_("Birthday"), Figure(shown, ahead if days else _("today")))
    opened = clock.local(customer.created_at).date()
    yield ShownFigure(
        _("On file since"), Figure(f"{opened:%Y-%m-%d}", _days_ago((today - opened).days))
    )


def _days_ago(days: int) -> str:
    return ngettext("%(n)s day ago", "%(n)s days ago", days) % {"n": days} if days else _("today")


@dataclass(frozen=True)
class TimelineLine:
    entry: TimelineEntry
    kind: TimelineKind
    title: str
    url: str


@dataclass
class TimelineDay:
    day: date
    lines: list[TimelineLine] = field(default_factory=list)


@dataclass(frozen=True)
class TimelinePage:
    days: list[TimelineDay]
    # Passed as `before` for the older ones; empty at the beginning of everything.
    older: str


def timeline_of(customer: Customer, grants: Grants, group: str = "") -> QuerySet[TimelineEntry]:
    """Entries this person may see: those of units within reach, and of the file's own unit."""
    rows = TimelineEntry.objects.filter(customer=customer, voided_at__isnull=True)
    if grants.unit_ids is not None:
        reached = {*grants.unit_ids, customer.unit_id}
        rows = rows.filter(Q(unit_id__isnull=True) | Q(unit_id__in=reached))
    if group in TIMELINE_GROUPS:
        rows = rows.filter(kind__in=[kind.kind for kind in TIMELINE_KINDS if kind.group == group])
    return rows


def timeline_page(
    customer: Customer, grants: Grants, group: str = "", before: str = ""
) -> TimelinePage:
    """The newest entries, or those before a place; a place nobody gave out starts at the top."""
    rows = timeline_of(customer, grants, group)
    place = _read_place(before)
    if place is not None:
        at, pk = place
        # Written as a range first, so that the index is walked and not the whole history.
        rows = rows.filter(at__lte=at).filter(Q(at__lt=at) | Q(pk__lt=pk))
    found = list(rows.order_by("-at", "-pk")[: TIMELINE_PAGE + 1])
    page, more = found[:TIMELINE_PAGE], len(found) > TIMELINE_PAGE
    days: list[TimelineDay] = []
    for entry in page:
        day = clock.local(entry.at).date()
        if not days or days[-1].day != day:
            days.append(TimelineDay(day))
        days[-1].lines.append(_line(entry))
    older = f"{page[-1].at.isoformat()}~{page[-1].pk}" if more else ""
    return TimelinePage(days, older)


def _line(entry: TimelineEntry) -> TimelineLine:
    # A kind whose room is no longer installed is still something that happened.
    kind = TIMELINE_KINDS.get(entry.kind) or TimelineKind(entry.kind, entry.kind, "circle-dashed")
    title = kind.title(entry) if kind.title is not None else entry.title
    return TimelineLine(entry, kind, title, kind.link(entry) if kind.link is not None else "")


def _read_place(text: str) -> tuple[datetime, int] | None:
    moment, _, pk = text.partition("~")
    try:
        at = datetime.fromisoformat(moment)
        number = int(pk)
    except ValueError:
        return None
    return (at, number) if at.tzinfo is not None and 0 < number < 2**63 else None
