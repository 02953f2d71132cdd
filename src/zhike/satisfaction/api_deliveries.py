"""Deliveries over the API: told by programs that know of orders, so that a rule can ask their customers."""

from datetime import datetime
from typing import Any

from django.db.models import Prefetch
from django.http import HttpRequest
from ninja import Field, Query, Router, Schema, Status

from zhike.core.access import Grants
from zhike.core.api import (
    REFUSALS,
    Moment,
    Paged,
    PageOut,
    RowId,
    Strict,
    caller,
    idempotency_key,
    newest_page,
)
from zhike.satisfaction import errors
from zhike.satisfaction.api import shown_state
from zhike.satisfaction.delivery_selectors import shown_what, visible_deliveries
from zhike.satisfaction.models import Ask, Delivery
from zhike.satisfaction.services import deliveries as services
from zhike.satisfaction.services.deliveries import (
    LONGEST_CUSTOMER,
    LONGEST_REFERENCE,
    LONGEST_SOURCE,
    LONGEST_WHAT,
    NewDelivery,
)

router = Router(tags=["deliveries"])


class DeliveryIn(Strict):
    reference: str = Field(
        max_length=LONGEST_REFERENCE,
        description="Its number where it is told: with `source` it is one delivery however often told.",
    )
    source: str = Field("", max_length=LONGEST_SOURCE, description="Which program that is.")
    delivered_at: Moment = Field(
        description="In the last 30 days it is asked about; else it is kept and `left_out` says why."
    )
    customer_id: RowId | None = None
    customer: str = Field(
        "",
        max_length=LONGEST_CUSTOMER,
        description="Without `customer_id`: a full phone number, or the customer's number in another system.",
    )
    unit_id: RowId | None = Field(None, description="Null: the caller's own.")
    what: str = Field("", max_length=LONGEST_WHAT, description="A few words on what was delivered.")


class DeliveryAskOut(Schema):
    id: int
    rule_id: int
    is_drawn: bool
    is_second: bool
    state: str | None = Field(
        description="Of the invitation; null without one. Of an anonymous rule never answered: such are sent."
    )
    opened: str | None = Field(description="Number of the case a low answer opened.")


class DeliveryOut(Schema):
    id: int
    reference: str
    source: str
    customer_id: int
    unit_id: int
    what: str = Field(description="Phone- and ID-like digits are masked without the right to them.")
    delivered_at: datetime
    told_at: datetime
    told_by_name: str
    left_out: str = Field(description="Why nobody is asked: future, old, or empty.")
    withdrawn_at: datetime | None
    asks: list[DeliveryAskOut]


class DeliveryFilter(Paged):
    reference: str | None = Field(None, max_length=LONGEST_REFERENCE)
    source: str | None = Field(None, max_length=LONGEST_SOURCE)
    customer_id: RowId | None = None
    unit_id: RowId | None = None


ASKS = Ask.objects.select_related("rule__sending", "invitation", "opened").order_by("pk")
PLAIN = tuple(name for name in DeliveryOut.model_fields if name not in ("what", "asks"))


def _out(row: Delivery, grants: Grants) -> dict[str, Any]:
    return {
        **{name: getattr(row, name) for name in PLAIN},
        "what": shown_what(row, grants),
        "asks": [_ask(one) for one in row.asks.all()],
    }


def _ask(row: Ask) -> dict[str, Any]:
    return {
        "id": row.pk,
        "rule_id": row.rule_id,
        "is_drawn": row.is_drawn,
        "is_second": row.first_id is not None,
        "state": shown_state(row, row.rule.sending.is_named),
        "opened": row.opened.number if row.opened is not None else None,
    }


def _one(grants: Grants, pk: int) -> dict[str, Any]:
    rows = visible_deliveries(grants).prefetch_related(Prefetch("asks", queryset=ASKS))
    found = rows.filter(pk=pk).first()
    if found is None:
        raise errors.delivery_not_found()
    return _out(found, grants)


@router.get("/deliveries", response={200: PageOut[DeliveryOut], **REFUSALS})
def list_deliveries(request: HttpRequest, asked: Query[DeliveryFilter]) -> Any:
    """Deliveries within reach, the last told first."""
    _actor, grants = caller(request)
    services.may_tell(grants)
    wanted = asked.dict(exclude={"cursor", "limit"}, exclude_none=True)
    rows = visible_deliveries(grants).filter(**wanted)
    rows = rows.prefetch_related(Prefetch("asks", queryset=ASKS))
    return newest_page(
        rows, cursor=asked.cursor, limit=asked.limit, out=lambda row: _out(row, grants)
    )


@router.post("/deliveries", response={201: DeliveryOut, 200: DeliveryOut, **REFUSALS})
def tell_delivery(request: HttpRequest, new: DeliveryIn) -> Any:
    """Told again by its number or `Idempotency-Key` it is one (200); with another customer, unit or time 409."""
    actor, grants = caller(request)
    told = services.tell_delivery(
        actor=actor,
        grants=grants,
        new=NewDelivery(**new.dict(), submit_key=idempotency_key(request)),
    )
    return Status(201 if told.is_new else 200, _one(grants, told.delivery.pk))


@router.get("/deliveries/{delivery_id}", response={200: DeliveryOut, **REFUSALS})
def get_delivery(request: HttpRequest, delivery_id: RowId) -> Any:
    """One of them, and which rules met it."""
    _actor, grants = caller(request)
    services.may_tell(grants)
    return _one(grants, delivery_id)


@router.post("/deliveries/{delivery_id}/withdraw", response={200: DeliveryOut, **REFUSALS})
def withdraw_delivery(request: HttpRequest, delivery_id: RowId) -> Any:
    """It was told wrongly: what waits is called off; 409 once a mail about it has left."""
    actor, grants = caller(request)
    services.withdraw_delivery(actor=actor, grants=grants, delivery_id=delivery_id)
    return _one(grants, delivery_id)
