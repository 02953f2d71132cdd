"""Segments over the API. Each route calls the service its page calls."""

from datetime import datetime
from typing import Any, Literal

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema, Status

from zhike.core.access import Grants
from zhike.core.api import REFUSALS, Paged, PageOut, RowId, Strict, caller, newest_page
from zhike.customers.models import Segment
from zhike.customers.permissions import VIEW
from zhike.customers.segments import by_priority, get_segment, known_segments, member_counts
from zhike.customers.services import segments as services
from zhike.customers.services.segments import (
    LONGEST_FILTER,
    LONGEST_MOTIVE,
    LONGEST_NAME,
    LONGEST_TEXT,
    MOST_MOTIVES,
    SegmentFields,
)

router = Router(tags=["segments"])
StandingName = Literal["existing", "potential"]
LoyaltyName = Literal["switching", "attentive", "loyal"]


class MotiveOut(Schema):
    text: str
    weight: float = Field(description="In per cent of all motives of the segment.")


class SegmentOut(Schema):
    id: int
    version: int = Field(description="Send it back with a change: 409 when somebody was faster.")
    name: str
    unit_id: int
    filter: str = Field(description="Address of the list of customers, after its question mark.")
    standing: str
    loyalty: str
    priority: int = Field(description="1 lowest to 5 highest; its own, or by the loyalty matrix.")
    about: str
    needs: str
    strategy: str
    motives: list[MotiveOut]
    is_active: bool
    members: int = Field(description="Of those the caller may see.")
    counted_at: datetime | None


class SegmentIn(Strict):
    name: str = Field(max_length=LONGEST_NAME)
    unit_id: RowId
    filter: str = Field(
        max_length=LONGEST_FILTER, description="Such as `tier=vip&stage=at_risk&region=3`."
    )
    standing: StandingName
    loyalty: LoyaltyName
    priority: int | None = Field(None, ge=1, le=5, description="Null: by the loyalty matrix.")
    about: str = Field("", max_length=LONGEST_TEXT)
    needs: str = Field("", max_length=LONGEST_TEXT)
    strategy: str = Field("", max_length=LONGEST_TEXT)


class SegmentChange(SegmentIn):
    version: RowId


class MotiveIn(Strict):
    text: str = Field(max_length=LONGEST_MOTIVE)
    weight: float = Field(gt=0, description="In any unit; kept in per cent of their sum.")


class MotivesIn(Strict):
    version: RowId
    motives: list[MotiveIn] = Field(max_length=MOST_MOTIVES)


def _out(row: Segment, members: int) -> dict[str, Any]:
    by_priority([row])
    plain = SegmentOut.model_fields.keys() - {"priority", "members"}
    told = {name: getattr(row, name) for name in plain}
    return {**told, "priority": row.shown_priority, "members": members}


def _one(grants: Grants, row: Segment) -> dict[str, Any]:
    return _out(row, member_counts(grants, [row])[row.pk])


@router.get("/segments", response={200: PageOut[SegmentOut], **REFUSALS})
def list_segments(request: HttpRequest, asked: Query[Paged]) -> Any:
    """Segments in use the caller may know, newest first. Members: `GET /customers?segment=`."""
    _actor, grants = caller(request)
    grants.require(VIEW)
    rows = Segment.objects.filter(pk__in=[one.pk for one in known_segments(grants)])
    members = member_counts(grants, list(rows.only("pk", "members")))
    return newest_page(
        rows, cursor=asked.cursor, limit=asked.limit, out=lambda row: _out(row, members[row.pk])
    )


@router.post("/segments", response={201: SegmentOut, **REFUSALS})
def create_segment(request: HttpRequest, new: SegmentIn) -> Any:
    """Keep a segment. Its members are counted by a job."""
    actor, grants = caller(request)
    row = services.save_segment(actor=actor, grants=grants, fields=SegmentFields(**new.dict()))
    return Status(201, _one(grants, row))


@router.get("/segments/{segment_id}", response={200: SegmentOut, **REFUSALS})
def read_segment(request: HttpRequest, segment_id: int) -> Any:
    """One segment, in use or retired."""
    _actor, grants = caller(request)
    grants.require(VIEW)
    return _one(grants, get_segment(grants, segment_id))


@router.put("/segments/{segment_id}", response={200: SegmentOut, **REFUSALS})
def change_segment(request: HttpRequest, segment_id: int, to: SegmentChange) -> Any:
    """All fields anew; motives stay."""
    actor, grants = caller(request)
    row = services.save_segment(
        actor=actor,
        grants=grants,
        fields=SegmentFields(**to.dict(exclude={"version"})),
        segment_id=segment_id,
        version=to.version,
    )
    return _one(grants, row)


@router.put("/segments/{segment_id}/motives", response={200: SegmentOut, **REFUSALS})
def set_segment_motives(request: HttpRequest, segment_id: int, to: MotivesIn) -> Any:
    """What moves its members, with weights. An empty list takes them off."""
    actor, grants = caller(request)
    row = services.set_motives(
        actor=actor,
        grants=grants,
        segment_id=segment_id,
        motives=[(one.text, one.weight) for one in to.motives],
        version=to.version,
    )
    return _one(grants, row)


@router.post("/segments/{segment_id}/retire", response={200: SegmentOut, **REFUSALS})
def retire_segment(request: HttpRequest, segment_id: int) -> Any:
    """Out of use: it can no longer be chosen in lists."""
    actor, grants = caller(request)
    row = services.retire_segment(actor=actor, grants=grants, segment_id=segment_id)
    return _one(grants, row)
