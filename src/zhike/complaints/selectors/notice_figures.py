"""Figures per department over the notices sent in a period. Each is a count of rows a list can show."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum

from zhike.accounts.selectors import unit_names
from zhike.complaints.choices import NoticeState
from zhike.complaints.models import Notice
from zhike.complaints.selectors.notices import answer_condition, is_overdue, visible_notices
from zhike.core import clock
from zhike.core.access import Grants


@dataclass(frozen=True)
class DepartmentFigures:
    """Of one unit, or of all together (`unit_id` None)."""

    unit_id: int | None
    name: Any
    sent: int = 0
    answered: int = 0
    in_time: int = 0
    # Answered, or without an answer past its due time: what can be judged.
    judged: int = 0
    minutes: int = 0
    measured: int = 0
    held: int = 0
    failed: int = 0
    unchecked: int = 0
    # Whenever they were sent.
    overdue: int = 0

    @property
    def share_percent(self) -> int | None:
        return round(100 * self.in_time / self.judged) if self.judged else None

    @property
    def mean_hours(self) -> float | None:
        return round(self.minutes / self.measured / 60, 1) if self.measured else None


SUMMED = (
    "sent", "answered", "in_time", "judged", "minutes", "measured", "held", "failed", "unchecked",
    "overdue",
)  # fmt: skip


def department_figures(
    grants: Grants, in_period: Callable[[Any], Any], total_name: Any
) -> list[DepartmentFigures]:
    """The departments by name, then all together. `in_period` narrows by the day of sending. Two statements."""
    rows = visible_notices(grants)
    by_unit = {row.pop("unit_id"): row for row in _of_period(in_period(rows))}
    for unit_id, n in _overdue(rows):
        by_unit.setdefault(unit_id, {})["overdue"] = n
    names = unit_names(grants)
    found = [
        DepartmentFigures(unit_id, names.get(unit_id, ""), **{k: v or 0 for k, v in row.items()})
        for unit_id, row in by_unit.items()
    ]
    found.sort(key=lambda one: str(one.name))
    if len(found) > 1:
        sums = {name: sum(getattr(one, name) for one in found) for name in SUMMED}
        found.append(DepartmentFigures(None, total_name, **sums))
    return found


def _of_period(rows: "QuerySet[Notice]") -> list[dict[str, Any]]:
    asked = rows.exclude(state=NoticeState.WITHDRAWN)
    counted = (
        asked.order_by()
        .values("unit_id")
        .annotate(
            sent=Count("pk"),
            answered=Count("pk", filter=answer_condition("answered")),
            in_time=Count("pk", filter=answer_condition("in_time")),
            judged=Count("pk", filter=answer_condition("judged")),
            minutes=Sum("answer_minutes"),
            measured=Count("answer_minutes"),
            held=Count("pk", filter=Q(state=NoticeState.HELD)),
            failed=Count("pk", filter=Q(state=NoticeState.FAILED)),
            unchecked=Count("pk", filter=Q(state=NoticeState.ANSWERED)),
        )
    )
    return [dict(row) for row in counted]


def _overdue(rows: "QuerySet[Notice]") -> list[tuple[int, int]]:
    late = rows.filter(is_overdue(clock.now())).order_by()
    return list(late.values_list("unit_id").annotate(n=Count("pk")))
