"""Rules that ask after an event, over the API. Each route calls the service its page calls."""

from datetime import datetime
from typing import Any, Literal

from django.http import HttpRequest
from django.utils.translation import get_language
from ninja import Field, Query, Router, Schema, Status

from zhike.core.api import (
    REFUSALS,
    Paged,
    PageOut,
    RowId,
    Strict,
    caller,
    idempotency_key,
    newest_page,
)
from zhike.customers.permissions import VIEW as VIEW_CUSTOMERS
from zhike.satisfaction.comparing import compared
from zhike.satisfaction.models import Ask, AskRule
from zhike.satisfaction.permissions import MANAGE
from zhike.satisfaction.rule_selectors import asks_of, counts_of, get_rule, visible_rules
from zhike.satisfaction.seen_to import seen_to_counts
from zhike.satisfaction.services import ask_rules
from zhike.satisfaction.services.ask_rules import LONGEST_DELAY_HOURS, Low, NewRule, When
from zhike.surveys.choices import InvitationState
from zhike.surveys.sending_figures import figures_of
from zhike.surveys.services.sendings import LONGEST_NAME, LONGEST_SUBJECT, LONGEST_TEXT, Message

router = Router(tags=["ask-rules"])


class LowOut(Schema):
    """What counts as a low answer, and what it sets going."""

    loop: str = Field(description="nothing, case or visit.")
    question: str
    bad: str = Field(description="at_most, at_least, or chosen for a question with choices.")
    limit: int | None
    options: list[str]
    opens_type: str
    opens_in: int | None = Field(description="A unit; null: that of what was asked about.")
    asks_again: bool
    due_amount: int | None = Field(
        description="Within what it is to be seen to; null: by the plans."
    )
    due_unit: str = Field(description="business_minutes, business_days or calendar_days.")


class AskRuleOut(Schema):
    id: int
    name: str
    survey_id: int
    sending_id: int
    state: str = Field(description="running or stopped.")
    after: str
    case_types: list[str] = Field(description="Empty: every type; so for channels.")
    channels: list[str]
    of_unit: int | None
    delay_hours: int
    share_percent: int
    seed: int = Field(
        description="With the id of a case or delivery it says whether that is drawn."
    )
    is_named: bool
    low: LowOut
    made_at: datetime
    made_by_name: str


class SummedOut(Schema):
    """Mean of first and second answers about the same cases or deliveries; the interval is of 95%."""

    n: int
    before: float
    after: float
    difference: float
    low: float | None
    high: float | None


class SeenToOut(Schema):
    """What low scores set going, by what became of it."""

    in_time: int
    late: int
    done: int = Field(description="Without a due time.")
    to_do: int
    waiting: int = Field(description="For the customer; the clock stands still.")
    overdue: int
    called_off: int


class AskRuleDetailOut(AskRuleOut):
    purpose: str
    subject: str
    text: str
    reminders: int
    remind_after_days: int
    met: int = Field(description="Cases, or deliveries, the rule met.")
    passed_over: int = Field(description="Not among the share.")
    unknown: int = Field(description="Without a known customer.")
    sent: int
    answered: int
    opened: int
    call_backs: int
    asked_again: int
    seen_to: SeenToOut
    measured_twice: SummedOut | None = Field(description="Null below five.")


class AskOut(Schema):
    id: int
    case: str | None = Field(description="Null where a delivery was asked about.")
    delivery_id: int | None
    made_at: datetime
    draw: int
    is_drawn: bool
    is_second: bool
    state: str | None = Field(
        description="Of the invitation; null without one. Of an anonymous rule never answered: such are sent."
    )
    refusal: str
    sent_at: datetime | None
    opened: str | None = Field(description="Number of the case a low answer opened.")
    visit_id: int | None
    seen_to: str = Field(
        description="in_time, late, done, to_do, waiting, overdue or called_off; empty: nothing was set going."
    )
    seen_to_by: datetime | None = Field(description="When it is, or was, to be done.")


