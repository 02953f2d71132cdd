"""The named ways to end a complaint without all its steps, and the gate that asks for either."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhike.complaints import rules
from zhike.complaints.choices import ApprovalKind, ApprovalState, WayOut
from zhike.complaints.errors import named_steps
from zhike.complaints.models import Approval, Complaint, WayOutRule
from zhike.complaints.permissions import APPROVE
from zhike.complaints.rules import Attempts, Gap, Hindrance, Situation, Step
from zhike.complaints.services.deciding import put_before_deciders
from zhike.complaints.services.record import complaint_of, owed_of, settle, steps_done, write_line
from zhike.core import clock, work
from zhike.core.access import Grants
from zhike.core.errors import Conflict, RuleError
from zhike.core.work import Actor
from zhike.desk.choices import EventKind
from zhike.desk.models import Case, CaseEvent
from zhike.desk.phrases import Place
from zhike.desk.services.handling import Handling, handling
from zhike.desk.services.moves import NOTHING_SAID
from zhike.desk.services.texts import reason_of
from zhike.desk.services.words import NOT_KEPT, Kept, check_words

MANAGE_SETTINGS = "settings.manage"


def hindrance_words(hindrance: Hindrance, rule: WayOutRule, attempts: Attempts) -> str:
    match hindrance:
        case Hindrance.TOO_FEW_ATTEMPTS:
            return _(
                "The customer was tried %(count)s times over %(days)s days in this round; "
                "it takes %(needed)s times over %(over)s days."
            ) % {
                "count": attempts.count,
                "days": attempts.days,
                "needed": rule.attempts,
                "over": rule.days,
            }
        case Hindrance.NOTHING_PROPOSED:
            return _("Nothing has been proposed yet: record step 4 first.")
        case Hindrance.NOT_REFUSED:
            return _("The customer has not refused anything yet: record it in step 5.")
        case Hindrance.RECOURSE_NOT_NAMED:
            return _(
                "Please tell the customer of 12315 and the consumers' association, and say so."
            )
        case Hindrance.CUSTOMER_KNOWN:
            return _("This customer is known, so it is not anonymous.")
        case Hindrance.NOT_UNFOUNDED:
            return _("The complaint is not judged unfounded; that is said in step 4.")
        case Hindrance.NOT_EXPLAINED:
            return _("Please explain it to the customer, and say so.")


def way_out_rule() -> WayOutRule:
    """The one row; the migration planted it."""
    return WayOutRule.objects.get(pk=1)


def attempts_of(case_id: int, since_seq: int) -> Attempts:
    """Calls after `since_seq` in which nobody was reached: how many, over how many days."""
    calls = CaseEvent.objects.filter(
        case_id=case_id,
        kind__in=(EventKind.CALL, EventKind.FURTHER),
        seq__gt=since_seq,
        data__reached=False,
    )
    days = sorted(clock.local(at).date() for at in calls.values_list("at", flat=True))
    return Attempts(len(days), (days[-1] - days[0]).days + 1 if days else 0)


def round_began_at(case_id: int) -> int:
    """The version of the case with which its present round began."""
    last = CaseEvent.objects.filter(case_id=case_id, kind=EventKind.REOPENED)
    return last.order_by("-seq").values_list("seq", flat=True).first() or 0


def take_way_out(
    *,
    actor: Actor,
    grants: Grants,
    case_id: int,
    way: str,
    why: str,
    told: bool = False,
    kept: Kept = NOT_KEPT,
) -> Complaint:
    """End the steps here, for one of the named reasons; the case is closed afterwards as any other.

    `told` says that the customer was told: of the authorities when they refused, of the reasons when the
    complaint is unfounded. A prank is for a supervisor to decide: anybody else asks for it.
    """
    if way not in WayOut.values:
        raise RuleError("way_out_unknown", _("Please choose one of those offered."), field="way")
    why = reason_of(why)
    words = check_words(why, Place.NOTE, actor=actor, grants=grants, kept=kept)
    chosen = rules.WayOut(way)
    with handling("way_out", actor=actor, grants=grants, case_id=case_id) as act:
        if act.case.is_ended:
            raise RuleError("already_closed", _("This case is closed already."), field="way")
        act.require_say()
        complaint = complaint_of(act)
        if complaint.way_out == way:
            return complaint
        if complaint.way_out:
            raise Conflict(
                "way_out_taken",
                _("It already ends as “%(way)s”. Undo that first.")
                % {"way": complaint.get_way_out_display()},
            )
        if chosen is rules.WayOut.PRANK and not grants.allows(APPROVE):
            _ask_for_prank(act, why, words)
            return complaint
        _refuse_hindered(act, complaint, chosen, told)
        put_way_out(act, complaint, way, why, words)
    return complaint


def put_way_out(
    act: Handling, complaint: Complaint, way: str, why: str, words: Mapping[str, Any] = NOTHING_SAID
) -> None:
    complaint.way_out, complaint.way_out_why = way, why
    complaint.way_out_by_id = act.actor.id
    complaint.save()
    write_line(act, "way_out", text=why, way=way, round=complaint.round, **words)


def _refuse_hindered(act: Handling, complaint: Complaint, way: rules.WayOut, told: bool) -> None:
    rule = way_out_rule()
    attempts = attempts_of(act.case.pk, round_began_at(act.case.pk))
    now = Situation(
        done=frozenset(steps_done(complaint)),
        attempts=attempts,
        refused=complaint.refusals > 0,
        customer_known=act.case.customer_id is not None,
        verdict=complaint.verdict,
        explained=told,
        recourse_named=told,
    )
    found = rules.hindrances(way, now, attempts=rule.attempts, days=rule.days)
    if found:
        words = [hindrance_words(one, rule, attempts) for one in found]
        raise RuleError("way_out_hindered", " ".join(words), field="way", extra={"reasons": words})


def _ask_for_prank(act: Handling, why: str, words: Mapping[str, Any]) -> None:
    case = act.case
    if Approval.objects.filter(
        case=case, kind=ApprovalKind.PRANK, state=ApprovalState.OPEN
    ).exists():
        raise Conflict("already_asked", _("A supervisor has been asked already."))
    approval = Approval.objects.create(
        case=case,
        case_unit_id=case.unit_id,
        kind=ApprovalKind.PRANK,
        why=why,
        asked_by_id=act.actor.id,
        asked_by_name=act.actor.name[:80],
        asked_at=act.work.now,
    )
    write_line(
        act, "approval_asked", text=why, kind=ApprovalKind.PRANK, approval=approval.pk, **words
    )
    put_before_deciders(act, approval)
    settle(act)


def undo_way_out(
    *, actor: Actor, grants: Grants, case_id: int, reason: str, kept: Kept = NOT_KEPT
) -> Complaint:
    """Back to the steps: the customer was reached after all, or it was a slip."""
    reason = reason_of(reason)
    words = check_words(reason, Place.NOTE, actor=actor, grants=grants, kept=kept)
    with handling("undo_way_out", actor=actor, grants=grants, case_id=case_id) as act:
        act.require_say()
        complaint = complaint_of(act)
        if act.case.is_ended or not complaint.way_out:
            raise RuleError("no_way_out", _("There is nothing to undo."), field="way")
        way, complaint.way_out, complaint.way_out_why = complaint.way_out, "", ""
        complaint.way_out_by = None
        complaint.save()
        write_line(act, "way_out_undone", text=reason, way=way, **words)
    return complaint


_GAPS = {
    Gap.REMEDIES: gettext_lazy("A remedy is still to be carried out or called off."),
    Gap.APPROVALS: gettext_lazy("An approval is still open."),
    Gap.NOTICES: gettext_lazy("A notice is still without an answer."),
}


def closing_reasons(case: Case, grants: Grants) -> list[str]:
    """The gate of the desk: why this case may not be closed yet. Open notices and remedies hold any case."""
    complaint = Complaint.objects.filter(pk=case.pk).first()
    is_complaint = complaint is not None and case.type_id == "complaint"
    done = steps_done(complaint) if complaint is not None and is_complaint else {}
    owed = owed_of(case.pk)
    gaps = rules.closing_gaps(
        done,
        has_way_out=not is_complaint or bool(complaint and complaint.way_out),
        open_remedies=owed.remedies,
        open_approvals=owed.approvals,
        open_notices=owed.notices,
    )
    return [_steps_missing(list(done)) if gap is Gap.STEPS else str(_GAPS[gap]) for gap in gaps]


def _steps_missing(done: list[Step]) -> str:
    left = [step for step in rules.BEFORE_CLOSING if step not in done]
    return _("Still to do: %(steps)s; or choose how it ends otherwise.") % {
        "steps": named_steps(left)
    }


def set_way_out_rule(*, actor: Actor, grants: Grants, attempts: int, days: int) -> WayOutRule:
    """How often, over how many days, a customer is tried before they count as unreachable."""
    grants.require(MANAGE_SETTINGS)
    if not 1 <= attempts <= 20:
        raise RuleError("attempts_wrong", _("Between 1 and 20 times."), field="attempts")
    if not 0 <= days <= 60:
        raise RuleError("days_wrong", _("Between 0 and 60 days."), field="days")
    with work.unit(actor) as unit:
        row = WayOutRule.objects.select_for_update().get(pk=1)
        before = {"attempts": row.attempts, "days": row.days}
        row.attempts, row.days = attempts, days
        row.save()
        unit.audit(
            "complaints.way_out_rule",
            row,
            before=before,
            after={"attempts": attempts, "days": days},
        )
    return row
