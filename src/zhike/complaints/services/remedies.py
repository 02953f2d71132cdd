"""Remedies: proposed within one's limit or asked for, carried out with proof, called off with a reason.

The limit holds for all remedies of a case together, so that a large one cannot be split into small ones.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from zhike.complaints.choices import (
    REMEDY_OPEN,
    ApprovalKind,
    ApprovalState,
    RemedyKind,
    RemedyState,
)
from zhike.complaints.models import Approval, Remedy
from zhike.complaints.money import MOST_CENTS, is_amount, written
from zhike.complaints.selectors.limits import Allowance, allowance, limit_of, used_in
from zhike.complaints.selectors.remedies import remedy_of
from zhike.complaints.services.deciding import count_open, put_before_deciders, where_it_is
from zhike.complaints.services.record import round_of, settle, write_line
from zhike.core.access import Grants
from zhike.core.errors import Conflict, NotFound, RuleError
from zhike.core.work import Actor
from zhike.desk.models import Attachment, CaseEvent
from zhike.desk.phrases import Place
from zhike.desk.services.attaching import NewFile, attach, checked_files
from zhike.desk.services.handling import Handling, handling, scoped_key
from zhike.desk.services.texts import cleaned, reason_of
from zhike.desk.services.words import NOT_KEPT, Kept, check_texts, check_words

LONGEST_TEXT = 500
TIMELINE_KIND = "complaints.remedy"
WITHOUT_MONEY = frozenset({RemedyKind.APOLOGY})
ALWAYS_MONEY = frozenset({RemedyKind.REFUND, RemedyKind.COMPENSATION})


@dataclass(frozen=True)
class Proposed:
    remedy: Remedy
    # False: the same form had been sent before.
    is_new: bool = True


@dataclass(frozen=True)
class _Proposal:
    kind: RemedyKind
    text: str
    amount_cents: int
    why: str


def propose_remedy(
    *,
    actor: Actor,
    grants: Grants,
    case_id: int,
    kind: str,
    text: str,
    amount_cents: int,
    why: str = "",
    submit_key: str = "",
    kept: Kept = NOT_KEPT,
) -> Proposed:
    """Offer something to make it good. Within one's limit it stands; above it a supervisor decides, so say why."""
    proposal = _checked(kind, text, amount_cents, why)
    # What is offered is said to the customer; why so much is said among colleagues.
    asked = {"text": (proposal.text, Place.OUTGOING), "why": (proposal.why, Place.NOTE)}
    words = check_texts(asked, actor=actor, grants=grants, kept=kept)
    key = scoped_key(actor, f"{case_id}:{submit_key}") if submit_key else None
    with handling("remedy_propose", actor=actor, grants=grants, case_id=case_id) as act:
        earlier = Remedy.objects.filter(submit_key=key).first() if key else None
        if earlier is not None:
            return Proposed(earlier, is_new=False)
        _require_under_way(act)
        act.require_say()
        mine = allowance(act.case.pk, actor.id)
        is_above = proposal.amount_cents > mine.left
        if is_above and not proposal.why:
            raise _why_missing(mine)
        remedy = Remedy.objects.create(
            case=act.case,
            case_unit_id=act.case.unit_id,
            round=round_of(act),
            kind=proposal.kind,
            state=RemedyState.FOR_APPROVAL if is_above else RemedyState.APPROVED,
            text=proposal.text,
            amount_cents=proposal.amount_cents,
            proposed_by_id=actor.id,
            proposed_by_name=actor.name[:80],
            proposed_at=act.work.now,
            submit_key=key,
        )
        _record_proposal(act, remedy, mine, words)
        if is_above:
            _ask(act, remedy, proposal.why, mine)
        settle(act)
    return Proposed(remedy)


def _checked(kind: str, text: str, amount_cents: int, why: str) -> _Proposal:
    if kind not in RemedyKind.values:
        raise RuleError("remedy_unknown", _("Please choose one of those offered."), field="kind")
    text = _required(text, "text", _("Please say what exactly the customer gets."))
    _check_amount(amount_cents, "amount_cents")
    if kind in WITHOUT_MONEY and amount_cents:
        raise RuleError(
            "amount_not_wanted",
            _("An apology costs nothing; please leave the amount at 0, or choose another remedy."),
            field="amount_cents",
        )
    if kind in ALWAYS_MONEY and not amount_cents:
        raise RuleError(
            "amount_missing", _("Please say how much it is; 0 is no amount."), field="amount_cents"
        )
    why = " ".join(cleaned(why).split())
    if len(why) > LONGEST_TEXT:
        raise _too_long("why")
    return _Proposal(RemedyKind(kind), text, amount_cents, why)


