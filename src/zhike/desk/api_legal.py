"""Times a law sets, of a case, over the API."""

from datetime import date, datetime
from typing import Any, Literal

from django.http import HttpRequest
from ninja import Field, Router, Schema, Status

from zhike.core.api import REFUSALS, RowId, Strict, caller
from zhike.desk import services
from zhike.desk.api import PhraseReason
from zhike.desk.models import LegalClock
from zhike.desk.permissions import VIEW
from zhike.desk.selectors.legal import LegalLine, legal_lines
from zhike.desk.selectors.scope import load_case

router = Router(tags=["cases"])
Kind = Literal["legal_return", "legal_refund", "legal_authority"]


class LegalClockOut(Schema):
    id: int
    kind: str
    is_owed: bool = Field(description="False for the customer's right, with which nobody is late.")
    since: date = Field(description="The day it counts from, which does not count itself.")
    named_on: date | None = Field(description="The last day as a notice names it.")
    authority: str
    reference: str
    due_at: datetime | None
    source: str
    started_at: datetime
    started_by_name: str
    ended_at: datetime | None
    ended_by_name: str
    result: str = Field(description="`done`, `not_applicable`, or empty while it runs.")
    done_on: date | None
    is_late: bool | None
    reason: str


class LegalStartIn(Strict):
    kind: Kind
    since: date = Field(description="Not in the future, at most a year ago.")
    named_on: date | None = None
    authority: str = Field("", max_length=80)
    reference: str = Field("", max_length=60)


class LegalEndIn(Strict):
    result: Literal["done", "not_applicable"]
    done_on: date | None = None
    reason: str = Field("", max_length=300, description="Wanted where it does not apply.")
    phrase_reason: PhraseReason = ""


def _out(line: LegalLine) -> dict[str, Any]:
    row = {name: getattr(line.row, name) for name in LegalClockOut.model_fields}
    return row | {"due_at": line.due_at, "source": line.source}


def _line_of(row: LegalClock) -> dict[str, Any]:
    return next(_out(line) for line in legal_lines(row.case) if line.row.pk == row.pk)


@router.get("/cases/{number}/legal-clocks", response={200: list[LegalClockOut], **REFUSALS})
def list_legal_clocks(request: HttpRequest, number: str) -> Any:
    """What runs first, then what has ended."""
    _actor, grants = caller(request)
    grants.require(VIEW)
    return [_out(line) for line in legal_lines(load_case(grants, number))]


@router.post("/cases/{number}/legal-clocks", response={201: LegalClockOut, **REFUSALS})
def start_legal_clock(request: HttpRequest, number: str, start: LegalStartIn) -> Any:
    """Each kind runs once at a time; a second one answers 409."""
    actor, grants = caller(request)
    row = services.start_legal_clock(
        actor=actor,
        grants=grants,
        case_id=load_case(grants, number).pk,
        start=services.LegalStart(**start.dict()),
    )
    return Status(201, _line_of(row))


@router.post(
    "/cases/{number}/legal-clocks/{clock_id}/end", response={200: LegalClockOut, **REFUSALS}
)
def end_legal_clock(request: HttpRequest, number: str, clock_id: RowId, end: LegalEndIn) -> Any:
    """Done on a day, or it does not apply."""
    actor, grants = caller(request)
    row = services.end_legal_clock(
        actor=actor,
        grants=grants,
        case_id=load_case(grants, number).pk,
        clock_id=clock_id,
        end=services.LegalEnd(end.result, end.done_on, end.reason),
        kept=services.Kept(end.phrase_reason),
    )
    return _line_of(row)
