"""The answer of a department: why it happened, what is done about it, by whom, until when."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from zhike.complaints.choices import NoticeState
from zhike.complaints.models import Cause, Complaint, Notice
from zhike.complaints.notice_rules import FURTHEST, check_date
from zhike.complaints.permissions import ANSWER
from zhike.complaints.selectors.causes import cause_tree
from zhike.complaints.selectors.notices import load_notice, may_answer
from zhike.complaints.services.findings import put_cause
from zhike.complaints.services.notice_handling import NoticeAct, on_notice, text_of
from zhike.core import clock
from zhike.core.access import Forbidden, Grants
from zhike.core.calendar import elapsed_minutes
from zhike.core.calendar.units import schedule_for_unit
from zhike.core.errors import Conflict, RuleError
from zhike.core.work import Actor
from zhike.desk.phrases import Place
from zhike.desk.services.words import NOT_KEPT, Kept, check_texts

LONGEST_NAME = 60


@dataclass(frozen=True)
class Answer:
    """What a department says. A cause of the tree, words of its own, or both."""

    action: str
    responsible: str
    action_due: date | None
    cause_id: int | None = None
    cause_text: str = ""
    check_due: date | None = None


def answer_notice(
    *, actor: Actor, grants: Grants, number: str, answer: Answer, kept: Kept = NOT_KEPT
) -> Notice:
    """Answer once, for oneself or one's department. The case goes on when it waits for nothing else."""
    known = load_notice(grants, number)
    if not may_answer(grants, known):
        raise Forbidden(
            ANSWER,
            _("This notice is for %(unit)s, %(person)s; they answer it.")
            % {"unit": known.unit.name, "person": known.person_name},
        )
    cause, given = _checked(answer)
    asked = {
        "cause_text": (given.cause_text, Place.NOTICE),
        "action": (given.action, Place.NOTICE),
    }
    words = check_texts(asked, actor=actor, grants=grants, kept=kept)
    with on_notice("answer", actor=actor, notice_id=known.pk) as on:
        notice = on.notice
        _refuse_closed(notice)
        notice.state = NoticeState.ANSWERED
        notice.answered_at = on.now
        notice.answered_by_id, notice.answered_by_name = actor.id, actor.name[:80]
        # A department's clock runs on while the case waits for its customer.
        hours = schedule_for_unit(notice.unit_id)
        notice.answer_minutes = elapsed_minutes(hours, notice.asked_at, on.now)
        notice.cause, notice.cause_text = cause, given.cause_text
        notice.action, notice.responsible = given.action, given.responsible
        notice.action_due, notice.check_due = given.action_due, given.check_due
        _note(on, cause, given, words)
        on.tell([notice.sent_by_id, on.act.case.owner_id], "notice_answered")
        on.settle()
    return notice


def _refuse_closed(notice: Notice) -> None:
    if notice.state == NoticeState.WITHDRAWN:
        raise Conflict("withdrawn", _("This notice was withdrawn; nobody waits for an answer."))
    if notice.state != NoticeState.SENT:
        raise Conflict(
            "answered",
            _("%(name)s has answered already.") % {"name": notice.answered_by_name},
            extra={"answered_by": notice.answered_by_name},
        )


def _checked(answer: Answer) -> tuple[Cause | None, Answer]:
    cause = _cause(answer.cause_id)
    words = answer.cause_text.strip()
    if cause is None and not words:
        raise RuleError(
            "cause_missing",
            _("Please choose why it happened, or say it in your own words."),
            field="cause",
        )
    action = text_of(answer.action, "action", _("Please say what you do about it."))
    responsible = text_of(
        " ".join(answer.responsible.split()),
        "responsible",
        _("Please say who is responsible for it."),
        LONGEST_NAME,
    )
    action_due, check_due = _dates(answer)
    return cause, Answer(
        action=action,
        responsible=responsible,
        action_due=action_due,
        cause_text=text_of(words, "cause_text", "") if words else "",
        check_due=check_due,
    )


def _cause(cause_id: int | None) -> Cause | None:
    if cause_id is None:
        return None
    for node in cause_tree():
        if node.cause.pk == cause_id and node.is_offered:
            return node.cause
    raise RuleError("cause_unknown", _("There is no such cause."), field="cause")


def _dates(answer: Answer) -> tuple[date, date]:
    today = clock.today()
    due = answer.action_due
    if due is None:
        raise RuleError("date_missing", _("Please say until when it is done."), field="action_due")
    if due < today:
        raise RuleError("date_past", _("This day has passed already."), field="action_due")
    if due > today + FURTHEST:
        raise RuleError(
            "date_far", _("More than two years ahead; please look again."), field="action_due"
        )
    check_due = check_date(due, answer.check_due)
    if check_due < due:
        raise RuleError(
            "check_before_action",
            _("It can be checked only after it is done."),
            field="check_due",
        )
    if check_due > due + FURTHEST:
        raise RuleError(
            "date_far", _("More than two years ahead; please look again."), field="check_due"
        )
    return due, check_due


def _note(on: NoticeAct, cause: Cause | None, given: Answer, words: dict[str, Any]) -> None:
    """The line of the record, and the cause of a complaint nobody has named one for yet."""
    on.write(
        "notice_answered",
        text=given.action,
        cause=(cause.name or cause.code or "") if cause is not None else "",
        cause_text=given.cause_text,
        responsible=given.responsible,
        until=given.action_due.isoformat() if given.action_due else "",
        **words,
    )
    complaint = Complaint.objects.filter(pk=on.act.case.pk).first()
    if complaint is not None and complaint.cause_id is None and cause is not None:
        put_cause(on.act, complaint, cause)
