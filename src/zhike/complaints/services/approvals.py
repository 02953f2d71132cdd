"""Decisions somebody else must take: a remedy above the limit, a complaint that is a prank. Each is taken once."""

from typing import Any

from django.utils.translation import gettext as _

from zhike.complaints.choices import ApprovalKind, ApprovalState, RemedyState, WayOut
from zhike.complaints.models import Approval, Complaint, Notice, Remedy
from zhike.complaints.money import written
from zhike.complaints.permissions import APPROVE
from zhike.complaints.selectors.limits import limit_of, used_in
from zhike.complaints.selectors.remedies import approval_of
from zhike.complaints.services.deciding import count_open, tell_asker, where_it_is
from zhike.complaints.services.record import settle, write_line
from zhike.complaints.services.remedies import end_remedy
from zhike.complaints.services.ways_out import put_way_out
from zhike.core.access import Grants
from zhike.core.errors import Conflict, NotFound, RuleError
from zhike.core.work import Actor, Work
from zhike.desk.models import Case
from zhike.desk.phrases import Place
from zhike.desk.services.handling import Handling, handling
from zhike.desk.services.texts import LONGEST_REASON, cleaned, reason_of
from zhike.desk.services.words import NOT_KEPT, Kept, check_words


def decide(
    *,
    actor: Actor,
    grants: Grants,
    approval_id: int,
    grant: bool,
    note: str = "",
    kept: Kept = NOT_KEPT,
) -> Approval:
    """Approve or refuse. Whoever comes second learns who decided what; a refusal says why."""
    grants.require(APPROVE)
    note = _note(note, required=not grant)
    words = check_words(note, Place.NOTE, actor=actor, grants=grants, kept=kept)

    def decided(case_id: int) -> Approval:
        with handling("decide", actor=actor, grants=grants, case_id=case_id, needs=APPROVE) as act:
            return _decide(act, approval_id, grant, note, words)

    return where_it_is(lambda: approval_of(grants, approval_id).case_id, decided)


def _decide(
    act: Handling, approval_id: int, grant: bool, note: str, words: dict[str, Any]
) -> Approval:
    approval = _locked(act, approval_id)
    _refuse_decided(approval)
    _require_judge(act, approval)
    _close(act, approval, ApprovalState.GRANTED if grant else ApprovalState.REFUSED, note)
    write_line(
        act,
        "approval_granted" if grant else "approval_refused",
        text=note,
        approval=approval.pk,
        **_about(approval),
        **words,
    )
    if approval.remedy is not None:
        _decide_remedy(act, approval, grant, note)
    elif grant:
        _grant_prank(act, approval)
    tell_asker(act, approval)
    settle(act)
    return approval


def withdraw_request(
    *, actor: Actor, grants: Grants, approval_id: int, reason: str, kept: Kept = NOT_KEPT
) -> Approval:
    """Whoever asked does not need it any more; the remedy it was about is called off."""
    reason = reason_of(reason)
    words = check_words(reason, Place.NOTE, actor=actor, grants=grants, kept=kept)

    def withdrawn(case_id: int) -> Approval:
        with handling("approval_withdraw", actor=actor, grants=grants, case_id=case_id) as act:
            return _withdraw(act, approval_id, reason, words)

    return where_it_is(lambda: approval_of(grants, approval_id).case_id, withdrawn)


def _withdraw(act: Handling, approval_id: int, reason: str, words: dict[str, Any]) -> Approval:
    approval = _locked(act, approval_id)
    _refuse_decided(approval)
    if approval.asked_by_id is None or approval.asked_by_id != act.actor.id:
        raise RuleError(
            "not_yours",
            _("Only %(name)s, who asked, can take this back.") % {"name": approval.asked_by_name},
        )
    _close(act, approval, ApprovalState.CALLED_OFF, reason)
    write_line(
        act, "approval_withdrawn", text=reason, approval=approval.pk, **_about(approval), **words
    )
    if approval.remedy is not None:
        end_remedy(act, approval.remedy, RemedyState.CALLED_OFF, reason)
    settle(act)
    return approval


def _note(text: str, *, required: bool) -> str:
    text = " ".join(cleaned(text).split())
    if required and not text:
        raise RuleError("note_missing", _("Please say why it is refused."), field="note")
    if len(text) > LONGEST_REASON:
        raise RuleError(
            "text_too_long",
            _("At most %(limit)s characters, please.") % {"limit": LONGEST_REASON},
            field="note",
        )
    return text


def _locked(act: Handling, approval_id: int) -> Approval:
    """Read anew under the lock of its case; one that went to another case meanwhile is not found."""
    rows = Approval.objects.select_related("remedy").filter(pk=approval_id, case=act.case)
    found = rows.first()
    if found is None:
        raise NotFound()
    return found


def _refuse_decided(approval: Approval) -> None:
    if approval.state == ApprovalState.OPEN:
        return
    decision = approval.get_state_display()
    raise Conflict(
        "already_decided",
        _("%(name)s was first: “%(decision)s”.")
        % {"name": approval.decided_by_name, "decision": decision},
        extra={
            "decided_by": approval.decided_by_name,
            "decision": approval.state,
            "note": approval.note,
        },
    )


