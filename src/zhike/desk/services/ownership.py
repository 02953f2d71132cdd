"""Who is responsible: take up, hand over, give back, move to another unit."""

from typing import Any

from django.utils.translation import gettext as _

from zhike.accounts.models import Unit, User
from zhike.core import access
from zhike.core.access import Grants
from zhike.core.errors import Forbidden, RuleError
from zhike.core.notify import notify
from zhike.core.work import Actor
from zhike.desk import errors
from zhike.desk.addresses import case_url
from zhike.desk.choices import EventKind
from zhike.desk.events import CaseHandedOver, CaseMoved
from zhike.desk.models import Case
from zhike.desk.permissions import ASSIGN, HANDOVER, VIEW, WORK
from zhike.desk.phrases import Place
from zhike.desk.rules import CaseState
from zhike.desk.selectors.scope import may_see
from zhike.desk.services.handling import Handling, handling
from zhike.desk.services.moves import set_clock_openly
from zhike.desk.services.texts import reason_of
from zhike.desk.services.words import NOT_KEPT, Kept, check_words


def _refuse_ended(case: Case) -> None:
    if case.is_ended:
        raise RuleError(
            "case_closed", _("This case is closed. Reopen it first, saying why."), field="state"
        )


def claim(*, actor: Actor, grants: Grants, case_id: int) -> Case:
    """Take a case nobody has. Whoever comes second learns who has it (Conflict "taken")."""
    with handling("claim", actor=actor, grants=grants, case_id=case_id) as act:
        case = act.case
        if case.owner_id is not None:
            if case.owner_id == actor.id:
                return case
            raise errors.taken(case)
        _refuse_ended(case)
        if actor.id is None:
            raise RuleError("claim_by_nobody", _("Only a person can take a case."))
        act.own(actor.id, actor.name)
        act.append(EventKind.CLAIM, data={"to": actor.id, "to_name": actor.name})
        if case.case_state is CaseState.NEW:
            act.move(CaseState.OPEN)
    return case


def hand_over(
    *,
    actor: Actor,
    grants: Grants,
    case_id: int,
    to_user_id: int,
    reason: str,
    expected_owner_id: int | None,
    kept: Kept = NOT_KEPT,
) -> Case:
    """Give a case to a colleague, saying why. Other people's cases need the right to assign.

    When the receiver does not reach the case's unit, it moves to theirs: an owner always sees their case.
    """
    if not (grants.allows(HANDOVER) or grants.allows(ASSIGN)):
        raise Forbidden(HANDOVER)
    return _pass_on(
        actor=actor,
        grants=grants,
        case_id=case_id,
        to_user_id=to_user_id,
        reason=reason,
        expected_owner_id=expected_owner_id,
        kept=kept,
    )


def _pass_on(
    *,
    actor: Actor,
    grants: Grants,
    case_id: int,
    to_user_id: int | None,
    reason: str,
    expected_owner_id: int | None,
    kept: Kept,
) -> Case:
    reason = reason_of(reason)
    words = check_words(reason, Place.NOTE, actor=actor, grants=grants, kept=kept)
    receiver = _receiver(to_user_id)
    with handling("hand_over", actor=actor, grants=grants, case_id=case_id, needs=VIEW) as act:
        case = act.case
        if case.owner_id == receiver.pk:
            return case
        if case.owner_id != expected_owner_id:
            raise errors.owner_changed(case)
        if case.owner_id != actor.id and not grants.allows(ASSIGN):
            raise Forbidden(ASSIGN)
        _refuse_ended(case)
        _give_to(act, receiver, reason, words)
    return case


def _receiver(user_id: int | None) -> User:
    receiver = User.objects.filter(pk=user_id or 0, is_active=True).first()
    if receiver is None:
        raise RuleError("receiver_unknown", _("This person is not here any more."), field="to_user")
    if not access.grants_of(receiver).allows(WORK):
        raise RuleError(
            "receiver_may_not",
            _("%(name)s has no permission to work on cases.") % {"name": receiver.name},
            field="to_user",
        )
    return receiver


