"""Notices from the side that asks: sent, reminded of, withdrawn, an answer given back, a measure checked."""

from django.utils.translation import gettext as _

from zhike.accounts.models import Unit, User
from zhike.complaints.choices import NoticeState
from zhike.complaints.events import NoticeSent
from zhike.complaints.models import Notice
from zhike.complaints.notice_rules import REMINDER_GAP, related_paths
from zhike.complaints.permissions import ANSWER, MANAGE_NOTICES
from zhike.complaints.selectors.notices import load_notice, may_check, may_steer
from zhike.complaints.services.notice_dues import set_due
from zhike.complaints.services.notice_handling import (
    columns,
    count_move,
    on_notice,
    tell,
    text_of,
)
from zhike.complaints.services.record import round_of, settle, write_line
from zhike.core import access, clock
from zhike.core.access import Forbidden, Grants
from zhike.core.errors import Conflict, RuleError
from zhike.core.numbers import dated_number
from zhike.core.work import Actor
from zhike.desk.phrases import Place
from zhike.desk.services.clocks import stop_answered
from zhike.desk.services.handling import Handling, handling, scoped_key
from zhike.desk.services.texts import reason_of
from zhike.desk.services.words import NOT_KEPT, Kept, check_words

PREFIX = "TZ"
TIMELINE_KIND = "complaints.notice"


def send_notice(
    *,
    actor: Actor,
    grants: Grants,
    case_id: int,
    unit_id: int | None,
    person_id: int,
    text: str,
    submit_key: str = "",
    kept: Kept = NOT_KEPT,
) -> Notice:
    """Ask a department and a person for the cause, and what they do about it. Of any case, ended ones included.

    Without `unit_id` it is the person's own unit. The case waits for the department until the answer is there.
    """
    text = text_of(text, "text", _("Please say what happened and what you ask."))
    words = check_words(text, Place.NOTICE, actor=actor, grants=grants, kept=kept)
    unit, person = _addressed(actor, unit_id, person_id)
    key = scoped_key(actor, submit_key) or None
    with handling("notice_send", actor=actor, grants=grants, case_id=case_id) as act:
        act.require_say()
        known = Notice.objects.filter(submit_key=key).first() if key else None
        if known is not None:
            return known
        notice = _make(act, unit, person, text)
        notice.submit_key = key
        notice.save()
        count_move(act.work, None, notice.counted_as())
        act.work.audit(
            "complaints.notice.send",
            notice,
            after={**columns(notice), "case_id": act.case.pk, "person_id": person.pk},
        )
        write_line(
            act,
            "notice_sent",
            text=text,
            notice=notice.pk,
            number=notice.number,
            unit=unit.name,
            person=person.name,
            **words,
        )
        tell(act.work, notice, [person.pk], "notice_sent")
        act.note_on_timeline(TIMELINE_KIND)
        act.case.to_department_at = act.case.to_department_at or act.work.now
        stop_answered(act.case)
        settle(act)
        act.work.publish(NoticeSent(notice.pk, act.case.pk))
    return notice


def _addressed(actor: Actor, unit_id: int | None, person_id: int) -> tuple[Unit, User]:
    person = User.objects.select_related("unit").filter(pk=person_id, is_active=True).first()
    if person is None:
        raise RuleError("person_unknown", _("This person is not here any more."), field="person")
    if person.pk == actor.id:
        raise RuleError(
            "person_self", _("Please address somebody else than yourself."), field="person"
        )
    if not access.grants_of(person).allows(ANSWER):
        raise RuleError(
            "person_may_not",
            _("%(name)s has no permission to answer notices.") % {"name": person.name},
            field="person",
        )
    unit = Unit.objects.filter(pk=unit_id or person.unit_id, is_active=True).first()
    if unit is None:
        raise RuleError("unit_unknown", _("There is no such unit."), field="unit")
    if not related_paths(unit.path, person.unit.path):
        raise RuleError(
            "person_elsewhere",
            _("%(name)s belongs to %(own)s, neither above nor below %(unit)s.")
            % {"name": person.name, "own": person.unit.name, "unit": unit.name},
            field="person",
        )
    return unit, person


def _make(act: Handling, unit: Unit, person: User, text: str) -> Notice:
    now = act.work.now
    notice = Notice(
        number=dated_number(PREFIX, clock.local(now).date()),
        case=act.case,
        case_unit_id=act.case.unit_id,
        round=round_of(act),
        unit=unit,
        person=person,
        person_name=person.name,
        text=text,
        sent_by_id=act.actor.id,
        sent_by_name=act.actor.name[:80],
        sent_at=now,
    )
    set_due(notice, act.case, now)
    return notice


def _steered(grants: Grants, number: str) -> Notice:
    notice = load_notice(grants, number)
    if not may_steer(grants, notice):
        raise Forbidden(
            MANAGE_NOTICES, _("Only who sent this notice, or the owner of its case, does that.")
        )
    return notice


