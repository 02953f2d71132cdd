"""Customer files over the API. Phones, IDs and addresses leave masked; a reveal is audited."""

from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Field, Path, Query, Router, Schema, Status

from zhike.core.access import Grants
from zhike.core.api import REFUSALS, Paged, PageOut, RowId, Strict, caller, newest_page
from zhike.core.search import masked_numbers
from zhike.customers import services
from zhike.customers.masks import is_shown, personal_codes, refuse_hidden_ways, shown
from zhike.customers.models import Customer, CustomFieldDefinition, Identity
from zhike.customers.permissions import TEXT, may_reveal, open_channels
from zhike.customers.searching import matching
from zhike.customers.segments import get_segment
from zhike.customers.selectors import (
    customer_by_identity,
    customers_for_list,
    get_customer,
    visible_customers,
)

router = Router(tags=["customers"])

ChannelName = Literal[
    "phone", "wechat", "wecom", "email", "id_card", "dealer_no", "member_no", "web"
]


FieldName = Annotated[
    str,
    Path(
        max_length=50,
        description="birthday, sex, occupation, income_band, household, or custom.<code>.",
    ),
]


class CustomerOut(Schema):
    id: int
    version: int = Field(description="Send it back with a change: 409 when somebody was faster.")
    kind: str
    name: str
    salutation: str
    tier: str
    stage: str
    unit_id: int
    manager_id: int | None
    region_id: int | None
    organisation_id: int | None
    external_id: str | None
    completeness: int = Field(description="0 to 100: share of the file's expected entries.")
    created_at: datetime


class IdentityOut(Schema):
    id: int
    channel: str
    masked: str
    label: str
    is_primary: bool


class CustomerDetailOut(CustomerOut):
    occupation: str
    remark: str
    custom: dict[str, Any]
    identities: list[IdentityOut]


class IdentityIn(Strict):
    channel: ChannelName
    value: str = Field(max_length=120)
    label: str = Field("", max_length=30)


class CustomerIn(Strict):
    name: str = Field(max_length=120)
    kind: Literal["person", "organisation"] = "person"
    phone: str = Field("", max_length=40)
    identities: list[IdentityIn] = Field(default_factory=list, max_length=20)
    unit_id: RowId | None = None
    tier: Literal["vip", "key", "ordinary", "careful"] = "ordinary"
    stage: str = "prospect"
    salutation: str = Field("", max_length=60)
    region_id: RowId | None = None
    external_id: str = Field("", max_length=120)
    tags: list[str] = Field(default_factory=list, max_length=20)
    custom: dict[str, Any] = Field(default_factory=dict)


class CustomerPatch(Strict):
    version: RowId
    reason: str = Field("", max_length=300)
    name: str | None = Field(None, max_length=120)
    salutation: str | None = Field(None, max_length=60)
    tier: Literal["vip", "key", "ordinary", "careful"] | None = None
    region_id: RowId | None = None
    manager_id: RowId | None = None
    remark: str | None = None
    occupation: str | None = None
    custom: dict[str, Any] | None = None


class CustomerFilter(Paged):
    q: str | None = Field(None, max_length=200, description="Words, a full phone or its last four.")
    tier: str | None = None
    stage: str | None = None
    unit_id: RowId | None = None
    segment: RowId | None = Field(None, description="Members of this segment, as last counted.")


class LookupIn(Strict):
    channel: ChannelName = "phone"
    value: str = Field(max_length=120)


class FoundOut(Schema):
    """Across units only the name and the masked value are told."""

    id: int
    name: str
    within_reach: bool


class RevealOut(Schema):
    value: str


def _out(customer: Customer) -> dict[str, Any]:
    return {name: getattr(customer, name) for name in CustomerOut.model_fields}


def _detail(customer: Customer, grants: Grants) -> dict[str, Any]:
    def spoken(value: Any) -> Any:
        return value if may_read or not isinstance(value, str) else masked_numbers(value)

    may_read = may_reveal(grants, TEXT)
    personal = personal_codes(CustomFieldDefinition.objects.all())
    ways = customer.identities.filter(voided_at__isnull=True, channel__in=open_channels(grants))
    return {
        **_out(customer),
        "occupation": shown(grants, "occupation", customer.occupation),
        "remark": spoken(customer.remark),
        "custom": {
            code: spoken(shown(grants, f"custom.{code}", value, personal))
            for code, value in customer.custom.items()
            if is_shown(grants, f"custom.{code}", personal)
        },
        "identities": [_identity(way) for way in ways.order_by("-is_primary", "pk")],
    }


