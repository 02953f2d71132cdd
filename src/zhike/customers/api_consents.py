"""Consents over the API, and the question every outreach asks first: may this customer be contacted?"""

from datetime import datetime
from typing import Any, Literal

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema, Status

from zhike.core.api import REFUSALS, Moment, Paged, PageOut, Strict, caller, newest_page
from zhike.customers import services
from zhike.customers.contact_policy import SENTENCES, file_ids_of, may_contact
from zhike.customers.models import Consent
from zhike.customers.permissions import VIEW
from zhike.customers.selectors import get_customer

router = Router(tags=["consents"])
How = Literal["counter", "phone", "paper", "web", "wechat", "sms", "email", "request"]
By = Literal["phone", "sms", "wechat", "wecom", "email", "letter"]


class ConsentOut(Schema):
    id: int
    customer_id: int
    purpose: str
    is_given: bool
    notice_version: int | None
    channel: str
    at: datetime
    recorded_at: datetime
    author_name: str


class ConsentIn(Strict):
    purpose: str = Field(max_length=30, description="The code of a purpose.")
    is_given: bool = Field(description="False takes it back; that needs nothing else.")
    channel: How
    at: Moment | None = Field(None, description="When it was said; now when left out.")
    proof: str = Field("", max_length=200, description="Where the proof is; sealed.")


class ContactAsked(Strict):
    purpose: str = Field(max_length=30)
    channel: By = "phone"
    at: Moment | None = Field(None, description="Now when left out.")


class ContactOut(Schema):
    allowed: bool
    verdict: str = Field(
        description="allowed, no_purpose, withdrawn, no_consent, renewal, too_often or quiet."
    )
    reason: str
    until: datetime | None = Field(None, description="When to ask again.")


class OutreachIn(Strict):
    purpose: str = Field(max_length=30)
    channel: By
    origin: str = Field("", max_length=60, description="What it is, in your own words or ids.")


class OutreachOut(Schema):
    id: int
    at: datetime


def _out(row: Consent) -> dict[str, Any]:
    return {
        "id": row.pk,
        "customer_id": row.customer_id,
        "purpose": row.purpose.code,
        "is_given": row.is_given,
        "notice_version": row.notice.version if row.notice else None,
        "channel": row.channel,
        "at": row.at,
        "recorded_at": row.recorded_at,
        "author_name": row.author_name,
    }


@router.get("/customers/{customer_id}/consents", response={200: PageOut[ConsentOut], **REFUSALS})
def list_consents(request: HttpRequest, customer_id: int, asked: Query[Paged]) -> Any:
    """The ledger of a customer, newest first; of files merged into this one too."""
    _actor, grants = caller(request)
    grants.require(VIEW)
    ids = list(file_ids_of([get_customer(grants, customer_id).pk]))
    rows = Consent.objects.filter(customer_id__in=ids).select_related("purpose", "notice")
    return newest_page(rows, cursor=asked.cursor, limit=asked.limit, out=_out)


@router.post("/customers/{customer_id}/consents", response={201: ConsentOut, **REFUSALS})
def record_consent(request: HttpRequest, customer_id: int, new: ConsentIn) -> Any:
    """Note a yes or a no. Nothing in the ledger is ever changed; the latest word counts."""
    actor, grants = caller(request)
    grants.require(VIEW)
    row = services.record_consent(actor=actor, grants=grants, customer_id=customer_id, **new.dict())
    return Status(201, _out(row))


@router.get("/customers/{customer_id}/contact-policy", response={200: ContactOut, **REFUSALS})
def ask_contact(request: HttpRequest, customer_id: int, asked: Query[ContactAsked]) -> Any:
    """Whether the customer may be contacted for this purpose, by this channel, at that moment."""
    _actor, grants = caller(request)
    grants.require(VIEW)
    customer = get_customer(grants, customer_id)
    decision = may_contact(customer, asked.purpose, asked.channel, asked.at)
    return {
        "allowed": decision.allowed,
        "verdict": decision.verdict.value,
        "reason": str(SENTENCES[decision.verdict]),
        "until": decision.until,
    }


@router.post("/customers/{customer_id}/outreaches", response={201: OutreachOut, **REFUSALS})
def note_outreach(request: HttpRequest, customer_id: int, new: OutreachIn) -> Any:
    """Say, before it happens, that the customer is contacted now: 409 when they may not be."""
    actor, grants = caller(request)
    grants.require(VIEW)
    row = services.contact(actor=actor, grants=grants, customer_id=customer_id, **new.dict())
    return Status(201, {"id": row.pk, "at": row.at})