def _refuse_settled(notice: Notice) -> None:
    if notice.state == NoticeState.WITHDRAWN:
        raise Conflict("withdrawn", _("This notice was withdrawn."))
    if notice.state != NoticeState.SENT:
        raise Conflict(
            "answered",
            _("%(name)s has answered already.") % {"name": notice.answered_by_name},
            extra={"answered_by": notice.answered_by_name},
        )


def remind(*, actor: Actor, grants: Grants, number: str) -> Notice:
    """Press for the answer: at most once an hour, and counted."""
    known = _steered(grants, number)
    with on_notice("remind", actor=actor, notice_id=known.pk) as on:
        notice = on.notice
        _refuse_settled(notice)
        last = notice.last_reminded_at
        if last is not None and on.now - last < REMINDER_GAP:
            again = clock.local(last + REMINDER_GAP)
            raise Conflict(
                "reminded",
                _("%(person)s was reminded less than an hour ago; again from %(time)s on.")
                % {"person": notice.person_name, "time": f"{again:%H:%M}"},
            )
        notice.reminders += 1
        notice.last_reminded_at = on.now
        on.write("notice_reminded", person=notice.person_name, count=notice.reminders)
        on.tell([notice.person_id], "notice_reminded")
    return notice


def withdraw_notice(
    *, actor: Actor, grants: Grants, number: str, reason: str, kept: Kept = NOT_KEPT
) -> Notice:
    """Nothing is asked any more. What has been answered stays."""
    reason = reason_of(reason)
    words = check_words(reason, Place.NOTICE, actor=actor, grants=grants, kept=kept)
    known = _steered(grants, number)
    with on_notice("withdraw", actor=actor, notice_id=known.pk) as on:
        notice = on.notice
        _refuse_settled(notice)
        notice.state, notice.close_reason = NoticeState.WITHDRAWN, reason
        on.write("notice_withdrawn", text=reason, **words)
        on.tell([notice.person_id], "notice_withdrawn", reason=reason)
        on.settle()
    return notice


def return_notice(
    *, actor: Actor, grants: Grants, number: str, reason: str, kept: Kept = NOT_KEPT
) -> Notice:
    """The answer does not do: asked again, with a new due time. The former answer stays in the case's record."""
    reason = reason_of(reason)
    words = check_words(reason, Place.NOTICE, actor=actor, grants=grants, kept=kept)
    known = _steered(grants, number)
    with on_notice("return", actor=actor, notice_id=known.pk) as on:
        notice = on.notice
        if notice.state != NoticeState.ANSWERED:
            raise Conflict(
                "not_answered", _("Only an answer nobody has checked yet can be given back.")
            )
        answered_by = notice.answered_by_id
        _forget_answer(notice)
        notice.state, notice.returned_at = NoticeState.SENT, on.now
        notice.last_reminded_at = None
        set_due(notice, on.act.case, on.now)
        on.write("notice_returned", text=reason, **words)
        on.tell([notice.person_id, answered_by], "notice_returned", reason=reason)
        on.settle()
    return notice


def _forget_answer(notice: Notice) -> None:
    notice.answered_at = notice.answered_by = notice.answer_minutes = None
    notice.answered_by_name = ""
    notice.cause = None
    notice.cause_text = notice.action = notice.responsible = ""
    notice.action_due = notice.check_due = notice.check_told_at = None


def check_notice(
    *,
    actor: Actor,
    grants: Grants,
    number: str,
    held: bool,
    note: str = "",
    kept: Kept = NOT_KEPT,
) -> Notice:
    """Say later whether the measure held. When it did not, the note says what was seen."""
    known = load_notice(grants, number)
    if not may_check(grants, known):
        raise Forbidden(
            MANAGE_NOTICES,
            _("The owner of the case or who keeps notices says so, never whoever answered."),
        )
    missing = _("Please say what you saw.")
    note = text_of(note, "note", missing) if note.strip() or not held else ""
    words = check_words(note, Place.NOTICE, actor=actor, grants=grants, kept=kept)
    with on_notice("check", actor=actor, notice_id=known.pk) as on:
        notice = on.notice
        if notice.state in (NoticeState.HELD, NoticeState.FAILED):
            raise Conflict(
                "checked",
                _("%(name)s has checked it already.") % {"name": notice.checked_by_name},
            )
        if notice.state != NoticeState.ANSWERED:
            raise Conflict("not_answered", _("There is no answer to check yet."))
        if notice.answered_by_id == actor.id:
            raise Forbidden(MANAGE_NOTICES, _("Whoever answered cannot also check it."))
        notice.state = NoticeState.HELD if held else NoticeState.FAILED
        notice.checked_at, notice.checked_by_name = on.now, actor.name[:80]
        notice.check_note = note
        kind = "notice_held" if held else "notice_failed"
        on.write(kind, text=note, **words)
        on.tell(
            [notice.person_id, notice.answered_by_id, notice.sent_by_id, on.act.case.owner_id],
            kind,
        )
    return notice
