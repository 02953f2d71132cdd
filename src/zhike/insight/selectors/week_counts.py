"""What ripens after a week is over, counted over its rows: visits, notices by department, causes of complaints.

One statement each, of the week and the one before it together.
"""

from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery

from zhike.accounts.selectors import unit_names
from zhike.care.choices import State as VisitState
from zhike.care.rules import ANSWERED, Result
from zhike.care.selectors import visible_follow_ups
from zhike.complaints.choices import NoticeState
from zhike.complaints.models import Complaint
from zhike.complaints.selectors.causes import cause_tree
from zhike.complaints.selectors.notices import answer_condition, is_overdue, visible_notices
from zhike.core import clock
from zhike.core.access import Grants
from zhike.desk.case_types import COMPLAINT
from zhike.desk.selectors.scope import visible_cases
from zhike.insight.counting import Tally
from zhike.insight.figures import LONGEST_ANSWER
from zhike.insight.periods import Week

Pair = tuple[Tally, Tally]


def within(name: str, week: Week) -> Q:
    return Q(**{f"{name}__gte": week.period.start, f"{name}__lt": week.period.end})


def _both(name: str, week: Week) -> Q:
    return Q(**{f"{name}__gte": week.before.period.start, f"{name}__lt": week.period.end})


@dataclass
class Visits:
    figures: dict[str, Pair]
    # Those of this week by result; "due" are still to be made.
    results: dict[str, int] = field(default_factory=dict)


def count_visits(grants: Grants, week: Week) -> Visits:
    rows = visible_follow_ups(grants).exclude(state=VisitState.CALLED_OFF)
    counted = rows.filter(_both("due_at", week)).order_by().values_list("result")
    reached = Tally(denominator=0), Tally(denominator=0)
    content = Tally(denominator=0), Tally(denominator=0)
    found = Visits({"visits_reached": reached, "visits_content": content})
    this = Count("pk", filter=within("due_at", week))
    last = Count("pk", filter=within("due_at", week.before))
    for result, *sides in counted.annotate(this=this, last=last):
        for n, of_reached, of_content in zip(sides, reached, content, strict=True):
            of_reached.denominator = (of_reached.denominator or 0) + n
            if result in ANSWERED:
                of_reached.numerator += n
                of_content.denominator = (of_content.denominator or 0) + n
            if result == Result.CONTENT:
                of_content.numerator += n
        if sides[0]:
            found.results[result or "due"] = sides[0]
    return found


@dataclass
class Notices:
    figures: dict[str, Pair]
    # Of each department what the page says of it.
    departments: list[dict[str, Any]]


def count_notices(grants: Grants, week: Week) -> Notices:
    """By department: those sent or due in the two weeks, and those overdue whenever they were sent."""
    late = is_overdue(clock.now())
    last = week.before
    rows = visible_notices(grants).exclude(state=NoticeState.WITHDRAWN)
    rows = rows.filter(_both("sent_at", week) | _both("due_at", week) | late)
    wanted = {"overdue": Count("pk", filter=late)}
    for side, one in (("this", week), ("last", last)):
        due = within("due_at", one) & Q(
            sent_at__gte=one.period.start - LONGEST_ANSWER, sent_at__lt=one.period.end
        )
        wanted[f"sent_{side}"] = Count("pk", filter=within("sent_at", one))
        wanted[f"due_{side}"] = Count("pk", filter=due)
        wanted[f"in_time_{side}"] = Count("pk", filter=due & answer_condition("in_time"))
    sent = within("sent_at", week)
    for kind in ("answered", "in_time", "judged"):
        wanted[kind] = Count("pk", filter=sent & answer_condition(kind))
    by_unit: list[dict[str, Any]] = [
        dict(row) for row in rows.order_by().values("unit_id").annotate(**wanted)
    ]

    def total(name: str) -> int:
        return sum(row[name] for row in by_unit)

    def pair(top: str, base: str = "") -> Pair:
        this, before = (
            Tally(total(f"{top}_{side}"), total(f"{base}_{side}") if base else None)
            for side in ("this", "last")
        )
        return this, before

    figures = {"notices_sent": pair("sent"), "notices_in_time": pair("in_time", "due")}
    names = unit_names(grants)
    told = [row for row in by_unit if row["sent_this"] or row["overdue"]]
    told.sort(key=lambda row: names.get(row["unit_id"], ""))
    return Notices(figures, [_department(row) for row in told])


def _department(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "unit": row["unit_id"],
        "sent": row["sent_this"],
        "in_time": row["in_time"],
        "judged": row["judged"],
        "waiting": row["sent_this"] - row["answered"],
        "overdue": row["overdue"],
    }


def count_causes(grants: Grants, week: Week) -> list[dict[str, Any]]:
    """Complaints opened in the week by cause, this week and last; a cause counts with all below it."""
    cases: QuerySet[Any] = visible_cases(grants)
    opened = cases.filter(_both("opened_at", week), type_id=COMPLAINT)
    # Looked up case by case: of a join the planner makes a walk through the complaints of all years.
    cause = Complaint.objects.filter(case_id=OuterRef("pk")).values("cause_id")
    counted = opened.order_by().annotate(cause=Subquery(cause)).values_list("cause")
    this, last = (within("opened_at", one) for one in (week, week.before))
    nodes = {node.cause.pk: node for node in cause_tree(grants.stamp)}
    sums: dict[int | None, list[int]] = {}
    for pk, n, before in counted.annotate(
        n=Count("pk", filter=this), before=Count("pk", filter=last)
    ):
        path = nodes[pk].cause.path if pk in nodes else ""
        above: list[int | None] = [int(part) for part in path.strip("/").split("/") if part]
        for one in above or [None]:
            cell = sums.setdefault(one, [0, 0])
            cell[0] += n
            cell[1] += before
    order = [pk for pk in nodes if pk in sums] + ([None] if None in sums else [])
    return [
        {
            "cause": pk,
            "depth": nodes[pk].depth if pk is not None else 0,
            "this": sums[pk][0],
            "last": sums[pk][1],
        }
        for pk in order
    ]