def _required(text: str, field: str, sentence: str) -> str:
    text = " ".join(cleaned(text).split())
    if not text:
        raise RuleError(f"{field}_missing", sentence, field=field)
    if len(text) > LONGEST_TEXT:
        raise _too_long(field)
    return text


def _too_long(field: str) -> RuleError:
    return RuleError(
        "text_too_long",
        _("At most %(limit)s characters, please.") % {"limit": LONGEST_TEXT},
        field=field,
    )


def _check_amount(cents: object, field: str) -> None:
    if not is_amount(cents):
        raise RuleError(
            "amount_wrong",
            _("An amount lies between ¥0 and %(most)s and has no parts of a cent.")
            % {"most": written(MOST_CENTS)},
            field=field,
        )


def _why_missing(mine: Allowance) -> RuleError:
    return RuleError(
        "why_missing",
        _(
            "This is more than you may decide alone (%(left)s of %(limit)s are left for this case): "
            "please say why, for the supervisor who decides."
        )
        % {"left": written(mine.left), "limit": written(mine.limit)},
        field="why",
        extra={"limit_cents": mine.limit, "used_cents": mine.used},
    )


def _require_under_way(act: Handling) -> None:
    if act.case.is_ended:
        raise RuleError(
            "already_closed",
            _("This case is closed. Reopen it first, then there can be another remedy."),
        )


def _record_proposal(act: Handling, remedy: Remedy, mine: Allowance, words: dict[str, Any]) -> None:
    write_line(
        act,
        "remedy_proposed",
        text=remedy.text,
        remedy=remedy.pk,
        kind=remedy.kind,
        amount_cents=remedy.amount_cents,
        waits=remedy.state == RemedyState.FOR_APPROVAL,
        **words,
    )
    act.work.audit(
        "complaints.remedy.propose",
        remedy,
        after={
            "kind": remedy.kind,
            "state": remedy.state,
            "amount_cents": remedy.amount_cents,
            "used_cents": mine.used,
            "limit_cents": mine.limit,
        },
        unit_id=act.case.unit_id,
    )


def _ask(act: Handling, remedy: Remedy, why: str, mine: Allowance) -> None:
    approval = Approval.objects.create(
        case=act.case,
        case_unit_id=act.case.unit_id,
        kind=ApprovalKind.REMEDY,
        remedy=remedy,
        why=why,
        sum_cents=mine.used + remedy.amount_cents,
        limit_cents=mine.limit,
        asked_by_id=act.actor.id,
        asked_by_name=act.actor.name[:80],
        asked_at=act.work.now,
    )
    put_before_deciders(act, approval)


def carry_out(
    *,
    actor: Actor,
    grants: Grants,
    remedy_id: int,
    proof: str,
    cost_cents: int,
    files: Sequence[NewFile] = (),
    kept: Kept = NOT_KEPT,
) -> Remedy:
    """It was done: what shows it (a number, a date, a name), what it did cost, a file if there is one."""
    proof = _required(proof, "proof", _("Please say what shows that it was done."))
    _check_amount(cost_cents, "cost_cents")
    files = checked_files(files)
    words = check_words(proof, Place.NOTE, actor=actor, grants=grants, kept=kept)

    def carried_out(case_id: int) -> Remedy:
        with handling("remedy_carry_out", actor=actor, grants=grants, case_id=case_id) as act:
            return _carry_out(act, remedy_id, proof, cost_cents, files, words)

    return where_it_is(lambda: remedy_of(grants, remedy_id).case_id, carried_out)


def _carry_out(
    act: Handling,
    remedy_id: int,
    proof: str,
    cost_cents: int,
    files: Sequence[NewFile],
    words: dict[str, Any],
) -> Remedy:
    remedy = _locked(act, remedy_id)
    _require_approved(remedy)
    _require_under_way(act)
    act.require_say()
    _refuse_dearer(act, remedy, cost_cents)
    remedy.state = RemedyState.CARRIED_OUT
    remedy.carried_out_at, remedy.carried_out_by_name = act.work.now, act.actor.name[:80]
    remedy.proof, remedy.cost_cents = proof, cost_cents
    event = write_line(
        act,
        "remedy_carried_out",
        text=proof,
        remedy=remedy.pk,
        kind=remedy.kind,
        amount_cents=remedy.amount_cents,
        cost_cents=cost_cents,
        **words,
    )
    remedy.proof_file = _proof_file(act, event, files)
    remedy.save()
    act.note_on_timeline(TIMELINE_KIND, title=remedy.text)
    act.work.audit(
        "complaints.remedy.carry_out",
        remedy,
        before={"state": RemedyState.APPROVED.value, "amount_cents": remedy.amount_cents},
        after={"state": remedy.state, "cost_cents": cost_cents},
        unit_id=act.case.unit_id,
    )
    settle(act)
    return remedy


