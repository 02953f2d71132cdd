"""When the answer to a notice is due: by the closest plan, in the hours of the unit that is asked."""

from datetime import datetime

from zhike.complaints.models import Notice
from zhike.core.calendar import Due, Unit, due_at
from zhike.core.calendar.plan_book import PlanBook, load_plans
from zhike.core.models import DuePurpose
from zhike.desk.models import Case


def due_of(case: Case, unit_id: int | None, start: datetime, plans: PlanBook) -> Due:
    """One working day where a house has taken its plan away. Without `unit_id`, in the hours of the house."""
    plan = plans.find(
        DuePurpose.NOTICE,
        subject=case.type_id,
        tier=case.customer_tier,
        channel=case.channel,
        unit_id=unit_id,
    )
    if plan is not None:
        return plan.due(start)
    return due_at(plans.calendars.schedule(unit_id), start, 1, Unit.BUSINESS_DAYS)


def set_due(notice: Notice, case: Case, start: datetime) -> None:
    """Asked, or asked again: whatever was told of an earlier due time is told anew."""
    put_due(notice, due_of(case, notice.unit_id, start, load_plans()))
    notice.warned_at = notice.overdue_told_at = notice.escalated_at = None


def put_due(notice: Notice, due: Due) -> None:
    if due.at is None:
        raise RuntimeError("A notice has no pauses, so its due time is always known.")
    notice.due_at, notice.due_warn_at = due.at, due.warn_at
    notice.due_explanation = due.to_json()
