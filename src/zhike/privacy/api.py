"""Requests about personal data over the API: taken in, checked, answered. The copy itself is made on the page."""

from datetime import datetime
from typing import Any, Literal

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema, Status

from zhike.core.access import require_any
from zhike.core.api import REFUSALS, Moment, Paged, PageOut, RowId, Strict, caller, newest_page
from zhike.privacy import services
from zhike.privacy.models import DataRequest
from zhike.privacy.permissions import HANDLE, TAKE
from zhike.privacy.selectors import get_request, visible_requests

router = Router(tags=["personal data"])
KindName = Literal["view", "copy", "correct", "delete", "withdraw", "close"]
How = Literal["counter", "phone", "paper", "web", "wechat", "sms", "email"]
Check = Literal["called_back", "code", "document", "mandate", "known"]
WhyNot = Literal["not_proven", "law", "owed", "others", "already", "nothing"]


class RequestOut(Schema):
    number: str
    kind: str
    customer_id: int
    unit_id: int
    state: str
    channel: str
    asked_at: datetime
    due_at: datetime
    identity_check: str
    refusal: str
    ended_at: datetime | None
    taken_by_name: str


class RequestFilter(Paged):
    state: str | None = None
    customer_id: RowId | None = None


class RequestIn(Strict):
    customer_id: RowId
    kind: KindName
    channel: How
    wish: str = Field("", max_length=2000, description="In the person's words; sealed.")
    asked_at: Moment | None = Field(None, description="The time to answer runs from here.")


class IdentityCheckedIn(Strict):
    how: Check
    note: str = Field("", max_length=2000)


class RefusalIn(Strict):
    reason: WhyNot
    answer: str = Field(max_length=2000, description="What the person was told.")


class RequestAnswerIn(Strict):
    answer: str = Field(max_length=2000, description="What the person was told.")


def _out(row: DataRequest) -> dict[str, Any]:
    return {name: getattr(row, name) for name in RequestOut.model_fields}


@router.get("/data-requests", response={200: PageOut[RequestOut], **REFUSALS})
def list_requests(request: HttpRequest, asked: Query[RequestFilter]) -> Any:
    """Requests within reach, newest first."""
    _actor, grants = caller(request)
    require_any(grants, TAKE, HANDLE)
    plain = {"state": asked.state, "customer_id": asked.customer_id}
    rows = visible_requests(grants).filter(**{k: v for k, v in plain.items() if v is not None})
    return newest_page(rows, cursor=asked.cursor, limit=asked.limit, out=_out)


@router.post("/data-requests", response={201: RequestOut, **REFUSALS})
def take_in(request: HttpRequest, new: RequestIn) -> Any:
    """Take a request in."""
    actor, grants = caller(request)
    return Status(201, _out(services.take_in(actor=actor, grants=grants, **new.dict())))


@router.get("/data-requests/{number}", response={200: RequestOut, **REFUSALS})
def read_request(request: HttpRequest, number: str) -> Any:
    """One request."""
    _actor, grants = caller(request)
    return _out(get_request(grants, number))


@router.post("/data-requests/{number}/identity", response={200: RequestOut, **REFUSALS})
def check_identity(request: HttpRequest, number: str, told: IdentityCheckedIn) -> Any:
    """Say how the identity was checked."""
    actor, grants = caller(request)
    return _out(services.check_identity(actor=actor, grants=grants, number=number, **told.dict()))


@router.post("/data-requests/{number}/complete", response={200: RequestOut, **REFUSALS})
def complete(request: HttpRequest, number: str, told: RequestAnswerIn) -> Any:
    """Done: something must show it."""
    actor, grants = caller(request)
    return _out(services.complete(actor=actor, grants=grants, number=number, **told.dict()))


@router.post("/data-requests/{number}/refuse", response={200: RequestOut, **REFUSALS})
def refuse(request: HttpRequest, number: str, told: RefusalIn) -> Any:
    """Refuse, with the reason."""
    actor, grants = caller(request)
    return _out(services.refuse(actor=actor, grants=grants, number=number, **told.dict()))
