"""States, by the table: wait, resume, close, reopen; and what a case is called and counted as."""

from django.utils.translation import gettext as _

from zhike.core.access import Grants
from zhike.core.errors import RuleError
from zhike.core.work import Actor
from zhike.desk import errors, rules
from zhike.desk.choices import EventKind, Outcome, Priority, Visibility
from zhike.desk.events import CaseClosed, CaseTypeChanged
from zhike.desk.models import Case, CaseType
from zhike.desk.phrases import Place
from zhike.desk.rules import CaseState, Mover
from zhike.desk.services.clocks import STEP, start_clock
from zhike.desk.services.handling import Handling, handling
from zhike.desk.services.legal import legal_reasons
from zhike.desk.services.moves import (
    enter_state,
    hold_stale,
    reopen_now,
    set_clock_openly,
    stop_clocks,
)
from zhike.desk.services.texts import body_of, reason_of, title_of
from zhike.desk.services.words import NOT_KEPT, Kept, check_words
from zhike.desk.slots import FIRST_CLOCKS, GATES


def state_of(text: str) -> CaseState:
    try:
        return CaseState(text)
    except ValueError as unknown:
        raise RuleError(
            "state_unknown", _("There is no such state."), field="state", extra={"state": text}
        ) from unknown


def change_state(
    *,
    actor: Actor,
    grants: Grants,
    case_id: int,
    target: str,
    reason: str = "",
    kept: Kept = NOT_KEPT,
) -> Case:
    """Move a case along the table. Ending and merging have services of their own."""
    wanted = state_of(target)
    reason = reason_of(reason, required=False)
    words = check_words(reason, Place.NOTE, actor=actor, grants=grants, kept=kept)
    with handling("state", actor=actor, grants=grants, case_id=case_id) as act:
        source = act.case.case_state
        if wanted is source:
            return act.case
        special = wanted in rules.ENDED or wanted is CaseState.NEW or source in rules.ENDED
        if special or not rules.can_move(source, wanted, act.mover):
            raise errors.move_refused(source, wanted)
        act.require_say()
        enter_state(act, wanted, reason, words)
    return act.case


def wait_for_customer(
    *, actor: Actor, grants: Grants, case_id: int, reason: str, kept: Kept = NOT_KEPT
) -> Case:
    """The customer must supply something: the clock stands still until they answer."""
    return change_state(
        actor=actor,
        grants=grants,
        case_id=case_id,
        target=CaseState.WAITING_CUSTOMER,
        reason=reason_of(reason),
        kept=kept,
    )


def resume(*, actor: Actor, grants: Grants, case_id: int, reason: str = "") -> Case:
    return change_state(
        actor=actor, grants=grants, case_id=case_id, target=CaseState.OPEN, reason=reason
    )


def closing_reasons(case: Case, grants: Grants) -> list[str]:
    """Why this case may not be closed yet, in whole sentences; empty when it may."""
    reasons: list[str] = []
    open_children = Case.objects.filter(parent_id=case.pk, closed_at__isnull=True).count()
    if open_children:
        reasons.append(
            _("%(count)s cases under this one are still open.") % {"count": open_children}
        )
    reasons.extend(legal_reasons(case))
    for gate in GATES:
        reasons.extend(gate.reasons(case, grants))
    return reasons


def close_case(
    *,
    actor: Actor,
    grants: Grants,
    case_id: int,
    outcome: str,
    text: str,
    expected_seq: int | None = None,
    tell_customer: bool = False,
    is_history: bool = False,
    kept: Kept = NOT_KEPT,
) -> Case:
    """End a case with its outcome and one sentence of what was done. All clocks stop.

    `tell_customer` shows the sentence on the tracking page. `is_history` is for imports: what ended
    elsewhere, long ago, is not asked for what this house asks, and calls for no follow-up.
    """
    if outcome not in Outcome.values:
        raise RuleError("outcome_unknown", _("Please choose how it ended."), field="outcome")
    text = body_of(text)
    place = Place.OUTGOING if tell_customer else Place.NOTE
    words = check_words(text, place, actor=actor, grants=grants, kept=kept)
    with handling("close", actor=actor, grants=grants, case_id=case_id) as act:
        case = act.case
        if case.is_ended:
            raise RuleError("already_closed", _("This case is closed already."), field="state")
        act.require_say()
        hold_stale(act, expected_seq)
        if not is_history:
            _pass_gates(act)
        if case.owner_id is None and act.mover is Mover.STAFF:
            act.own(actor.id, actor.name)
        act.move(CaseState.CLOSED)
        case.outcome, case.close_reason = outcome, rules.excerpt(text, 500)
        stop_clocks(act)
        act.append(
            EventKind.CLOSED,
            text=text,
            data={"outcome": outcome, **({"is_history": True} if is_history else {})} | words,
            visibility=Visibility.PUBLIC if tell_customer else Visibility.INTERNAL,
        )
        act.note_on_timeline("desk.closed")
        act.work.publish(CaseClosed(case.pk, case.customer_id, outcome, is_history))
    return case


