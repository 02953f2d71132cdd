"""The due time of a case: which plan, from when, with which pauses. Kept on the row with its explanation."""

from datetime import UTC, datetime
from typing import Any

from zhike.core.calendar import Due, Interval
from zhike.core.calendar.plan_book import PlanBook, load_plans
from zhike.desk.choices import DueWhat
from zhike.desk.models import Case
from zhike.desk.rules import CaseState, Span

# What a case's clock may be counted for.
PURPOSES = frozenset({DueWhat.FIRST_REPLY.value, DueWhat.RESOLUTION.value})
# Cases without a due time stand at the end of every queue.
NEVER = datetime(9000, 1, 1, tzinfo=UTC)


def spans_of(case: Case) -> list[Span]:
    return [
        Span(
            datetime.fromisoformat(row["start"]),
            None if row["end"] is None else datetime.fromisoformat(row["end"]),
            row["reason"],
        )
        for row in case.pauses
    ]


def keep_spans(case: Case, spans: list[Span]) -> None:
    case.pauses = [
        {
            "start": span.start.isoformat(),
            "end": None if span.end is None else span.end.isoformat(),
            "reason": span.reason,
        }
        for span in spans
    ]


def what_is_due(case: Case) -> str:
    """First the first word; from then on the end. Nothing once the case has ended."""
    if case.case_state in (CaseState.CLOSED, CaseState.MERGED):
        return ""
    nothing_said = case.first_reply_at is None and case.reopened_count == 0
    return DueWhat.FIRST_REPLY if nothing_said else DueWhat.RESOLUTION


def compute_due(case: Case, what: str, plans: PlanBook | None = None) -> Due | None:
    plan = (plans or load_plans()).find(
        what,
        subject=case.type_id,
        tier=case.customer_tier,
        channel=case.channel,
        unit_id=case.unit_id,
    )
    if plan is None:
        return None
    pauses = [Interval(span.start, span.end, span.reason) for span in spans_of(case)]
    return plan.due(case.due_from or case.opened_at, pauses)


def set_clock(case: Case) -> None:
    """Compute the due time anew. Call after every change of state, kind, tier or pause."""
    what = what_is_due(case)
    due = compute_due(case, what) if what else None
    case.due_what = what
    case.due_at = due.at if due else None
    if what == DueWhat.FIRST_REPLY:
        case.first_reply_due_at = case.due_at
    case.due_warn_at = due.warn_at if due else None
    explanation: dict[str, Any] | None = due.to_json() if due else None
    case.due_explanation = explanation
    case.queue_at = case.due_at or NEVER


def explained(case: Case) -> Due | None:
    """Why the due time is what it is, as it was computed."""
    return Due.from_json(case.due_explanation) if case.due_explanation else None


def is_counted_by(case: Case, plans: PlanBook) -> bool:
    """Does the due time follow from these plans? Words of the account count too: a plan was renamed."""
    what = what_is_due(case)
    due = compute_due(case, what, plans) if what else None
    return case.due_explanation == (due.to_json() if due else None)