def _proof_file(act: Handling, event: CaseEvent, files: Sequence[NewFile]) -> Attachment | None:
    attach(act, event, files)
    return Attachment.objects.filter(event=event).order_by("pk").first() if files else None


def _locked(act: Handling, remedy_id: int) -> Remedy:
    """Read anew under the lock of its case; one that went to another case meanwhile is not found."""
    found = Remedy.objects.filter(pk=remedy_id, case=act.case).first()
    if found is None:
        raise NotFound()
    return found


def _require_approved(remedy: Remedy) -> None:
    if remedy.state == RemedyState.CARRIED_OUT:
        raise Conflict(
            "already_carried_out",
            _("%(name)s has carried this out already.") % {"name": remedy.carried_out_by_name},
            extra={"by": remedy.carried_out_by_name},
        )
    if remedy.state == RemedyState.FOR_APPROVAL:
        raise RuleError("not_approved", _("This remedy still waits for approval."))
    if remedy.state != RemedyState.APPROVED:
        raise RuleError(
            "remedy_ended",
            _("This remedy is “%(state)s”; please propose another one.")
            % {"state": remedy.get_state_display()},
        )


def _refuse_dearer(act: Handling, remedy: Remedy, cost_cents: int) -> None:
    """It may cost more than was agreed only as far as whoever carries it out could have decided that alone."""
    if cost_cents <= remedy.amount_cents:
        return
    total = used_in(act.case.pk, leaving_out=remedy.pk) + cost_cents
    limit = limit_of(act.actor.id)
    if total > limit:
        raise RuleError(
            "cost_above_limit",
            _(
                "%(amount)s were approved, and with %(cost)s this case would come to %(total)s; you may decide "
                "up to %(limit)s. Please propose another remedy for the difference."
            )
            % {
                "amount": written(remedy.amount_cents),
                "cost": written(cost_cents),
                "total": written(total),
                "limit": written(limit),
            },
            field="cost_cents",
            extra={"limit_cents": limit, "sum_cents": total},
        )


def call_off(
    *, actor: Actor, grants: Grants, remedy_id: int, reason: str, kept: Kept = NOT_KEPT
) -> Remedy:
    """It will not be: the customer wants something else, or it was a slip. A request that waits goes with it."""
    reason = reason_of(reason)
    words = check_words(reason, Place.NOTE, actor=actor, grants=grants, kept=kept)

    def called_off(case_id: int) -> Remedy:
        with handling("remedy_call_off", actor=actor, grants=grants, case_id=case_id) as act:
            return _call_off(act, remedy_id, reason, words)

    return where_it_is(lambda: remedy_of(grants, remedy_id).case_id, called_off)


def _call_off(act: Handling, remedy_id: int, reason: str, words: dict[str, Any]) -> Remedy:
    remedy = _locked(act, remedy_id)
    if remedy.state not in REMEDY_OPEN:
        raise Conflict(
            "remedy_ended",
            _("This remedy is “%(state)s” and stays so.") % {"state": remedy.get_state_display()},
            extra={"state": remedy.state},
        )
    act.require_say()
    end_remedy(act, remedy, RemedyState.CALLED_OFF, reason)
    withdrawn = Approval.objects.filter(remedy=remedy, state=ApprovalState.OPEN).update(
        state=ApprovalState.CALLED_OFF,
        decided_by_id=act.actor.id,
        decided_by_name=act.actor.name[:80],
        decided_at=act.work.now,
        note=reason,
    )
    if withdrawn:
        count_open(act.work, act.case.unit_id, -1)
    write_line(
        act,
        "remedy_called_off",
        text=reason,
        remedy=remedy.pk,
        kind=remedy.kind,
        amount_cents=remedy.amount_cents,
        **words,
    )
    settle(act)
    return remedy


def end_remedy(act: Handling, remedy: Remedy, state: RemedyState, reason: str) -> None:
    """Refused or called off; the line of the record is the caller's."""
    before = remedy.state
    remedy.state, remedy.end_reason = state, reason
    remedy.save(update_fields=["state", "end_reason"])
    act.work.audit(
        "complaints.remedy.end",
        remedy,
        before={"state": before, "amount_cents": remedy.amount_cents},
        after={"state": state.value},
        unit_id=act.case.unit_id,
    )
