"""The six steps of a complaint as its case page shows them: done, due now with what is missing, to come."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from zhike.complaints.choices import FIELD_LABELS, STEP_LABELS, STEP_TIPS
from zhike.complaints.models import Complaint, StepRecord
from zhike.complaints.rules import (
    BEFORE_CLOSING,
    EVIDENCE,
    StandardStage,
    Step,
    current_step,
    standard_stage,
)
from zhike.core import clock
from zhike.core.calendar import Due, Interval, Schedule, elapsed_minutes
from zhike.core.calendar.plan_book import PlanBook, load_plans
from zhike.core.calendar.units import schedule_for_unit
from zhike.desk.case_types import COMPLAINT
from zhike.desk.models import Case
from zhike.desk.rules import CaseState
from zhike.desk.services.clocks import spans_of

# Which due plan limits a step. The visit's is counted from closing.
PURPOSES = {
    Step.LISTEN: "step_listen",
    Step.APOLOGISE: "step_apologise",
    Step.FACTS: "step_facts",
    Step.SOLUTION: "answer",
    Step.AGREE: "step_agree",
    Step.FOLLOW_UP: "follow_up",
}


@dataclass(frozen=True)
class GuideStep:
    step: Step
    label: Any
    tip: Any
    record: StepRecord | None = None
    is_now: bool = False
    # Of the one that is due now.
    minutes: int = 0
    due: Due | None = None
    # Working minutes until then; None while the clock pauses.
    left_minutes: int | None = None
    missing: list[Any] = field(default_factory=list)
    # How long it may take, as the plan says it: (amount, unit).
    limit: tuple[int, str] | None = None


@dataclass(frozen=True)
class Guide:
    complaint: Complaint
    steps: list[GuideStep]
    stage: StandardStage
    minutes: int
    # Records of earlier rounds, newest round first.
    earlier: list[StepRecord]

    @property
    def now(self) -> GuideStep | None:
        return next((one for one in self.steps if one.is_now), None)


def guide_of(case: Case, stamp: str = "", now: datetime | None = None) -> Guide | None:
    """None for a case that is no complaint. Two statements, and the plans unless they are kept under `stamp`."""
    if case.type_id != COMPLAINT:
        return None
    complaint = Complaint.objects.filter(pk=case.pk).first()
    if complaint is None:
        return None
    complaint.case = case
    rows = list(StepRecord.objects.filter(complaint=complaint).order_by("-round", "step"))
    records = {Step(row.step): row for row in rows if row.round == complaint.round}
    due_step = current_step(records) if complaint.step <= len(Step) else None
    plans = load_plans(stamp)
    schedule = plans.calendars.schedule(case.unit_id)
    now = now or clock.now()
    steps = [
        _step(case, complaint, step, records.get(step), step is due_step, plans, schedule, now)
        for step in Step
    ]
    return Guide(
        complaint=complaint,
        steps=steps,
        stage=stage_of(complaint, known_done(records.values())),
        minutes=sum(row.minutes for row in records.values() if row.step != Step.FOLLOW_UP),
        earlier=[row for row in rows if row.round != complaint.round],
    )


def known_done(records: Iterable[StepRecord]) -> list[Step]:
    """Steps that count for the stage by the standard: a visit let go by followed nobody up."""
    return [
        Step(row.step) for row in records if not (row.is_skipped and row.step == Step.FOLLOW_UP)
    ]


def stage_of(complaint: Complaint, done: list[Step]) -> StandardStage:
    case = complaint.case
    return standard_stage(
        done,
        taken_up=case.case_state is not CaseState.NEW,
        open_notices=complaint.open_notices,
        open_approvals=complaint.open_approvals,
        is_closed=case.is_ended,
    )


def _pauses(case: Case) -> list[Interval]:
    return [Interval(span.start, span.end, span.reason) for span in spans_of(case)]


def worked_minutes(
    case: Case, start: datetime, end: datetime, schedule: Schedule | None = None
) -> int:
    """In the hours of its unit, without the minutes in which the case waited for its customer."""
    if end <= start:
        return 0
    schedule = schedule or schedule_for_unit(case.unit_id)
    waited = 0
    for span in spans_of(case):
        begin, until = max(span.start, start), min(span.end or end, end)
        if begin < until:
            waited += elapsed_minutes(schedule, begin, until)
    return max(0, elapsed_minutes(schedule, start, end) - waited)


def _step(
    case: Case,
    complaint: Complaint,
    step: Step,
    record: StepRecord | None,
    is_now: bool,
    plans: PlanBook,
    schedule: Schedule,
    now: datetime,
) -> GuideStep:
    label, tip = STEP_LABELS[step], STEP_TIPS[step]
    if record is not None:
        return GuideStep(step, label, tip, record)
    plan = plans.find(
        PURPOSES[step],
        subject=case.type_id,
        tier=case.customer_tier,
        channel=case.channel,
        unit_id=case.unit_id,
    )
    limit = (plan.amount, plan.unit.value) if plan is not None else None
    if not is_now or step not in BEFORE_CLOSING or case.is_ended:
        return GuideStep(step, label, tip, is_now=is_now, limit=limit)
    due = plan.due(complaint.step_since, _pauses(case)) if plan is not None else None
    ends_at = due.at if due is not None else None
    left = None
    if ends_at is not None:
        left = elapsed_minutes(schedule, now, ends_at) if ends_at > now else 0
    return GuideStep(
        step,
        label,
        tip,
        is_now=True,
        minutes=worked_minutes(case, complaint.step_since, now, schedule),
        due=due,
        left_minutes=left,
        missing=[FIELD_LABELS[one] for one in EVIDENCE[step].required],
        limit=limit,
    )