class LowIn(Strict):
    loop: Literal["nothing", "case", "visit"] = "nothing"
    question: str = Field("", max_length=24)
    bad: Literal["", "at_most", "at_least", "chosen"] = ""
    limit: int | None = Field(None, ge=0, le=10)
    options: list[str] = Field(default_factory=list, max_length=60)
    opens_type: str = Field("", max_length=30)
    opens_in: RowId | None = None
    asks_again: bool = False
    due_amount: int | None = Field(
        None, ge=1, le=525_600, description="Within what it is to be seen to; null: by the plans."
    )
    due_unit: Literal["", "business_minutes", "business_days", "calendar_days"] = ""


class AskRuleIn(Strict):
    name: str = Field(max_length=LONGEST_NAME)
    purpose: str = Field("survey", max_length=30)
    after: Literal["closed", "visited", "called", "delivery"] = Field(
        "closed",
        description="called: read out in the follow-up call, no mail leaves. delivery: what `POST /deliveries` "
        "tells; without `case_types`, `channels` and the loop `visit`.",
    )
    case_types: list[str] = Field(default_factory=list, max_length=60)
    channels: list[str] = Field(default_factory=list, max_length=20)
    of_unit: RowId | None = None
    delay_hours: int = Field(2, ge=0, le=LONGEST_DELAY_HOURS)
    share_percent: int = Field(100, ge=1, le=100)
    is_named: bool = Field(False, description="Said to customers before they answer.")
    subject: str = Field("", max_length=LONGEST_SUBJECT, description="Needed unless `called`.")
    text: str = Field(
        "",
        max_length=LONGEST_TEXT,
        description="With `{link}`, perhaps with `{name}`; needed unless `called`.",
    )
    reminders: int = Field(0, ge=0, le=3)
    remind_after_days: int = Field(3, ge=1, le=60)
    low: LowIn | None = None
    phrase_reason: str = Field(
        "", max_length=300, description="Why words stay that the list of phrases flags."
    )


def _out(row: AskRule) -> dict[str, Any]:
    return {
        "id": row.pk,
        "name": row.name,
        "survey_id": row.survey_id,
        "sending_id": row.sending_id,
        "state": row.sending.state,
        "after": row.after,
        "case_types": row.case_types,
        "channels": row.channels,
        "of_unit": row.of_unit_id,
        "delay_hours": row.delay_hours,
        "share_percent": row.share_percent,
        "seed": row.seed,
        "is_named": row.sending.is_named,
        "low": {
            "loop": row.loop,
            "question": row.question,
            "bad": row.bad,
            "limit": row.limit,
            "options": row.options,
            "opens_type": row.opens_type,
            "opens_in": row.opens_in_id,
            "asks_again": row.asks_again,
            "due_amount": row.due_amount,
            "due_unit": row.due_unit,
        },
        "made_at": row.made_at,
        "made_by_name": row.made_by_name,
    }


def _detail(row: AskRule) -> dict[str, Any]:
    counts, figures, sending = counts_of(row), figures_of(row.sending), row.sending
    return {
        **_out(row),
        "purpose": sending.purpose.code,
        "subject": sending.subject,
        "text": sending.text,
        "reminders": sending.reminders,
        "remind_after_days": sending.remind_after_days,
        **{name: counts[name] for name in ("met", "passed_over", "unknown", "opened")},
        "sent": figures.sent,
        "answered": figures.answered,
        "call_backs": counts["visits"],
        "asked_again": counts["again"],
        "seen_to": seen_to_counts(row),
        "measured_twice": compared(row, get_language() or "").summed,
    }


def shown_state(row: Ask, is_named: bool) -> str | None:
    state = row.invitation.state if row.invitation is not None else None
    if state == InvitationState.ANSWERED and not is_named:
        return InvitationState.SENT
    return state


