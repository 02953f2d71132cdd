"""Step 6 and what follows: the visit that ended well archives the complaint."""

from django.utils.translation import gettext as _

from zhike.complaints.events import ComplaintArchived
from zhike.complaints.models import Complaint, StepRecord
from zhike.complaints.rules import Step
from zhike.complaints.selectors.guide import worked_minutes
from zhike.complaints.services.record import write_line
from zhike.complaints.services.steps import move_on
from zhike.core.errors import RuleError
from zhike.desk.services.handling import Handling


def follow_up_content(act: Handling, *, says: str, data: dict[str, str]) -> None:
    """The follow-up visit found the customer content: step 6 is done, the complaint is archived.

    Called by the room that makes visits, under the lock of the case. A case without a complaint needs nothing.
    """
    complaint = Complaint.objects.filter(pk=act.case.pk).first()
    if complaint is None:
        return
    if not act.case.is_ended:
        raise RuleError("not_closed", _("The case must be closed before its follow-up visit."))
    if StepRecord.objects.filter(
        complaint=complaint, round=complaint.round, step=Step.FOLLOW_UP
    ).exists():
        return
    event = write_line(act, "archived", text=says, step=int(Step.FOLLOW_UP), round=complaint.round)
    StepRecord.objects.create(
        complaint=complaint,
        round=complaint.round,
        step=Step.FOLLOW_UP,
        evidence={"customer_says": says, **data},
        done_at=act.work.now,
        done_by_id=act.actor.id,
        done_by_name=act.actor.name[:80],
        minutes=worked_minutes(act.case, act.case.closed_at or complaint.step_since, act.work.now),
        event_seq=event.seq,
    )
    # A way out may have left earlier steps open; the last one is done all the same.
    move_on(complaint, list(Step), act.work.now)
    complaint.archived_at = act.work.now
    complaint.save()
    act.work.publish(ComplaintArchived(act.case.pk))
