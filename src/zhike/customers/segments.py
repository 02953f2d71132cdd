"""Segments as readers meet them: which there are, which of them somebody may know, and lists narrowed by them.

A segment cut by a value a role is kept from is unknown to that role: whoever is in it would tell the value.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from zhike.accounts.models import Unit
from zhike.core import settled
from zhike.core.access import Grants
from zhike.core.drawing.draw import draw
from zhike.core.drawing.kinds import Lines, Series
from zhike.core.drawing.shapes import Drawing
from zhike.core.listing import Chip, Choice, Rows
from zhike.customers.choices import Loyalty, Standing
from zhike.customers.errors import missing
from zhike.customers.listing_filters import file_filters, listed_definitions
from zhike.customers.models import LoyaltyPriority, Segment, SegmentMember
from zhike.customers.permissions import VIEW
from zhike.customers.selectors import visible_customers

# Keeping loyal customers comes first; of those who are not ours yet, the attentive ones can be won.
USUAL: dict[tuple[str, str], int] = {
    (Standing.EXISTING, Loyalty.SWITCHING): 3,
    (Standing.EXISTING, Loyalty.ATTENTIVE): 4,
    (Standing.EXISTING, Loyalty.LOYAL): 5,
    (Standing.POTENTIAL, Loyalty.SWITCHING): 2,
    (Standing.POTENTIAL, Loyalty.ATTENTIVE): 4,
    (Standing.POTENTIAL, Loyalty.LOYAL): 2,
}


@dataclass(frozen=True)
class Known:
    """What lists need of a segment in use."""

    pk: int
    name: str


def known_segments(grants: Grants) -> tuple[Known, ...]:
    key = ("segments", grants.allows(VIEW), grants.levels, grants.unit_ids, grants.unit_id)
    return settled.kept(grants.stamp, key, lambda: _read(grants))


def _read(grants: Grants) -> tuple[Known, ...]:
    """One statement where there are none."""
    rows = visible_segments(grants).filter(is_active=True).order_by("name")
    found = list(rows.values_list("pk", "name", "filter"))
    params = known_params(grants) if found else frozenset()
    return tuple(Known(pk, name) for pk, name, text in found if params.issuperset(QueryDict(text)))


def visible_segments(grants: Grants) -> QuerySet[Segment]:
    """Those of one's units, and of the units above one's own: they hold for everybody below."""
    if not grants.allows(VIEW):
        return Segment.objects.none()
    if grants.unit_ids is None:
        return Segment.objects.all()
    # Paths list the ids from the root, so that of a unit above begins that of one's own.
    own = Unit.objects.filter(pk=grants.unit_id or 0, path__startswith=OuterRef("unit__path"))
    return Segment.objects.filter(Q(unit_id__in=grants.unit_ids) | Exists(own))


def known_params(grants: Grants) -> frozenset[str]:
    """The conditions of the list of customers this person may use."""
    filters = file_filters(listed_definitions(), grants)
    return frozenset(param for one in filters for param in one.params())


def get_segment(grants: Grants, pk: int) -> Segment:
    """One this person may know, in use or not."""
    row = visible_segments(grants).select_related("unit").filter(pk=pk).first()
    if row is None or not known_params(grants).issuperset(QueryDict(row.filter)):
        raise missing("segment_missing", _now("There is no such segment, or not one you may see."))
    return row


def segment_choice(path: str) -> Choice:
    """A condition of any list: the customer of a row (`path` from it) is in one of the chosen segments."""

    def narrow(rows: Rows, chosen: list[str]) -> Rows:
        members = SegmentMember.objects.filter(segment_id__in=chosen)
        return rows.filter(**{f"{path}__in": members.values("customer_id")})

    return Choice("segment", _("Segment"), _options, narrow=narrow, multiple=True, more=True)


def _options(grants: Grants) -> list[tuple[str, Any]]:
    return [(str(one.pk), one.name) for one in known_segments(grants)]


def segments_of(grants: Grants, customer_id: int) -> list[Segment]:
    """Those a customer is in, the most important first."""
    rows = Segment.objects.filter(
        pk__in=[one.pk for one in known_segments(grants)], memberships__customer_id=customer_id
    )
    return by_priority(list(rows))


def priorities() -> Mapping[tuple[str, str], int]:
    """The loyalty matrix: (standing, loyalty) → 1 lowest … 5 highest. A row stands for what was set otherwise."""
    rows = LoyaltyPriority.objects.values_list("standing", "loyalty", "priority")
    return USUAL | {(standing, loyalty): priority for standing, loyalty, priority in rows}


def by_priority(rows: list[Segment]) -> list[Segment]:
    """In the order they count; `shown_priority` is their own, or that of their place in the matrix."""
    matrix = priorities()
    for row in rows:
        row.shown_priority = row.priority or matrix[(row.standing, row.loyalty)]
    return sorted(rows, key=lambda row: (-row.shown_priority, row.name))


@dataclass(frozen=True)
class Cell:
    standing: Standing
    loyalty: Loyalty
    priority: int
    segments: tuple[Segment, ...]


def matrix_of(rows: list[Segment]) -> list[list[Cell]]:
    """Two lines of three cells, with the segments that stand there."""
    priority = priorities()
    return [
        [
            Cell(
                standing,
                loyalty,
                priority[(standing, loyalty)],
                tuple(r for r in rows if (r.standing, r.loyalty) == (standing, loyalty)),
            )
            for loyalty in Loyalty
        ]
        for standing in Standing
    ]


def member_counts(grants: Grants, rows: Sequence[Segment]) -> dict[int, int]:
    """As of the last count for readers of all files; else how many of them are theirs, now."""
    if grants.unit_ids is None and not grants.own_only:
        return {row.pk: row.members for row in rows}
    members = SegmentMember.objects.filter(
        segment__in=[row.pk for row in rows], customer__in=visible_customers(grants)
    )
    grouped = members.order_by().values_list("segment_id").annotate(Count("pk"))
    return {row.pk: 0 for row in rows} | dict(grouped)


def make_up(grants: Grants, segment: Segment) -> tuple[Counter[str], Counter[str]]:
    """How its members divide over tiers and over stages; one statement reads both."""
    rows = visible_customers(grants).filter(memberships__segment=segment).order_by()
    tiers: Counter[str] = Counter()
    stages: Counter[str] = Counter()
    for tier, stage, n in rows.values_list("tier", "stage").annotate(Count("pk")):
        tiers[tier] += n
        stages[stage] += n
    return tiers, stages


def trend_of(segment: Segment, most: int = 60) -> Drawing | None:
    """How many members there were, day by day; nothing to draw before the second day."""
    days = list(segment.days.order_by("-day")[:most])[::-1]
    if len(days) < 2:
        return None
    text = _now("%(first)s on %(from)s, %(last)s on %(to)s.") % {
        "first": days[0].members,
        "from": days[0].day.isoformat(),
        "last": days[-1].members,
        "to": days[-1].day.isoformat(),
    }
    series = Series(_now("Members"), [float(day.members) for day in days])
    labels = [f"{day.day:%m-%d}" for day in days]
    return draw(Lines(_now("Members day by day"), text, labels, [series], kind="count"))


def words_of(grants: Grants, rows: Sequence[Segment]) -> dict[int, list[Chip]]:
    """The conditions of each, as a list says them above its rows."""
    filters = file_filters(listed_definitions(), grants)
    for one in filters:
        if isinstance(one, Choice) and callable(one.options):
            # Asked once for all segments.
            one.options = list(one.options(grants))
    told = {}
    for row in rows:
        bounds = [one.bind(QueryDict(row.filter), grants) for one in filters]
        told[row.pk] = [bound.chip for bound in bounds if bound.chip is not None]
    return told
