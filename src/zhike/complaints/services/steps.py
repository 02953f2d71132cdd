"""The six steps: recorded with their evidence, in order, or skipped by a supervisor with a reason."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from zhike.complaints import rules
from zhike.complaints.choices import FIELD_LABELS, Consent, Severity, Told, Verdict
from zhike.complaints.errors import evidence_missing, out_of_order
from zhike.complaints.models import Complaint, StepRecord
from zhike.complaints.permissions import APPROVE
from zhike.complaints.rules import EVIDENCE, Field, Step
from zhike.complaints.selectors.guide import PURPOSES, worked_minutes
from zhike.complaints.services.record import complaint_of, steps_done, write_line
from zhike.core.access import Grants
from zhike.core.errors import Conflict, RuleError
from zhike.core.work import Actor
from zhike.desk.models import CaseEvent
from zhike.desk.phrases import Place
from zhike.desk.services.clocks import STEP, TO_DEPARTMENT, set_clock, start_clock
from zhike.desk.services.conversation import answered, reply_within
from zhike.desk.services.handling import Handling, handling
from zhike.desk.services.moves import hold_stale
from zhike.desk.services.texts import cleaned, reason_of
from zhike.desk.services.words import NOT_KEPT, Kept, check_texts, check_words

LONGEST = 5000
# {step: what was given for its fields}
Given = Mapping[Field, Any]
_TEXTS = frozenset(
    {
        Field.WORDS, Field.WISH, Field.APOLOGY, Field.FACTS, Field.WHERE, Field.PRODUCT,
        Field.VERDICT_WHY, Field.SOLUTION, Field.CUSTOMER_SAYS, Field.AGREED, Field.LEARNED,
    }
)  # fmt: skip
_FLAGS = frozenset({Field.SAFETY, Field.THANKED})
_CHOICES: dict[Field, Any] = {
    Field.TOLD: Told,
    Field.VERDICT: Verdict,
    Field.CONSENT: Consent,
    Field.SEVERITY: Severity,
}
# The text of a step that goes to the customer when it is told by a reply.
_SAID = {Step.APOLOGISE: Field.APOLOGY, Step.SOLUTION: Field.SOLUTION}
# What is said to the customer, sent or spoken, and what is noted, is asked for words that should not be; the
# customer's own words (what they said, wish and say) are not.
ASKED: Mapping[Field, Place] = {
    Field.APOLOGY: Place.OUTGOING,
    Field.SOLUTION: Place.OUTGOING,
    Field.VERDICT_WHY: Place.OUTGOING,
    Field.FACTS: Place.NOTE,
    Field.AGREED: Place.NOTE,
    Field.LEARNED: Place.NOTE,
}
# What stands in the record of the case as the words of a step.
_MAIN_TEXT = {
    Step.LISTEN: Field.WORDS,
    Step.APOLOGISE: Field.APOLOGY,
    Step.FACTS: Field.FACTS,
    Step.SOLUTION: Field.SOLUTION,
    Step.AGREE: Field.CUSTOMER_SAYS,
}


def step_of(number: int) -> Step:
    try:
        return Step(number)
    except ValueError as unknown:
        raise RuleError("step_unknown", _("There are six steps."), field="step") from unknown


def record_steps(
    *,
    actor: Actor,
    grants: Grants,
    case_id: int,
    given: Sequence[tuple[Step, Given]],
    expected_seq: int | None = None,
    expected_round: int | None = None,
    kept: Kept = NOT_KEPT,
) -> Complaint:
    """Record one step, or the first three in one save; all of them or none.

    A step that stands already in this round is corrected. What is told by a reply is sent as one, and held like
    one when there is unread news (`expected_seq`). A customer who does not agree in step 5 leaves it open.
    """
    if not given:
        raise RuleError("step_missing", _("Please say which step was done."), field="step")
    checked = [(step, _checked(step, fields)) for step, fields in given]
    words = {
        step: check_texts(_asked(fields), actor=actor, grants=grants, kept=kept)
        for step, fields in checked
    }
    with handling("step", actor=actor, grants=grants, case_id=case_id) as act:
        _require_under_way(act)
        act.require_say()
        complaint = complaint_of(act)
        if expected_round is not None and expected_round != complaint.round:
            raise Conflict(
                "round_changed",
                _("Meanwhile round %(round)s has begun. Please look at it first.")
                % {"round": complaint.round},
                extra={"round": complaint.round},
            )
        done = steps_done(complaint)
        checked = [(step, fields) for step, fields in checked if not _stands(done, step, fields)]
        if any(_is_sent(step, fields) for step, fields in checked):
            hold_stale(act, expected_seq)
        for step, fields in checked:
            _record(act, complaint, step, fields, words.get(step, {}))
        complaint.save()
    return complaint


def _asked(fields: Given) -> dict[str, tuple[str, Place]]:
    return {str(field): (fields[field], ASKED[field]) for field in fields if field in ASKED}


def _require_under_way(act: Handling) -> None:
    if act.case.is_ended:
        raise RuleError(
            "already_closed",
            _("This case is closed. A new round begins when it is reopened."),
            field="step",
        )


def _checked(step: Step, fields: Given) -> dict[Field, Any]:
    """The evidence as it may be stored; every missing part is named at once."""
    if step is Step.FOLLOW_UP:
        raise RuleError(
            "step_by_visit",
            _("The sixth step is the follow-up visit; it is recorded there."),
            field="step",
        )
    evidence = EVIDENCE[step]
    unknown = [str(field) for field in fields if field not in evidence.fields]
    if unknown:
        raise RuleError(
            "field_unknown",
            _("This step does not ask for: %(names)s.") % {"names": ", ".join(unknown)},
            field=unknown[0],
        )
    found = {field: _value(field, fields[field]) for field in evidence.fields if field in fields}
    missing = [
        field
        for field in rules.needed(step, found)
        # "Nobody is in danger" is an answer.
        if not (field is Field.SAFETY and found.get(field) is False)
    ]
    if missing:
        raise evidence_missing(step, missing)
    return {field: value for field, value in found.items() if value not in ("", None)}


def _value(field: Field, value: Any) -> Any:
    if value is None:
        return None
    if field in _FLAGS:
        if isinstance(value, bool):
            return value
        raise _wrong(field)
    if field in _CHOICES:
        if value == "":
            return ""
        if value not in _CHOICES[field].values:
            raise _wrong(field)
        return value
    if not isinstance(value, str):
        raise _wrong(field)
    text = cleaned(value)
    if len(text) > LONGEST:
        raise RuleError(
            "text_too_long",
            _("“%(label)s” is longer than %(limit)s characters.")
            % {"label": FIELD_LABELS[field], "limit": f"{LONGEST:,}"},
            field=str(field),
        )
    return text


def _wrong(field: Field) -> RuleError:
    return RuleError(
        "choice_unknown",
        _("“%(label)s”: please choose one of those offered.") % {"label": FIELD_LABELS[field]},
        field=str(field),
    )


def _stands(done: dict[Step, StepRecord], step: Step, fields: dict[Field, Any]) -> bool:
    """The same form sent twice is no correction, and tells the customer nothing a second time."""
    row = done.get(step)
    evidence = {str(field): value for field, value in fields.items()}
    return row is not None and not row.is_skipped and row.evidence == evidence


def _record(
    act: Handling,
    complaint: Complaint,
    step: Step,
    fields: dict[Field, Any],
    words: dict[str, Any],
) -> None:
    done = steps_done(complaint)
    before = rules.missing_before(step, done)
    if before:
        raise out_of_order(step, before)
    if fields.get(Field.CONSENT) == rules.Consent.REFUSED:
        _refused(act, complaint, fields, done)
        return
    is_correction = step in done
    if _is_sent(step, fields):
        reply_within(act, text=fields[_SAID[step]], words=words)
    event = write_line(
        act,
        "step_corrected" if is_correction else "step",
        # What was sent stands in the record as the reply.
        text="" if _is_sent(step, fields) else str(fields.get(_MAIN_TEXT[step], "")),
        step=int(step),
        round=complaint.round,
        evidence={str(field): value for field, value in fields.items()},
        **words,
    )
    if step in _SAID and not _is_sent(step, fields):
        answered(act, event)
    row = done.get(step) or StepRecord(complaint=complaint, round=complaint.round, step=step)
    if is_correction:
        row.corrected_at = act.work.now
    else:
        _stamp(act, complaint, row)
    row.evidence = {str(field): value for field, value in fields.items()}
    row.is_skipped, row.skip_reason, row.event_seq = False, "", event.seq
    row.save()
    _keep_findings(complaint, step, fields)
    move_on(complaint, [*done, step], act.work.now)
    run_step_clock(act, complaint)


def _stamp(act: Handling, complaint: Complaint, row: StepRecord) -> None:
    row.done_at = act.work.now
    row.done_by_id, row.done_by_name = act.actor.id, act.actor.name[:80]
    row.minutes = worked_minutes(act.case, complaint.step_since, act.work.now)


def move_on(complaint: Complaint, done: Sequence[Step], now: datetime) -> None:
    """The step that is due now, and since when."""
    due = rules.current_step(done)
    place = int(due) if due is not None else len(Step) + 1
    if place != complaint.step:
        complaint.step, complaint.step_since = place, now


def run_step_clock(act: Handling, complaint: Complaint) -> None:
    """The clock of the case follows the step that is due. Who proposes a solution needs no department first."""
    is_ours = complaint.step < Step.FOLLOW_UP
    purpose = PURPOSES[Step(complaint.step)] if is_ours else ""
    start_clock(act.case, STEP, purpose, complaint.step_since)
    if complaint.step > Step.FACTS:
        start_clock(act.case, TO_DEPARTMENT, "", act.work.now)
    set_clock(act.case)


def _keep_findings(complaint: Complaint, step: Step, fields: dict[Field, Any]) -> None:
    match step:
        case Step.LISTEN:
            complaint.wish = fields.get(Field.WISH, complaint.wish)
        case Step.FACTS:
            complaint.is_safety = fields[Field.SAFETY]
            complaint.severity = fields[Field.SEVERITY]
        case Step.SOLUTION:
            complaint.verdict = fields[Field.VERDICT]
        case Step.AGREE:
            complaint.learned = fields[Field.LEARNED]


def _refused(
    act: Handling, complaint: Complaint, fields: dict[Field, Any], done: Mapping[Step, StepRecord]
) -> None:
    """The customer does not agree: what they want instead is kept; a new proposal, or a named way out, follows."""
    if Step.AGREE in done:
        raise RuleError(
            "already_agreed",
            _(
                "The customer has agreed in this round. Reopen the case when they change their mind."
            ),
            field="consent",
        )
    if _is_refused_so(act, complaint, fields[Field.CUSTOMER_SAYS]):
        return
    complaint.refusals += 1
    complaint.wish = fields[Field.CUSTOMER_SAYS]
    write_line(
        act,
        "refused",
        text=fields[Field.CUSTOMER_SAYS],
        round=complaint.round,
        refusals=complaint.refusals,
    )


def _is_refused_so(act: Handling, complaint: Complaint, says: str) -> bool:
    """The same refusal sent twice is one: nothing was proposed in between."""
    lines = [f"complaints.{line}" for line in ("refused", "step", "step_corrected")]
    last = CaseEvent.objects.filter(case=act.case, data__line__in=lines).order_by("-seq").first()
    if last is None or last.data["line"] != "complaints.refused":
        return False
    return bool(last.text == says and last.data["round"] == complaint.round)


def _is_sent(step: Step, fields: Mapping[Field, Any]) -> bool:
    return step in _SAID and fields.get(Field.TOLD) == rules.Told.REPLY


def skip_step(
    *,
    actor: Actor,
    grants: Grants,
    case_id: int,
    step: Step,
    reason: str,
    kept: Kept = NOT_KEPT,
) -> Complaint:
    """Let a step go by, because a supervisor says so and why. Only the one that is due."""
    grants.require(APPROVE)
    reason = reason_of(reason)
    words = check_words(reason, Place.NOTE, actor=actor, grants=grants, kept=kept)
    if step is Step.FOLLOW_UP:
        raise RuleError(
            "follow_up_not_skipped",
            _("The follow-up visit cannot be skipped; call it off there, with a reason."),
            field="step",
        )
    with handling("skip_step", actor=actor, grants=grants, case_id=case_id, needs=APPROVE) as act:
        _require_under_way(act)
        complaint = complaint_of(act)
        done = steps_done(complaint)
        if step in done:
            raise Conflict("step_done", _("This step is done already."), extra={"step": int(step)})
        before = rules.missing_before(step, done)
        if before:
            raise out_of_order(step, before)
        event = write_line(
            act, "skipped", text=reason, step=int(step), round=complaint.round, **words
        )
        row = StepRecord(complaint=complaint, round=complaint.round, step=step)
        _stamp(act, complaint, row)
        row.is_skipped, row.skip_reason, row.event_seq = True, reason, event.seq
        row.save()
        move_on(complaint, [*done, step], act.work.now)
        run_step_clock(act, complaint)
        complaint.save()
    return complaint