def _identity(way: Identity) -> dict[str, Any]:
    return {name: getattr(way, name) for name in IdentityOut.model_fields}


@router.get("/customers", response={200: PageOut[CustomerOut], **REFUSALS})
def list_customers(request: HttpRequest, asked: Query[CustomerFilter]) -> Any:
    """Customers within reach, newest first."""
    _actor, grants = caller(request)
    grants.require("customers.view")
    rows = customers_for_list(grants)
    plain = {"tier": asked.tier, "stage": asked.stage, "unit_id": asked.unit_id}
    rows = rows.filter(**{name: value for name, value in plain.items() if value is not None})
    if asked.segment is not None:
        segment = get_segment(grants, asked.segment)
        rows = rows.filter(memberships__segment=segment)
    if asked.q:
        rows = matching(rows, asked.q, grants)
    return newest_page(rows, cursor=asked.cursor, limit=asked.limit, out=_out)


@router.post("/customers", response={201: CustomerDetailOut, **REFUSALS})
def create_customer(request: HttpRequest, new: CustomerIn) -> Any:
    """Open a file. A phone or account that is somebody's already answers 409 with whose it is."""
    actor, grants = caller(request)
    given = new.dict(exclude={"identities", "unit_id", "external_id"})
    if new.unit_id is not None:
        given["unit_id"] = new.unit_id
    if new.external_id:
        given["external_id"] = new.external_id
    customer = services.create_customer(
        actor=actor,
        grants=grants,
        identities=[
            services.NewIdentity(way.channel, way.value, way.label) for way in new.identities
        ],
        **given,
    )
    return Status(201, _detail(customer, grants))


@router.post("/customers/lookup", response={200: FoundOut | None, **REFUSALS})
def look_up(request: HttpRequest, asked: LookupIn) -> Any:
    """Whose number or account this is, whichever unit keeps the file; null when nobody's."""
    _actor, grants = caller(request)
    grants.require("customers.view")
    refuse_hidden_ways(grants, [asked.channel])
    customer = customer_by_identity(asked.channel, asked.value)
    if customer is None:
        return None
    reached = visible_customers(grants).filter(pk=customer.pk).exists()
    return {"id": customer.pk, "name": customer.name, "within_reach": reached}


@router.get("/customers/{customer_id}", response={200: CustomerDetailOut, **REFUSALS})
def read_customer(request: HttpRequest, customer_id: int) -> Any:
    """One file; a merged one answers 404 with where it went in `extra`."""
    _actor, grants = caller(request)
    grants.require("customers.view")
    return _detail(get_customer(grants, customer_id), grants)


@router.patch("/customers/{customer_id}", response={200: CustomerDetailOut, **REFUSALS})
def change_customer(request: HttpRequest, customer_id: int, to: CustomerPatch) -> Any:
    """Change the fields given; the others stay."""
    actor, grants = caller(request)
    fields = to.dict(exclude_unset=True, exclude={"version", "reason"})
    customer = services.update_customer(
        actor=actor,
        grants=grants,
        customer_id=customer_id,
        version=to.version,
        reason=to.reason,
        **fields,
    )
    return _detail(customer, grants)


@router.post("/customers/{customer_id}/identities", response={201: IdentityOut, **REFUSALS})
def add_identity(request: HttpRequest, customer_id: int, new: IdentityIn) -> Any:
    """Add a number or account to a file."""
    actor, grants = caller(request)
    way = services.add_identity(
        actor=actor,
        grants=grants,
        customer_id=customer_id,
        channel=new.channel,
        value=new.value,
        label=new.label,
    )
    return Status(201, _identity(way))


@router.post(
    "/customers/{customer_id}/identities/{identity_id}/reveal",
    response={200: RevealOut, **REFUSALS},
)
def reveal_identity(request: HttpRequest, customer_id: int, identity_id: int) -> Any:
    """The full number. Every look is written down."""
    actor, grants = caller(request)
    value = services.reveal_identity(
        actor=actor, grants=grants, customer_id=customer_id, identity_id=identity_id
    )
    return {"value": value}


@router.post(
    "/customers/{customer_id}/fields/{field}/reveal", response={200: RevealOut, **REFUSALS}
)
def reveal_field(request: HttpRequest, customer_id: int, field: FieldName) -> Any:
    """The full value of a field your role is shown in part. Every look is written down."""
    actor, grants = caller(request)
    value = services.reveal_field(actor=actor, grants=grants, customer_id=customer_id, field=field)
    return {"value": value}
