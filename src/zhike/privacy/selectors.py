"""Reading requests. Every read starts at `visible_requests`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from zhike.core import clock
from zhike.core.access import Grants, NotFound
from zhike.core.calendar.due import Due
from zhike.core.calendar.why import WhyDue, explain
from zhike.core.sealing import SealBroken, unseal
from zhike.customers.models import ChangeRow
from zhike.privacy.choices import Kind
from zhike.privacy.models import STILL_OPEN, DataRequest, RequestStep
from zhike.privacy.permissions import HANDLE, TAKE


def visible_requests(grants: Grants) -> QuerySet[DataRequest]:
    """Those of one's units, or taken in by oneself: the one scope of list, page, export and API."""
    rows = DataRequest.objects.all()
    if not (grants.allows(TAKE) or grants.allows(HANDLE)):
        return rows.none()
    if grants.unit_ids is None:
        return rows
    own = Q(taken_by_id=grants.user_id)
    return (
        rows.filter(own) if grants.own_only else rows.filter(own | Q(unit_id__in=grants.unit_ids))
    )


def get_request(grants: Grants, number: str) -> DataRequest:
    """Raises NotFound."""
    # What cannot be a number is not asked of the database: PostgreSQL refuses NUL.
    is_number = number.isascii() and number.isalnum()
    rows = visible_requests(grants).select_related("customer", "unit").filter(number=number)
    found = rows.first() if is_number else None
    if found is None:
        raise NotFound(
            _("There is no such request, or not one you may see."), "data_request_missing"
        )
    return found


def overdue(rows: QuerySet[DataRequest]) -> QuerySet[DataRequest]:
    return rows.filter(STILL_OPEN, due_at__lte=clock.now())


def opened(sealed: str) -> str:
    """What was sealed; empty when the key was destroyed."""
    try:
        return unseal(sealed)
    except SealBroken:
        return ""


@dataclass(frozen=True)
class Step:
    row: RequestStep
    note: str
    # Of a due time that was counted anew: from when to when, and why.
    moved: str


def steps_of(request: DataRequest) -> list[Step]:
    return [Step(row, opened(row.note_sealed), _moved(row.data)) for row in request.steps.all()]


def _moved(data: dict[str, Any]) -> str:
    if "to" not in data:
        return ""
    before, after = (
        f"{clock.local(datetime.fromisoformat(data[key])):%m-%d %H:%M}" for key in ("from", "to")
    )
    said = _("From %(before)s to %(after)s") % {"before": before, "after": after}
    if plan := data.get("plan"):
        told = {"said": said, "plan": plan}
        return _("%(said)s, because the plan “%(plan)s” was changed") % told
    return said


def changes_since(request: DataRequest) -> Sequence[ChangeRow]:
    """What was changed on the file since the identity was checked: the evidence of a correction."""
    if request.kind != Kind.CORRECT or not request.identity_check:
        return ()
    rows = ChangeRow.objects.filter(
        customer_id=request.customer_id, version__gt=request.file_version
    )
    if request.ended_at is not None:
        rows = rows.filter(at__lte=request.ended_at)
    return list(rows.order_by("pk")[:50])


def why_due(request: DataRequest) -> WhyDue | None:
    if not request.due_explanation:
        return None
    return explain(Due.from_json(request.due_explanation), clock.zone(), clock.now())
