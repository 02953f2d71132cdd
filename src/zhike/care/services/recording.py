"""What came of a visit: a call in vain, or a result and everything that follows from it, in one unit of work."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from zhike.care.choices import Result, State
from zhike.care.contacting import note_contact, refuse_unwanted
from zhike.care.errors import too_early, visit_not_found
from zhike.care.events import VisitCarriedOut
from zhike.care.models import FollowUp, ScriptVersion
from zhike.care.rules import ANSWERED
from zhike.care.selectors import (
    get_follow_up,
    reach_rule,
    script_for,
    tries_in_vain,
    version_for,
    visible_follow_ups,
)
from zhike.care.services.answers import checked_answers
from zhike.care.services.holding import Visiting, visiting
from zhike.care.services.making import make_again
from zhike.complaints.choices import Unconfirmed
from zhike.complaints.models import Complaint
from zhike.complaints.services import follow_up_content, stand_unconfirmed
from zhike.complaints.services.notices import send_notice
from zhike.core import work
from zhike.core.access import Grants
from zhike.core.errors import RuleError
from zhike.core.work import Actor
from zhike.customers.services.timeline import add_timeline_entry
from zhike.desk import services as desk
from zhike.desk.case_types import COMPLAINT
from zhike.desk.choices import Channel, LinkKind
from zhike.desk.permissions import ASSIGN
from zhike.desk.phrases import Place
from zhike.desk.rules import excerpt
from zhike.desk.services.attaching import already_sent
from zhike.desk.services.handling import scoped_key
from zhike.desk.services.texts import LONGEST_REASON, LONGEST_TITLE, body_of, reason_of
from zhike.desk.services.words import NOT_KEPT, SETTLED, Kept, check_texts, check_words

TIMELINE_KIND = "care.follow_up"
# Further ahead nobody agrees a call; a slip of the year is what it is.
LONGEST_WAIT = timedelta(days=60)


@dataclass(frozen=True)
class Outcome:
    """What the customer said. `missing` is for partly content, `notice` for not content."""

    result: str
    words: str = ""
    missing: str = ""
    # {question id: True or False, 1 to 5, or text}
    answers: Mapping[str, Any] = field(default_factory=dict)
    # The version the questions were read from; the present one when not given.
    script_id: int | None = None
    # To whom the notice goes, and what it asks; the customer's words when it says nothing else.
    unit_id: int | None = None
    person_id: int | None = None
    notice: str = ""


def record_attempt(
    *,
    actor: Actor,
    grants: Grants,
    follow_up_id: int,
    note: str = "",
    next_try_at: datetime | None = None,
    submit_key: str = "",
    kept: Kept = NOT_KEPT,
) -> FollowUp:
    """Nobody was reached. The visit stays due; `next_try_at` says when to try again."""
    note = reason_of(note, required=False)
    words = check_words(note, Place.NOTE, actor=actor, grants=grants, kept=kept)
    key = scoped_key(actor, submit_key)
    known = visible_follow_ups(grants).filter(pk=follow_up_id).first()
    if known is not None and key and already_sent(known.case_id, key) is not None:
        return known
    if known is not None:
        refuse_unwanted(known, next_try_at)
    with visiting("attempt", actor=actor, grants=grants, follow_up_id=follow_up_id) as at:
        visit = at.visit
        if already_sent(visit.case_id, key) is not None:
            return visit
        _put_next_try(visit, next_try_at, at.act.work.now)
        at.tried(reached=False, note=note)
        # The gate of complaints counts lines that say so.
        at.line("attempt", text=note, submit_key=key, reached=False, count=visit.attempts, **words)
    return visit


def _put_next_try(visit: FollowUp, next_try_at: datetime | None, now: datetime) -> None:
    if next_try_at is not None and next_try_at <= now:
        raise RuleError(
            "next_try_past", _("The next call must lie ahead of now."), field="next_try_at"
        )
    if next_try_at is not None and next_try_at > now + LONGEST_WAIT:
        raise RuleError(
            "next_try_far", _("The next call lies more than 60 days ahead."), field="next_try_at"
        )
    visit.next_try_at = next_try_at
    visit.plan_at = next_try_at or visit.due_at
    visit.remind_at = next_try_at


def record_result(
    *,
    actor: Actor,
    grants: Grants,
    follow_up_id: int,
    outcome: Outcome,
    kept: Kept = NOT_KEPT,
) -> FollowUp:
    """Record what came of the visit, once: whoever comes second is told who was first.

    Content archives the complaint. Partly makes a second visit. Not content reopens a complaint as its next
    round and sends the notice; of any other case it opens a complaint that follows from it. All of it or nothing.
    """
    outcome = _checked(outcome)
    # What the customer said is theirs; what is missing and what the department is asked is ours.
    asked = {"missing": (outcome.missing, Place.NOTE), "notice": (outcome.notice, Place.NOTICE)}
    words = check_texts(asked, actor=actor, grants=grants, kept=kept)
    # One unit around several acts on cases: they follow one another, none within another.
    with work.unit(actor) as unit:
        with visiting("result", actor=actor, grants=grants, follow_up_id=follow_up_id) as at:
            is_complaint = _is_complaint(at)
            if outcome.result == Result.NOT_CONTENT and is_complaint:
                _require_person(outcome)
            _put_result(at, outcome)
            if outcome.result == Result.CONTENT and is_complaint:
                data = {"follow_up": str(at.visit.pk)}
                follow_up_content(at.act, says=outcome.words, data=data)
            else:
                at.line(
                    "result",
                    text="\n".join(filter(None, (outcome.words, outcome.missing))),
                    result=outcome.result,
                    **words,
                )
            if outcome.result == Result.UNREACHABLE and is_complaint:
                stand_unconfirmed(at.act.case.pk, Unconfirmed.UNREACHABLE)
            if outcome.result == Result.PARTLY:
                make_again(at.visit, at.act.work)
        if outcome.result == Result.NOT_CONTENT:
            _begin_again(actor, grants, at.visit, outcome, is_complaint)
        if outcome.result in ANSWERED:
            unit.publish(
                VisitCarriedOut(
                    follow_up_id, at.visit.case_id, at.visit.customer_id, outcome.result
                )
            )
    return get_follow_up(grants, follow_up_id) if _still_sees(grants, follow_up_id) else at.visit


def _still_sees(grants: Grants, follow_up_id: int) -> bool:
    return visible_follow_ups(grants).filter(pk=follow_up_id).exists()


def _checked(outcome: Outcome) -> Outcome:
    if outcome.result not in Result.values:
        raise RuleError(
            "result_unknown", _("Please choose what came of the visit."), field="result"
        )
    words = body_of(outcome.words, required=False, field="words")
    missing = body_of(outcome.missing, required=False, field="missing")
    notice = body_of(outcome.notice, required=False, field="notice")
    if outcome.result == Result.NOT_CONTENT and not words:
        raise RuleError(
            "words_missing",
            _("Please write down what the customer said; the notice begins with it."),
            field="words",
        )
    if outcome.result == Result.PARTLY and not missing:
        raise RuleError(
            "missing_missing", _("Please write down what is still missing."), field="missing"
        )
    is_partly = outcome.result == Result.PARTLY
    return replace(outcome, words=words, missing=missing if is_partly else "", notice=notice)


def _require_person(outcome: Outcome) -> None:
    if outcome.person_id is None:
        raise RuleError(
            "person_missing",
            _("Please say which department and who gets the new notice."),
            field="person",
        )


def _is_complaint(at: Visiting) -> bool:
    case = at.act.case
    return case.type_id == COMPLAINT and Complaint.objects.filter(pk=case.pk).exists()


def _put_result(at: Visiting, outcome: Outcome) -> None:
    visit, now = at.visit, at.act.work.now
    if outcome.result == Result.UNREACHABLE:
        tries, (attempts, days) = tries_in_vain(visit), reach_rule()
        if not tries.suffice(attempts, days):
            raise too_early(tries, attempts, days)
    else:
        version = _script_of(visit, outcome.script_id)
        visit.script = version
        visit.answers = checked_answers(version, outcome.answers)
        at.tried(reached=True, note="")
        note_contact(at.act.work, visit)
    visit.state, visit.result = State.DONE, outcome.result
    visit.words, visit.missing = outcome.words, outcome.missing
    visit.done_at = visit.ended_at = now
    visit.done_by_id, visit.done_by_name = at.act.actor.id, at.act.actor.name[:80]
    visit.next_try_at = visit.remind_at = None
    add_timeline_entry(
        at.act.work,
        customer_id=visit.customer_id,
        kind=TIMELINE_KIND,
        room="care",
        obj=visit,
        title=outcome.result,
        unit_id=visit.unit_id,
        is_contact=outcome.result in ANSWERED,
    )


def _script_of(visit: FollowUp, script_id: int | None) -> ScriptVersion | None:
    if script_id is None:
        return script_for(visit.type_code)
    version = version_for(visit.type_code, script_id)
    if version is None:
        raise RuleError(
            "script_unknown", _("There is no such script for this visit."), field="script_id"
        )
    return version


def _begin_again(
    actor: Actor, grants: Grants, visit: FollowUp, outcome: Outcome, is_complaint: bool
) -> None:
    case_id = visit.case_id
    if is_complaint:
        reason = excerpt(outcome.words, LONGEST_REASON)
        desk.reopen(actor=actor, grants=grants, case_id=case_id, reason=reason, kept=SETTLED)
    else:
        case_id = _open_complaint(actor, grants, visit, outcome)
    if outcome.person_id is not None:
        send_notice(
            actor=actor,
            # Who makes the visit may ask the department, even when the case is a colleague's.
            grants=replace(grants, codes=grants.codes | {ASSIGN}),
            case_id=case_id,
            unit_id=outcome.unit_id,
            person_id=outcome.person_id,
            text=outcome.notice or outcome.words,
            kept=SETTLED,
        )


def _open_complaint(actor: Actor, grants: Grants, visit: FollowUp, outcome: Outcome) -> int:
    """A case that was no complaint has become one: with its customer, linked to what it follows from."""
    before = visible_follow_ups(grants).filter(pk=visit.pk).select_related("case").first()
    if before is None:
        raise visit_not_found()
    old = before.case
    title = _("Not content at the follow-up: %(title)s") % {"title": old.title}
    opened = desk.open_case(
        actor=actor,
        grants=grants,
        new=desk.NewCase(
            type_code=COMPLAINT,
            channel=Channel.PHONE,
            text=outcome.words,
            title=excerpt(title, LONGEST_TITLE),
            unit_id=visit.unit_id,
            customer_id=visit.customer_id,
        ),
        kept=SETTLED,
    )
    fresh = opened.case
    desk.link_cases(
        actor=actor, grants=grants, case_id=fresh.pk, other=old.number, kind=LinkKind.FOLLOWS
    )
    FollowUp.objects.filter(pk=visit.pk).update(new_case_id=fresh.pk)
    return fresh.pk