def _ask(row: Ask, is_named: bool) -> dict[str, Any]:
    invitation = row.invitation
    return {
        "id": row.pk,
        "case": row.case.number if row.case is not None else None,
        "delivery_id": row.delivery_id,
        "made_at": row.made_at,
        "draw": row.draw,
        "is_drawn": row.is_drawn,
        "is_second": row.first_id is not None,
        "state": shown_state(row, is_named),
        "refusal": invitation.refusal if invitation is not None else "",
        "sent_at": invitation.sent_at if invitation is not None else None,
        "opened": row.opened.number if row.opened is not None else None,
        "visit_id": row.visit_id,
        "seen_to": vars(row)["seen_to"],
        "seen_to_by": vars(row)["seen_to_by"],
    }


@router.get("/ask-rules", response={200: PageOut[AskRuleOut], **REFUSALS})
def list_ask_rules(request: HttpRequest, asked: Query[Paged]) -> Any:
    _actor, grants = caller(request)
    grants.require(MANAGE)
    grants.require(VIEW_CUSTOMERS)
    rows = visible_rules(grants).select_related("sending")
    return newest_page(rows, cursor=asked.cursor, limit=asked.limit, out=_out)


@router.get("/ask-rules/{rule_id}", response={200: AskRuleDetailOut, **REFUSALS})
def get_ask_rule(request: HttpRequest, rule_id: RowId) -> Any:
    _actor, grants = caller(request)
    return _detail(get_rule(grants, rule_id))


def _low(given: LowIn) -> Low:
    return Low(
        given.loop,
        given.question,
        given.bad,
        given.limit,
        given.options,
        given.opens_type,
        given.opens_in,
        given.asks_again,
        given.due_amount,
        given.due_unit,
    )


@router.post("/surveys/{survey_id}/ask-rules", response={201: AskRuleDetailOut, **REFUSALS})
def make_ask_rule(request: HttpRequest, survey_id: RowId, new: AskRuleIn) -> Any:
    """It runs at once; 409 while the questionnaire is not open or no mail can be sent."""
    actor, grants = caller(request)
    when = When(
        new.after, new.case_types, new.channels, new.of_unit, new.delay_hours, new.share_percent
    )
    low = _low(new.low) if new.low is not None else Low()
    message = Message(new.subject, new.text, new.reminders, new.remind_after_days)
    rule = ask_rules.make_rule(
        actor=actor,
        grants=grants,
        survey_id=survey_id,
        new=NewRule(
            new.name, new.purpose, when, message, new.is_named, low, idempotency_key(request)
        ),
        why_kept=new.phrase_reason,
    )
    return Status(201, _detail(get_rule(grants, rule.pk)))


@router.post("/ask-rules/{rule_id}/pause", response={200: AskRuleDetailOut, **REFUSALS})
def pause_ask_rule(request: HttpRequest, rule_id: RowId) -> Any:
    """Nobody is asked any more, and what waits is not sent; answers are still taken."""
    actor, grants = caller(request)
    ask_rules.pause_rule(actor=actor, grants=grants, rule_id=rule_id)
    return _detail(get_rule(grants, rule_id))


@router.post("/ask-rules/{rule_id}/resume", response={200: AskRuleDetailOut, **REFUSALS})
def resume_ask_rule(request: HttpRequest, rule_id: RowId) -> Any:
    actor, grants = caller(request)
    ask_rules.resume_rule(actor=actor, grants=grants, rule_id=rule_id)
    return _detail(get_rule(grants, rule_id))


@router.get("/ask-rules/{rule_id}/asks", response={200: PageOut[AskOut], **REFUSALS})
def list_asks(request: HttpRequest, rule_id: RowId, asked: Query[Paged]) -> Any:
    """The cases or deliveries it met, within reach, and what became of each. What was answered is read there."""
    _actor, grants = caller(request)
    rule = get_rule(grants, rule_id)
    rows = asks_of(grants, rule)
    named = rule.sending.is_named
    return newest_page(
        rows, cursor=asked.cursor, limit=asked.limit, out=lambda row: _ask(row, named)
    )
