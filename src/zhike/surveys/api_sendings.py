"""Sendings over the API. Each route calls the service its page calls."""

from datetime import datetime
from typing import Any, Literal

from django.http import HttpRequest
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
from zhike.surveys.models import Sending
from zhike.surveys.sampling import LONGEST_FILTER, SEEDS, Sampling
from zhike.surveys.selectors import get_survey
from zhike.surveys.sending_figures import SendingFigures, figures_of
from zhike.surveys.sending_selectors import get_sending, visible_sendings
from zhike.surveys.services import sendings as services
from zhike.surveys.services.sendings import LONGEST_NAME, LONGEST_SUBJECT, LONGEST_TEXT, Message

router = Router(tags=["sendings"])
PlanName = Literal["all", "random", "systematic", "tier", "region"]


class RateOut(Schema):
    """A share (0..1) with its 95% Wilson interval."""

    answered: int
    sent: int
    share: float
    low: float
    high: float


class GroupOut(Schema):
    label: str
    rate: RateOut | None = Field(description="Null where fewer than five could be told by it.")


class ReasonOut(Schema):
    code: str = Field(
        description="A verdict of the contact policy, or stopped, closed, no_address."
    )
    sentence: str
    count: int


class SendingOut(Schema):
    id: int
    survey_id: int
    name: str
    purpose: str
    channel: str
    filter: str = Field(description="Address of the list of customers, after its question mark.")
    plan: str
    seed: int = Field(description="Draws the same people again from the same list.")
    frame: int = Field(description="Those of the filter who could be written to.")
    without_address: int
    drawn: int
    state: str
    made_at: datetime
    made_by_name: str


class SendingDetailOut(SendingOut):
    subject: str
    text: str
    reminders: int
    remind_after_days: int
    by_state: dict[str, int] = Field(
        description="waiting, on_way, sent, refused, failed, answered, opted_out."
    )
    sent: int
    answered: int
    opted_out: int
    refused: list[ReasonOut]
    unreminded: list[ReasonOut]
    rate: RateOut | None
    tiers: list[GroupOut]
    regions: list[GroupOut]


class SendingIn(Strict):
    name: str = Field(max_length=LONGEST_NAME)
    purpose: str = Field("survey", max_length=30)
    filter: str = Field(
        "",
        max_length=LONGEST_FILTER,
        description="As in the address of the list of customers: `tab=vip&region=3`.",
    )
    plan: PlanName = "all"
    wanted: int | None = Field(None, ge=1, description="How many; left out for all.")
    seed: int | None = Field(None, ge=0, lt=SEEDS, description="Drawn by chance when left out.")
    subject: str = Field(max_length=LONGEST_SUBJECT)
    text: str = Field(max_length=LONGEST_TEXT, description="With `{link}`, perhaps with `{name}`.")
    reminders: int = Field(0, ge=0, le=3)
    remind_after_days: int = Field(3, ge=1, le=60)
    phrase_reason: str = Field(
        "", max_length=300, description="Why words stay that the list of phrases flags."
    )


def _out(row: Sending) -> dict[str, Any]:
    return {
        "id": row.pk,
        "survey_id": row.survey_id,
        "name": row.link.name,
        "purpose": row.purpose.code,
        "channel": row.channel,
        "filter": row.filter,
        "plan": row.plan,
        "seed": row.seed,
        "frame": row.frame,
        "without_address": row.without_address,
        "drawn": row.drawn,
        "state": row.state,
        "made_at": row.made_at,
        "made_by_name": row.made_by_name,
    }


def _detail(row: Sending) -> dict[str, Any]:
    found = figures_of(row)
    return {
        **_out(row),
        "subject": row.subject,
        "text": row.text,
        "reminders": row.reminders,
        "remind_after_days": row.remind_after_days,
        **{name: getattr(found, name) for name in SendingFigures.__slots__ if name != "drawn"},
    }


@router.get("/surveys/{survey_id}/sendings", response={200: PageOut[SendingOut], **REFUSALS})
def list_sendings(request: HttpRequest, survey_id: RowId, asked: Query[Paged]) -> Any:
    _actor, grants = caller(request)
    survey = get_survey(grants, survey_id)
    rows = visible_sendings(grants).filter(survey=survey).select_related("link", "purpose")
    return newest_page(rows, cursor=asked.cursor, limit=asked.limit, out=_out)


@router.get("/sendings/{sending_id}", response={200: SendingDetailOut, **REFUSALS})
def get_one_sending(request: HttpRequest, sending_id: RowId) -> Any:
    """Its numbers. Who was invited is no part of them."""
    _actor, grants = caller(request)
    return _detail(get_sending(grants, sending_id))


@router.post("/surveys/{survey_id}/sendings", response={201: SendingDetailOut, **REFUSALS})
def start_sending(request: HttpRequest, survey_id: RowId, new: SendingIn) -> Any:
    """Draws and begins; 409 while the questionnaire is not open or no mail can be sent."""
    actor, grants = caller(request)
    seed = new.seed if new.seed is not None else services.new_seed()
    sending = services.start(
        actor=actor,
        grants=grants,
        survey_id=survey_id,
        name=new.name,
        purpose=new.purpose,
        sampling=Sampling(new.filter, new.plan, new.wanted, seed),
        message=Message(new.subject, new.text, new.reminders, new.remind_after_days),
        why_kept=new.phrase_reason,
        submit_key=idempotency_key(request),
    )
    return Status(201, _detail(get_sending(grants, sending.pk)))


@router.post("/sendings/{sending_id}/stop", response={200: SendingDetailOut, **REFUSALS})
def stop_sending(request: HttpRequest, sending_id: RowId) -> Any:
    """Nothing more is sent; answers are still taken."""
    actor, grants = caller(request)
    services.stop(actor=actor, grants=grants, sending_id=sending_id)
    return _detail(get_sending(grants, sending_id))
