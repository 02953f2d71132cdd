"""Counters kept as +1/−1 rows: summed when read, folded by a job."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Count, Q, Sum

from zhike.core.access import Grants
from zhike.core.models import CountRow


@dataclass(frozen=True)
class CountCell:
    unit_id: int | None
    state: str
    kind: str
    owner_id: int | None
    n: int


def cells(metric: str, grants: Grants, where: Q | None = None) -> list[CountCell]:
    """The counter's cells this person may see, folded in the query."""
    rows = CountRow.objects.filter(metric=metric)
    if grants.own_only:
        rows = rows.filter(owner_id=grants.user_id)
    elif grants.unit_ids is not None:
        rows = rows.filter(unit_id__in=grants.unit_ids)
    if where is not None:
        rows = rows.filter(where)
    grouped = rows.values("unit_id", "state", "kind", "owner_id").annotate(total=Sum("n"))
    return [
        CountCell(r["unit_id"], r["state"], r["kind"], r["owner_id"], r["total"]) for r in grouped
    ]


def totals_by_state(metric: str, grants: Grants, where: Q | None = None) -> dict[str, int]:
    totals: dict[str, int] = {}
    for cell in cells(metric, grants, where):
        totals[cell.state] = totals.get(cell.state, 0) + cell.n
    return totals


def menu_totals(
    grants: Grants, own: Iterable[str], within_reach: Iterable[str]
) -> dict[tuple[str, str], int]:
    """By (metric, state), in one statement: of some counters one's own cells, of others those of one's units."""
    mine = Q(owner_id=grants.user_id)
    reached = Q() if grants.unit_ids is None else Q(unit_id__in=grants.unit_ids)
    wanted = Q(metric__in=set(own)) & mine
    if within_reach:
        wanted |= Q(metric__in=set(within_reach)) & (mine if grants.own_only else reached)
    rows = CountRow.objects.filter(wanted)
    grouped = rows.values("metric", "state").annotate(total=Sum("n"))
    return {(row["metric"], row["state"]): row["total"] for row in grouped}


def fold(max_groups: int = 50) -> int:
    """Replace the rows of groups that have grown by one row each. Returns the rows removed."""
    groups = (
        CountRow.objects.values_list("metric", "unit_id", "state", "kind", "owner_id")
        .annotate(rows=Count("id"))
        .filter(rows__gt=1)
        .order_by("-rows")[:max_groups]
    )
    return sum(_fold_group(*group[:5]) for group in list(groups))


def _fold_group(
    metric: str, unit_id: int | None, state: str, kind: str, owner_id: int | None
) -> int:
    where = Q(metric=metric, state=state, kind=kind)
    where &= Q(unit_id=unit_id) if unit_id is not None else Q(unit_id=None)
    where &= Q(owner_id=owner_id) if owner_id is not None else Q(owner_id=None)
    with transaction.atomic():
        # Locked rows only: a row inserted meanwhile is left for the next round.
        rows = list(CountRow.objects.select_for_update(skip_locked=True).filter(where)[:5000])
        if len(rows) < 2:
            return 0
        CountRow.objects.filter(pk__in=[row.pk for row in rows]).delete()
        total = sum(row.n for row in rows)
        if total:
            CountRow.objects.create(
                metric=metric, unit_id=unit_id, state=state, kind=kind, owner_id=owner_id, n=total
            )
    return len(rows)
