"""What the desk tells, and complaints make of it: a case is a complaint, begins again, goes into another."""

from zhike.complaints.events import ComplaintArchived, RoundOpened
from zhike.complaints.models import Complaint
from zhike.core import events
from zhike.core.access import everything
from zhike.core.work import Work
from zhike.desk.case_types import COMPLAINT
from zhike.desk.events import (
    CaseMoved,
    CaseOpened,
    CaseReopened,
    CasesMerged,
    CaseTypeChanged,
    CaseVoided,
)
from zhike.desk.services.handling import handling


def begin(case_id: int, work: Work) -> None:
    Complaint.objects.get_or_create(
        pk=case_id, defaults={"round_since": work.now, "step_since": work.now}
    )


def on_opened(event: CaseOpened, work: Work) -> None:
    if event.type_code == COMPLAINT:
        begin(event.case_id, work)


def on_type_changed(event: CaseTypeChanged, work: Work) -> None:
    if event.after == COMPLAINT:
        begin(event.case_id, work)


def on_reopened(event: CaseReopened, work: Work) -> None:
    """A new round: every step is done anew, what was learned stays until it is learned better."""
    complaint = Complaint.objects.filter(pk=event.case_id).first()
    if complaint is None:
        return
    complaint.round += 1
    complaint.round_since = complaint.step_since = work.now
    complaint.step, complaint.refusals = 1, 0
    complaint.verdict = ""
    complaint.way_out, complaint.way_out_why, complaint.way_out_by = "", "", None
    complaint.unconfirmed = ""
    # Papers of the rounds before stay.
    complaint.archived_at = None
    complaint.save()
    work.publish(RoundOpened(event.case_id, complaint.round))


def on_merged(event: CasesMerged, work: Work) -> None:
    """Notices, remedies and decisions still owed go on in the case that stays, and it waits for them."""
    from zhike.complaints.services.approvals import carry_over
    from zhike.complaints.services.record import recount, settle

    carry_over(event.from_id, event.into_id, work)
    recount(event.from_id)
    with handling(
        "merge_settle",
        actor=work.actor,
        grants=everything("complaints"),
        case_id=event.into_id,
    ) as act:
        # Who tidies up does not become the owner of a free case.
        settle(act, takes=False)


def on_moved(event: CaseMoved, work: Work) -> None:
    from zhike.complaints.services.approvals import follow_unit

    follow_unit(event.case_id, event.from_unit_id, event.to_unit_id, work)


def on_voided(event: CaseVoided, work: Work) -> None:
    from zhike.complaints.services.approvals import forget_voided

    forget_voided(event.case_id, work)


def on_archived(event: ComplaintArchived, work: Work) -> None:
    from zhike.complaints.tasks import print_archive

    # Somebody at a page may want the paper next; what was archived by a program waits its turn.
    by_hand = work.actor.via in ("page", "api")
    printing = print_archive.using(priority=0 if by_hand else -50)
    work.enqueue(printing, case_id=event.case_id, round_number=event.round)


def register() -> None:
    events.subscribe(ComplaintArchived, on_archived)
    events.subscribe(CaseOpened, on_opened)
    events.subscribe(CaseTypeChanged, on_type_changed)
    events.subscribe(CaseReopened, on_reopened)
    events.subscribe(CasesMerged, on_merged)
    events.subscribe(CaseMoved, on_moved)
    events.subscribe(CaseVoided, on_voided)