def _require_judge(act: Handling, approval: Approval) -> None:
    """Nobody approves what they asked for, or more than their own limit."""
    if approval.asked_by_id is not None and approval.asked_by_id == act.actor.id:
        raise RuleError(
            "own_request",
            _("You asked for this yourself; somebody else must decide."),
        )
    if approval.remedy is None:
        return
    total, limit = used_in(act.case.pk), limit_of(act.actor.id)
    if total > limit:
        raise RuleError(
            "above_limit",
            _(
                "The remedies of this case come to %(total)s; you may decide up to %(limit)s. "
                "Please pass it to somebody with a larger limit."
            )
            % {"total": written(total), "limit": written(limit)},
            extra={"sum_cents": total, "limit_cents": limit},
        )


def _close(act: Handling, approval: Approval, state: ApprovalState, note: str) -> None:
    decided = {
        "state": state,
        "decided_by_id": act.actor.id,
        "decided_by_name": act.actor.name[:80],
        "decided_at": act.work.now,
        "note": note,
    }
    # Only one that is open still: the lock of the case says so, the row itself makes sure.
    if not Approval.objects.filter(pk=approval.pk, state=ApprovalState.OPEN).update(**decided):
        approval.refresh_from_db()
        _refuse_decided(approval)
    count_open(act.work, act.case.unit_id, -1)
    for name, value in decided.items():
        setattr(approval, name, value)
    remedy = approval.remedy
    act.work.audit(
        "complaints.approval.decide",
        approval,
        before={"state": ApprovalState.OPEN.value},
        after={
            "state": state.value,
            "kind": approval.kind,
            "amount_cents": remedy.amount_cents if remedy is not None else None,
            "asked_by": approval.asked_by_id,
        },
        unit_id=act.case.unit_id,
    )


def _about(approval: Approval) -> dict[str, Any]:
    remedy = approval.remedy
    if remedy is None:
        return {"asked": approval.kind}
    return {
        "asked": approval.kind,
        "remedy": remedy.pk,
        "kind": remedy.kind,
        "amount_cents": remedy.amount_cents,
    }


def _decide_remedy(act: Handling, approval: Approval, grant: bool, note: str) -> None:
    remedy = approval.remedy
    assert remedy is not None
    if not grant:
        end_remedy(act, remedy, RemedyState.REFUSED, note)
        return
    remedy.state = RemedyState.APPROVED
    remedy.save(update_fields=["state"])


def _grant_prank(act: Handling, approval: Approval) -> None:
    assert approval.kind == ApprovalKind.PRANK
    complaint = Complaint.objects.filter(pk=act.case.pk).first()
    if complaint is None:
        raise RuleError(
            "no_complaint", _("This case is no complaint any more; please refuse the request.")
        )
    if complaint.way_out:
        raise Conflict(
            "way_out_taken",
            _("It already ends as “%(way)s”. Undo that first, or refuse the request.")
            % {"way": complaint.get_way_out_display()},
        )
    put_way_out(act, complaint, WayOut.PRANK, approval.why)


def carry_over(from_id: int, into_id: int, unit: Work) -> None:
    """Two cases become one: what waits for a decision goes along, and is asked once."""
    units = dict(Case.objects.filter(pk__in=(from_id, into_id)).values_list("pk", "unit_id"))
    rows = Approval.objects.filter(state=ApprovalState.OPEN, case_id=from_id)
    count_open(unit, units[from_id], -rows.count())
    if Approval.objects.filter(
        kind=ApprovalKind.PRANK, state=ApprovalState.OPEN, case_id=into_id
    ).exists():
        rows.filter(kind=ApprovalKind.PRANK).update(
            state=ApprovalState.CALLED_OFF,
            decided_by_id=unit.actor.id,
            decided_by_name=unit.actor.name[:80],
            decided_at=unit.now,
        )
    count_open(unit, units[into_id], rows.count())
    for model in (Approval, Notice, Remedy):
        rows_of = model._default_manager.filter(case_id=from_id)
        rows_of.update(case_id=into_id, case_unit_id=units[into_id])


def follow_unit(case_id: int, from_unit_id: int, to_unit_id: int, unit: Work) -> None:
    """A case went to another unit: its open questions wait there, and what stands beside it goes along."""
    for model in (Approval, Notice, Remedy):
        model._default_manager.filter(case_id=case_id).update(case_unit_id=to_unit_id)
    waiting = Approval.objects.filter(state=ApprovalState.OPEN, case_id=case_id).count()
    count_open(unit, from_unit_id, -waiting)
    count_open(unit, to_unit_id, waiting)


def forget_voided(case_id: int, unit: Work) -> None:
    """A case that was taken back shows nowhere, so nothing of it waits."""
    rows = Approval.objects.filter(state=ApprovalState.OPEN, case_id=case_id)
    count_open(unit, Case.objects.values_list("unit_id", flat=True).get(pk=case_id), -rows.count())