def _pass_gates(act: Handling) -> None:
    reasons = closing_reasons(act.case, act.grants)
    if reasons:
        raise RuleError("closing_refused", " ".join(reasons), extra={"reasons": reasons})


def reopen(
    *, actor: Actor, grants: Grants, case_id: int, reason: str, kept: Kept = NOT_KEPT
) -> Case:
    """Take a closed case up again, saying why."""
    reason = reason_of(reason)
    words = check_words(reason, Place.NOTE, actor=actor, grants=grants, kept=kept)
    with handling("reopen", actor=actor, grants=grants, case_id=case_id) as act:
        if act.case.case_state is not CaseState.CLOSED:
            raise errors.move_refused(act.case.case_state, CaseState.OPEN)
        if act.case.owner_id is None and act.mover is Mover.STAFF:
            act.own(actor.id, actor.name)
        reopen_now(act, reason, words)
    return act.case


def known_type(code: str) -> CaseType:
    kind = CaseType.objects.filter(code=code, is_active=True).first()
    if kind is None:
        raise RuleError("type_unknown", _("There is no such type of case."), field="type")
    return kind


def refuse_type_of_ended(case: Case) -> None:
    """Of what kind a case was is settled by closing it: its steps, visit and archive went by that."""
    if case.is_ended:
        raise RuleError(
            "case_closed",
            _("This case is closed, so its type stays. Reopen it first, saying why."),
            field="type",
        )


def change_type(*, actor: Actor, grants: Grants, case_id: int, type_code: str) -> Case:
    """What kind of matter it is. The number given at the start stays."""
    kind = known_type(type_code)
    with handling("type", actor=actor, grants=grants, case_id=case_id) as act:
        case = act.case
        if case.type_id == kind.code:
            return case
        act.require_say()
        refuse_type_of_ended(case)
        before, case.type_id = case.type_id, kind.code
        first = FIRST_CLOCKS.get(kind.code)
        if first is not None and STEP not in (case.started or {}):
            # It goes in steps from now on.
            start_clock(case, STEP, first.purpose, act.work.now)
        act.append(EventKind.TYPE, data={"from": before, "to": kind.code})
        set_clock_openly(act, type=kind.code)
        act.work.publish(CaseTypeChanged(case.pk, before, kind.code))
    return case


def set_priority(*, actor: Actor, grants: Grants, case_id: int, priority: int) -> Case:
    if priority not in Priority.values:
        raise RuleError("priority_unknown", _("There is no such priority."), field="priority")
    with handling("priority", actor=actor, grants=grants, case_id=case_id) as act:
        before = act.case.priority
        if before == priority:
            return act.case
        act.case.priority = priority
        act.append(EventKind.PRIORITY, data={"from": before, "to": priority})
    return act.case


def set_title(
    *, actor: Actor, grants: Grants, case_id: int, title: str, kept: Kept = NOT_KEPT
) -> Case:
    """The subject stands on the customer's progress page."""
    title = title_of(title)
    if not title:
        raise errors.text_missing("title")
    words = check_words(title, Place.OUTGOING, actor=actor, grants=grants, kept=kept)
    with handling("title", actor=actor, grants=grants, case_id=case_id) as act:
        before = act.case.title
        if before == title:
            return act.case
        act.case.title = title
        act.append(EventKind.TITLE, data={"from": before, "to": title} | words)
    return act.case
