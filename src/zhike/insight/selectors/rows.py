"""The rows behind a number, as somebody may read them: a figure counts them all, a page names those in reach."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from zhike.care.selectors import visible_follow_ups
from zhike.complaints.choices import RemedyKind
from zhike.complaints.money import written
from zhike.complaints.selectors.notices import visible_notices
from zhike.complaints.selectors.remedies import visible_remedies
from zhike.core.access import Grants
from zhike.desk.permissions import VIEW
from zhike.desk.selectors.scope import visible_cases
from zhike.insight.figures import CASE, NOTICE, REMEDY, VISIT, RowKind


@dataclass(frozen=True)
class Row:
    """One row behind a figure: where it leads, what it is, when."""

    id: int
    url: str
    number: str
    text: str
    note: Any
    at: datetime | None


def rows_by_id(grants: Grants, kind: RowKind, ids: Sequence[int]) -> list[Row]:
    """Those of the rows this reader may open, in the order of their ids."""
    readers = {
        CASE.key: _cases,
        VISIT.key: _visits,
        NOTICE.key: _notices,
        REMEDY.key: _remedies,
    }
    return readers[kind.key](grants, ids) if ids else []


def _cases(grants: Grants, ids: Sequence[int]) -> list[Row]:
    rows = visible_cases(grants).filter(pk__in=ids).order_by("pk").select_related("type")
    rows = rows.only("number", "title", "state", "opened_at", "type", "type__code", "type__name")
    return [
        Row(
            row.pk,
            reverse("desk:case", args=[row.number]),
            row.number,
            row.title,
            row.get_state_display(),
            row.opened_at,
        )
        for row in rows
    ]


def _visits(grants: Grants, ids: Sequence[int]) -> list[Row]:
    rows = visible_follow_ups(grants).filter(pk__in=ids).order_by("pk").select_related("case")
    return [
        Row(
            row.pk,
            reverse("care:visit", args=[row.pk]),
            row.case.number,
            row.customer_name,
            row.get_result_display() if row.result else row.get_state_display(),
            row.due_at,
        )
        for row in _light(rows)
    ]


def _notices(grants: Grants, ids: Sequence[int]) -> list[Row]:
    rows = visible_notices(grants).filter(pk__in=ids).order_by("pk").select_related("case", "unit")
    return [
        Row(
            row.pk,
            reverse("notices:notice", args=[row.number]),
            row.number,
            f"{row.unit.name} · {row.person_name}",
            row.get_state_display(),
            row.sent_at,
        )
        for row in _light(rows).defer("case__folded", "case__bigrams", "folded", "bigrams")
    ]


def _remedies(grants: Grants, ids: Sequence[int]) -> list[Row]:
    if not grants.allows(VIEW):
        return []
    rows = visible_remedies(grants).filter(pk__in=ids)
    return [
        Row(
            row.pk,
            reverse("desk:case", args=[row.case.number]),
            row.case.number,
            f"{RemedyKind(row.kind).label} · {row.text}",
            written(row.cost_cents or 0),
            row.carried_out_at,
        )
        for row in _light(rows.order_by("pk").select_related("case"))
    ]


def _light(rows: "QuerySet[Any]") -> "QuerySet[Any]":
    return rows.defer("case__folded", "case__bigrams", "case__clocks", "case__pauses")
