"""A segment of those who are dear to the house, made and counted."""

from typing import Any

from tests.cast import Cast, Staff
from zhike.customers.models import Customer, Segment
from zhike.customers.services.segment_members import count_members
from zhike.customers.services.segments import SegmentFields, save_segment


def fields(cast: Cast, **more: Any) -> SegmentFields:
    given: dict[str, Any] = {
        "name": "老主顾",
        "unit_id": cast.zhoukou.pk,
        "filter": "tier=vip",
        "standing": "existing",
        "loyalty": "loyal",
    }
    return SegmentFields(**(given | more))


def made(cast: Cast, by: Staff | None = None, **more: Any) -> Segment:
    row = save_segment(**(by or cast.wang).acting, fields=fields(cast, **more))
    count_members(row.pk)
    row.refresh_from_db()
    return row


def names(row: Segment) -> set[str]:
    return set(Customer.objects.filter(memberships__segment=row).values_list("name", flat=True))