def _give_to(act: Handling, receiver: User, reason: str, words: dict[str, Any]) -> None:
    case = act.case
    before_id, before_name = case.owner_id, case.owner_name
    act.own(receiver.pk, receiver.name)
    if before_id is not None:
        case.handover_count += 1
    moved_from = None
    if not may_see(access.grants_of(receiver), case):
        moved_from = case.unit_id
        case.unit_id = receiver.unit_id
    if case.case_state is CaseState.NEW:
        act.move(CaseState.OPEN)
    act.append(
        EventKind.HANDOVER,
        data={
            "from": before_id,
            "from_name": before_name,
            "to": receiver.pk,
            "to_name": receiver.name,
            "reason": reason,
            "count": case.handover_count,
            "unit_from": moved_from,
            **words,
        },
    )
    if moved_from is not None:
        # The other unit's hours and plans count from now on, as when a case is moved by itself.
        case.to_department_at = case.to_department_at or act.work.now
        set_clock_openly(act, unit=case.unit_id)
    for user_id in {before_id, receiver.pk} - {act.actor.id}:
        if user_id is None:
            continue
        notify(
            act.work,
            user_id=user_id,
            kind="desk.handover" if user_id == receiver.pk else "desk.taken_over",
            values={"name": act.actor.name, "number": case.number, "title": case.title},
            url=case_url(case.number),
        )
    act.work.publish(CaseHandedOver(case.pk, before_id, receiver.pk, reason))
    if moved_from is not None:
        act.work.publish(CaseMoved(case.pk, moved_from, case.unit_id))


def give_back(
    *, actor: Actor, grants: Grants, case_id: int, reason: str, kept: Kept = NOT_KEPT
) -> Case:
    """Put a case back into the queue for somebody else to take."""
    reason = reason_of(reason)
    words = check_words(reason, Place.NOTE, actor=actor, grants=grants, kept=kept)
    with handling("give_back", actor=actor, grants=grants, case_id=case_id, needs=HANDOVER) as act:
        case = act.case
        if case.owner_id is None:
            return case
        act.require_say()
        before_id, before_name = case.owner_id, case.owner_name
        act.move(CaseState.NEW)
        act.own(None, "")
        case.handover_count += 1
        act.append(
            EventKind.HANDOVER,
            data={
                "from": before_id,
                "from_name": before_name,
                "to": None,
                "to_name": "",
                "reason": reason,
                "count": case.handover_count,
                **words,
            },
        )
        act.work.publish(CaseHandedOver(case.pk, before_id, None, reason))
    return case


def set_unit(
    *,
    actor: Actor,
    grants: Grants,
    case_id: int,
    unit_id: int,
    reason: str,
    kept: Kept = NOT_KEPT,
) -> Case:
    """Move a case to another unit. An owner who does not reach that unit gives it up to its queue."""
    reason = reason_of(reason)
    words = check_words(reason, Place.NOTE, actor=actor, grants=grants, kept=kept)
    unit = Unit.objects.filter(pk=unit_id, is_active=True).first()
    if unit is None:
        raise RuleError("unit_unknown", _("There is no such unit."), field="unit")
    with handling("unit", actor=actor, grants=grants, case_id=case_id, needs=HANDOVER) as act:
        case = act.case
        if case.unit_id == unit.pk:
            return case
        act.require_say()
        _refuse_ended(case)
        before_id = case.unit_id
        case.unit_id = unit.pk
        case.to_department_at = case.to_department_at or act.work.now
        act.append(
            EventKind.UNIT,
            data={"from": before_id, "to": unit.pk, "to_name": unit.name, "reason": reason} | words,
        )
        if case.owner_id is not None and not may_see(_grants_of(case.owner_id), case):
            _leave_owner(act, reason)
        set_clock_openly(act, unit=unit.pk)
        act.work.publish(CaseMoved(case.pk, before_id, unit.pk))
    return case


def _grants_of(user_id: int) -> Grants:
    return access.grants_of(User.objects.get(pk=user_id))


def _leave_owner(act: Handling, reason: str) -> None:
    case = act.case
    if case.case_state is not CaseState.OPEN:
        raise RuleError(
            "unit_while_waiting",
            _("Take the case back into hand before moving it to a unit its owner does not reach."),
            field="unit",
        )
    before_id = case.owner_id
    act.move(CaseState.NEW)
    act.own(None, "")
    case.handover_count += 1
    act.work.publish(CaseHandedOver(case.pk, before_id, None, reason))
