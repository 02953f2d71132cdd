"""Step 6 and what follows: the visit that ended well archives the complaint.

When no visit can tell any more whether the customer is content, a supervisor archives it and says why.
"""

from django.utils.translation import gettext as _

from zhike.complaints.choices import Unconfirmed
from zhike.complaints.events import ComplaintArchived
from zhike.complaints.models import Complaint, StepRecord
from zhike.complaints.permissions import APPROVE
from zhike.complaints.rules import Step
from zhike.complaints.selectors.guide import worked_minutes
from zhike.complaints.services.record import complaint_of, write_line
from zhike.complaints.services.steps import move_on
from zhike.core.access import Grants
from zhike.core.errors import Conflict, RuleError
from zhike.core.work import Actor
from zhike.desk.models import CaseEvent
from zhike.desk.phrases import Place
from zhike.desk.services.handling import Handling, handling
from zhike.desk.services.texts import reason_of
from zhike.desk.services.words import NOT_KEPT, Kept, check_words


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
    step = _last_step(act, complaint, event)
    step.evidence = {"customer_says": says, **data}
    _archive(act, complaint, step)


def stand_unconfirmed(case_id: int, why: Unconfirmed | None) -> None:
    """No visit will tell whether this complaint's customer is content; or, with None, one is due again.

    Said by the room that makes visits, inside its unit of work. A case without a complaint needs nothing.
    """
    Complaint.objects.filter(pk=case_id, archived_at__isnull=True).update(unconfirmed=why or "")


def archive_unconfirmed(
    *, actor: Actor, grants: Grants, case_id: int, reason: str, kept: Kept = NOT_KEPT
) -> Complaint:
    """Archive a closed complaint without the customer's word: a supervisor's decision, with a reason.

    Step 6 stands as let go by, so neither paper nor figure takes the customer for content.
    """
    grants.require(APPROVE)
    reason = reason_of(reason)
    words = check_words(reason, Place.NOTE, actor=actor, grants=grants, kept=kept)
    with handling(
        "archive_unconfirmed", actor=actor, grants=grants, case_id=case_id, needs=APPROVE
    ) as act:
        complaint = complaint_of(act)
        _refuse_unready(act, complaint)
        event = write_line(
            act,
            "archived_unconfirmed",
            text=reason,
            step=int(Step.FOLLOW_UP),
            round=complaint.round,
            unconfirmed=complaint.unconfirmed,
            **words,
        )
        step = _last_step(act, complaint, event)
        step.is_skipped, step.skip_reason = True, reason
        _archive(act, complaint, step)
    return complaint


def _refuse_unready(act: Handling, complaint: Complaint) -> None:
    if complaint.archived_at is not None:
        raise Conflict("already_archived", _("This complaint is archived already."))
    if not act.case.is_ended:
        raise RuleError("not_closed", _("A complaint is archived after it is closed."))
    if not complaint.unconfirmed:
        raise RuleError(
            "visit_owed",
            _("The customer is still to be asked: the follow-up visit decides about the archive."),
        )


def _last_step(act: Handling, complaint: Complaint, event: CaseEvent) -> StepRecord:
    now = act.work.now
    return StepRecord(
        complaint=complaint,
        round=complaint.round,
        step=Step.FOLLOW_UP,
        done_at=now,
        done_by_id=act.actor.id,
        done_by_name=act.actor.name[:80],
        minutes=worked_minutes(act.case, act.case.closed_at or complaint.step_since, now),
        event_seq=event.seq,
    )


def _archive(act: Handling, complaint: Complaint, step: StepRecord) -> None:
    step.save()
    # A way out may have left earlier steps open; the last one is done all the same.
    move_on(complaint, list(Step), act.work.now)
    complaint.archived_at = act.work.now
    complaint.save()
    act.work.publish(ComplaintArchived(act.case.pk, complaint.round))
