"""Customers' words over the API."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema, Status

from zhike.core.api import REFUSALS, Paged, PageOut, caller, newest_page
from zhike.desk.api import PhraseReason
from zhike.desk.services.words import Kept
from zhike.listening import selectors
from zhike.listening.models import Feedback
from zhike.listening.permissions import VIEW
from zhike.listening.services.feedback import turn_into_case

router = Router(tags=["feedback"])


class FeedbackOut(Schema):
    id: int
    text: str = Field(description="Phone- and ID-like digits are masked without the right to them.")
    rating: Decimal | None
    rating_min: Decimal | None
    rating_max: Decimal | None
    said_on: date
    source: str
    unit_id: int
    customer_id: int | None
    case_id: int | None
    recorded_at: datetime


class FeedbackFilter(Paged):
    q: str | None = Field(None, max_length=200)
    source: str | None = None


class IntoCase(Schema):
    type: str = Field(max_length=30)
    title: str = Field("", max_length=200)
    phrase_reason: PhraseReason = ""


class CaseNumberOut(Schema):
    case_id: int
    number: str


@router.get("/feedback", response={200: PageOut[FeedbackOut], **REFUSALS})
def list_feedback(request: HttpRequest, asked: Query[FeedbackFilter]) -> Any:
    """What customers said, newest first."""
    _actor, grants = caller(request)
    grants.require(VIEW)
    rows = selectors.visible_feedback(grants)
    if asked.source is not None:
        rows = rows.filter(source=asked.source)
    if asked.q:
        rows = selectors.holding(rows, asked.q)

    def out(row: Feedback) -> dict[str, Any]:
        plain = {name: getattr(row, name) for name in FeedbackOut.model_fields if name != "text"}
        return {**plain, "text": selectors.shown_text(row, grants)}

    return newest_page(rows, cursor=asked.cursor, limit=asked.limit, out=out)


@router.post("/feedback/{feedback_id}/case", response={201: CaseNumberOut, **REFUSALS})
def into_case(request: HttpRequest, feedback_id: int, to: IntoCase) -> Any:
    """Turn words into a case, once; 409 names the case they became before."""
    actor, grants = caller(request)
    case = turn_into_case(
        actor=actor,
        grants=grants,
        feedback_id=feedback_id,
        type_code=to.type,
        title=to.title,
        kept=Kept(to.phrase_reason),
    )
    return Status(201, {"case_id": case.pk, "number": case.number})
