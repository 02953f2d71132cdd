"""What every service of this room does under the lock of the case: load, count, set its state, write lines."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from zhike.complaints.choices import REMEDY_OPEN, ApprovalState, NoticeState
from zhike.complaints.models import Approval, Complaint, Notice, Remedy, StepRecord
from zhike.complaints.rules import Step
from zhike.core.errors import NotFound
from zhike.desk.choices import EventKind, Visibility
from zhike.desk.models import Case, CaseEvent
from zhike.desk.rules import CaseState, can_move
from zhike.desk.services.handling import Handling
from zhike.desk.services.moves import enter_state


def complaint_of(act: Handling) -> Complaint:
    """The complaint of the locked case; a case of another kind has none."""
    found = Complaint.objects.filter(pk=act.case.pk).first()
    if found is None:
        raise NotFound()
    return found


def round_of(act: Handling) -> int:
    """The round a notice or remedy belongs to; the first for a case that is no complaint."""
    known = Complaint.objects.filter(pk=act.case.pk).values_list("round", flat=True).first()
    return known or 1


def steps_done(complaint: Complaint) -> dict[Step, StepRecord]:
    rows = StepRecord.objects.filter(complaint=complaint, round=complaint.round)
    return {Step(row.step): row for row in rows}


def write_line(
    act: Handling,
    line: str,
    *,
    text: str = "",
    public: bool = False,
    **data: Any,
) -> CaseEvent:
    """A line of the case's record; `line` is the key of its words in `case_page.py`."""
    return act.append(
        EventKind.FURTHER,
        text=text,
        data={"line": f"complaints.{line}", **data},
        visibility=Visibility.PUBLIC if public else Visibility.INTERNAL,
    )


@dataclass(frozen=True)
class Owed:
    """What is still open at a case."""

    approvals: int
    notices: int
    remedies: int


def owed_of(case_id: int) -> Owed:
    """One statement: it is asked whenever a case is closed."""
    here = OuterRef("pk")
    found = (
        Case.objects.filter(pk=case_id)
        .values(
            n_approvals=_number_of(Approval.objects.filter(case=here, state=ApprovalState.OPEN)),
            n_notices=_number_of(Notice.objects.filter(case=here, state=NoticeState.SENT)),
            n_remedies=_number_of(Remedy.objects.filter(case=here, state__in=REMEDY_OPEN)),
        )
        .get()
    )
    return Owed(found["n_approvals"], found["n_notices"], found["n_remedies"])


def _number_of(rows: QuerySet[Any]) -> Coalesce:
    counted = rows.order_by().values("case").annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted), 0)


def recount(case_id: int) -> Owed:
    """Keep the counts on the complaint, which lists show."""
    owed = owed_of(case_id)
    Complaint.objects.filter(pk=case_id).update(
        open_approvals=owed.approvals, open_notices=owed.notices, open_remedies=owed.remedies
    )
    return owed


def settle(act: Handling, *, takes: bool = True) -> None:
    """After something was opened or settled: the counts on the complaint, and what the case waits for.

    An open approval holds the case more firmly than an open notice; with neither it is in hand again. A case
    that waits for its customer, has ended or was never taken up is left where it is.
    """
    case = act.case
    owed = recount(case.pk)
    holding = (CaseState.WAITING_APPROVAL, CaseState.WAITING_DEPARTMENT)
    wanted = CaseState.OPEN
    if owed.approvals:
        wanted = CaseState.WAITING_APPROVAL
    elif owed.notices:
        wanted = CaseState.WAITING_DEPARTMENT
    source, had_owner = case.case_state, case.owner_id
    if source is wanted or source not in (*holding, CaseState.OPEN, CaseState.NEW):
        return
    if source is CaseState.NEW:
        if wanted is CaseState.OPEN:
            return
        enter_state(act, CaseState.OPEN)
    elif not can_move(source, wanted, act.mover):
        # From one kind of waiting to the other the way leads through our hands.
        enter_state(act, CaseState.OPEN)
    if case.case_state is not wanted:
        enter_state(act, wanted)
    if had_owner is None and not takes:
        # Whoever answers for a department does not become the owner of a free case.
        act.own(None, "")
