"""The six steps of a complaint, and what must be there before it ends. Pure: no Django, no clock.

The state of the case drives; the steps are evidence that it was done rightly. Services ask these tables, tests
walk every order of steps through them.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum


class Step(IntEnum):
    LISTEN = 1
    APOLOGISE = 2
    FACTS = 3
    SOLUTION = 4
    AGREE = 5
    # The follow-up visit that closing makes.
    FOLLOW_UP = 6


# A phone agent may record these in one save: they happen in one conversation.
IN_ONE_CALL = (Step.LISTEN, Step.APOLOGISE, Step.FACTS)
BEFORE_CLOSING = tuple(step for step in Step if step is not Step.FOLLOW_UP)


class Verdict(StrEnum):
    FOUNDED = "founded"
    PARTLY = "partly"
    UNFOUNDED = "unfounded"


class Told(StrEnum):
    """How the customer was told."""

    REPLY = "reply"
    PHONE = "phone"
    IN_PERSON = "in_person"
    LETTER = "letter"


class Consent(StrEnum):
    AGREED = "agreed"
    # Content with something else than was proposed first.
    AGREED_OTHER = "agreed_other"
    REFUSED = "refused"


class Field(StrEnum):
    """What the evidence of a step consists of; the words people read are in `choices`."""

    WORDS = "words"
    WISH = "wish"
    APOLOGY = "apology"
    TOLD = "told"
    FACTS = "facts"
    WHERE = "where"
    PRODUCT = "product"
    SAFETY = "safety"
    SEVERITY = "severity"
    VERDICT = "verdict"
    VERDICT_WHY = "verdict_why"
    SOLUTION = "solution"
    CONSENT = "consent"
    CUSTOMER_SAYS = "customer_says"
    AGREED = "agreed"
    LEARNED = "learned"
    THANKED = "thanked"


@dataclass(frozen=True)
class Evidence:
    required: tuple[Field, ...]
    optional: tuple[Field, ...] = ()

    @property
    def fields(self) -> tuple[Field, ...]:
        return self.required + self.optional


EVIDENCE: dict[Step, Evidence] = {
    Step.LISTEN: Evidence((Field.WORDS,), (Field.WISH,)),
    Step.APOLOGISE: Evidence((Field.APOLOGY, Field.TOLD)),
    Step.FACTS: Evidence((Field.FACTS, Field.SAFETY, Field.SEVERITY), (Field.WHERE, Field.PRODUCT)),
    Step.SOLUTION: Evidence((Field.VERDICT, Field.SOLUTION, Field.TOLD), (Field.VERDICT_WHY,)),
    Step.AGREE: Evidence(
        (Field.CONSENT, Field.CUSTOMER_SAYS, Field.LEARNED, Field.THANKED), (Field.AGREED,)
    ),
}


def needed(step: Step, given: Mapping[Field, object]) -> tuple[Field, ...]:
    """What is still missing of the evidence of `step`. Choices made in it may ask for more."""
    asked = list(EVIDENCE[step].required)
    if step is Step.SOLUTION and given.get(Field.VERDICT) in (Verdict.PARTLY, Verdict.UNFOUNDED):
        asked.append(Field.VERDICT_WHY)
    if step is Step.AGREE:
        consent = given.get(Field.CONSENT)
        if consent == Consent.AGREED_OTHER:
            asked.append(Field.AGREED)
        if consent == Consent.REFUSED:
            # Nothing is agreed yet: what they want instead is all there is to know.
            asked = [Field.CONSENT, Field.CUSTOMER_SAYS]
    return tuple(field for field in asked if given.get(field) in (None, "", False))


def missing_before(step: Step, done: Collection[Step]) -> tuple[Step, ...]:
    """The steps that must be done first: all earlier ones. No solution before apology and facts."""
    return tuple(earlier for earlier in Step if earlier < step and earlier not in done)


def current_step(done: Collection[Step]) -> Step | None:
    """The step that is due now; None when all six are done."""
    return next((step for step in Step if step not in done), None)


class WayOut(StrEnum):
    """The named ways to end a complaint whose steps could not be gone to their end."""

    UNREACHABLE = "unreachable"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    ANONYMOUS = "anonymous"
    UNFOUNDED = "unfounded"
    PRANK = "prank"


@dataclass(frozen=True)
class Attempts:
    """Calls of this round in which nobody was reached."""

    count: int
    days: int


class Hindrance(StrEnum):
    """Why a way out does not fit."""

    TOO_FEW_ATTEMPTS = "too_few_attempts"
    NOTHING_PROPOSED = "nothing_proposed"
    NOT_REFUSED = "not_refused"
    RECOURSE_NOT_NAMED = "recourse_not_named"
    CUSTOMER_KNOWN = "customer_known"
    NOT_UNFOUNDED = "not_unfounded"
    NOT_EXPLAINED = "not_explained"


@dataclass(frozen=True)
class Situation:
    """What a way out is judged by."""

    done: frozenset[Step]
    attempts: Attempts
    refused: bool
    customer_known: bool
    verdict: str
    explained: bool
    recourse_named: bool


MIN_ATTEMPTS, MIN_DAYS = 3, 2


def hindrances(
    way: WayOut, now: Situation, *, attempts: int = MIN_ATTEMPTS, days: int = MIN_DAYS
) -> tuple[Hindrance, ...]:
    """What stands in the way of this way out; a prank is judged by a supervisor instead."""
    found: list[Hindrance] = []
    match way:
        case WayOut.UNREACHABLE:
            if now.attempts.count < attempts or now.attempts.days < days:
                found.append(Hindrance.TOO_FEW_ATTEMPTS)
        case WayOut.REFUSED:
            if Step.SOLUTION not in now.done:
                found.append(Hindrance.NOTHING_PROPOSED)
            elif not now.refused:
                found.append(Hindrance.NOT_REFUSED)
            if not now.recourse_named:
                found.append(Hindrance.RECOURSE_NOT_NAMED)
        case WayOut.ANONYMOUS:
            if now.customer_known:
                found.append(Hindrance.CUSTOMER_KNOWN)
        case WayOut.UNFOUNDED:
            if now.verdict != Verdict.UNFOUNDED:
                found.append(Hindrance.NOT_UNFOUNDED)
            if not now.explained:
                found.append(Hindrance.NOT_EXPLAINED)
    return tuple(found)


class Gap(StrEnum):
    """What keeps a complaint from being closed."""

    STEPS = "steps"
    REMEDIES = "remedies"
    APPROVALS = "approvals"
    NOTICES = "notices"


def closing_gaps(
    done: Collection[Step],
    *,
    has_way_out: bool,
    open_remedies: int,
    open_approvals: int,
    open_notices: int,
) -> tuple[Gap, ...]:
    """A way out stands in for steps. What was promised or asked is never waived: it is called off first."""
    found: list[Gap] = []
    if not has_way_out and any(step not in done for step in BEFORE_CLOSING):
        found.append(Gap.STEPS)
    if open_remedies:
        found.append(Gap.REMEDIES)
    if open_approvals:
        found.append(Gap.APPROVALS)
    if open_notices:
        found.append(Gap.NOTICES)
    return tuple(found)


class StandardStage(StrEnum):
    """The stage by ISO 10002 / GB/T 19012, clause 7, as the trade names it. Derived, never stored."""

    NEW = "new"
    RECEIVED = "received"
    ACKNOWLEDGED = "acknowledged"
    ASSESSED = "assessed"
    INVESTIGATING = "investigating"
    PREPARING = "preparing"
    FOR_APPROVAL = "for_approval"
    ANSWERED = "answered"
    CONSENTED = "consented"
    CLOSED = "closed"
    FOLLOWED_UP = "followed_up"


def standard_stage(
    done: Collection[Step],
    *,
    taken_up: bool,
    open_notices: int,
    open_approvals: int,
    is_closed: bool,
) -> StandardStage:
    if Step.FOLLOW_UP in done:
        return StandardStage.FOLLOWED_UP
    if is_closed:
        return StandardStage.CLOSED
    if open_approvals:
        return StandardStage.FOR_APPROVAL
    if Step.AGREE in done:
        return StandardStage.CONSENTED
    if Step.SOLUTION in done:
        return StandardStage.ANSWERED
    if open_notices:
        return StandardStage.INVESTIGATING
    if Step.FACTS in done:
        return StandardStage.PREPARING
    if Step.APOLOGISE in done:
        return StandardStage.ASSESSED
    if Step.LISTEN in done:
        return StandardStage.ACKNOWLEDGED
    return StandardStage.RECEIVED if taken_up else StandardStage.NEW
