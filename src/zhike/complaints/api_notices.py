"""Notices over the API. Each route calls the service its page calls; a department reaches its own alone."""

from datetime import date, datetime
from typing import Any, Literal

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema, Status

from zhike.complaints.models import Notice
from zhike.complaints.selectors.causes import cause_tree
from zhike.complaints.selectors.notices import (
    is_overdue,
    listed_notices,
    load_notice,
    require_reader,
)
from zhike.complaints.services import notices as service
from zhike.complaints.services.notice_answers import Answer, answer_notice
from zhike.core import clock
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
from zhike.core.search import masked_numbers, matching
from zhike.customers.permissions import TEXT, may_reveal
from zhike.desk.api import PhraseReason
from zhike.desk.permissions import VIEW
from zhike.desk.selectors.scope import load_case, may_see
from zhike.desk.services.words import Kept

router = Router(tags=["notices"])
StateName = Literal["sent", "answered", "held", "failed", "withdrawn"]


class NoticeOut(Schema):
    number: str
    case_number: str | None = Field(description="Only for those who may see the case.")
    round: int
    unit_id: int
    person_id: int
    person_name: str
    state: str = Field(
        description="sent, answered, then held or failed once checked; or withdrawn."
    )
    text: str = Field(description="Phone- and ID-like digits are masked without the right to them.")
    sent_by_name: str
    sent_at: datetime
    due_at: datetime
    reminders: int
    escalated_at: datetime | None
    answered_at: datetime | None
    answered_by_name: str
    answer_minutes: int | None = Field(description="Working minutes from the asking to the answer.")
    cause_id: int | None
    cause_text: str
    action: str
    responsible: str
    action_due: date | None
    check_due: date | None
    checked_at: datetime | None
    checked_by_name: str
    check_note: str
    close_reason: str


class NoticeDetailOut(NoticeOut):
    due_explanation: dict[str, Any] | None = Field(
        description="How the due time came about: segments counted, holidays."
    )


class CauseOut(Schema):
    id: int
    label: str
    parent_id: int | None
    depth: int
    is_offered: bool = Field(description="False when it, or one above it, can no longer be chosen.")


class SendIn(Strict):
    person_id: RowId
    unit_id: RowId | None = Field(None, description="Empty: the person's own.")
    text: str = Field(max_length=5000)
    phrase_reason: PhraseReason = ""


class AnswerIn(Strict):
    cause_id: RowId | None = None
    cause_text: str = Field("", max_length=5000)
    action: str = Field(max_length=5000)
    responsible: str = Field(max_length=60)
    action_due: date
    check_due: date | None = Field(None, description="Empty: a week after the action is due.")
    phrase_reason: PhraseReason = ""


class ReasonIn(Strict):
    reason: str = Field(max_length=300)
    phrase_reason: PhraseReason = ""


class CheckIn(Strict):
    held: bool
    note: str = Field("", max_length=5000, description="Needed when it does not hold.")
    phrase_reason: PhraseReason = ""


class NoticeFilter(Paged):
    state: StateName | None = None
    unit_id: RowId | None = None
    owed_by_me: bool = False
    sent_by_me: bool = False
    overdue: bool = False
    case: str | None = Field(None, max_length=20, description="Number of a case you may see.")
    q: str | None = Field(None, max_length=200)


_WORDS = ("text", "cause_text", "action", "check_note")
_PLAIN = tuple(
    name for name in NoticeOut.model_fields if name not in _WORDS and name != "case_number"
)


def _out(row: Notice, sees_case: bool, reveal: bool) -> dict[str, Any]:
    plain = {name: getattr(row, name) for name in _PLAIN}
    words = {name: getattr(row, name) for name in _WORDS}
    if not reveal:
        words = {name: masked_numbers(text) for name, text in words.items()}
    return {**plain, **words, "case_number": row.case.number if sees_case else None}


def _detail(request: HttpRequest, number: str) -> dict[str, Any]:
    _actor, grants = caller(request)
    row = load_notice(grants, number)
    out = _out(row, may_see(grants, row.case), may_reveal(grants, TEXT))
    return {**out, "due_explanation": row.due_explanation}


def _who(request: HttpRequest, number: str) -> dict[str, Any]:
    actor, grants = caller(request)
    return {"actor": actor, "grants": grants, "number": number}


@router.get("/notices", response={200: PageOut[NoticeOut], **REFUSALS})
def list_notices(request: HttpRequest, asked: Query[NoticeFilter]) -> Any:
    """Notices within reach, newest first."""
    _actor, grants = caller(request)
    require_reader(grants)
    rows = listed_notices(grants)
    if asked.state is not None:
        rows = rows.filter(state=asked.state)
    if asked.unit_id is not None:
        rows = rows.filter(unit_id=asked.unit_id)
    if asked.owed_by_me:
        rows = rows.filter(person_id=grants.user_id, state="sent")
    if asked.sent_by_me:
        rows = rows.filter(sent_by_id=grants.user_id)
    if asked.overdue:
        rows = rows.filter(is_overdue(clock.now()))
    if asked.case is not None:
        grants.require(VIEW)
        rows = rows.filter(case_id=load_case(grants, asked.case).pk)
    if asked.q:
        rows = matching(rows, asked.q)
    reveal = may_reveal(grants, TEXT)
    return newest_page(
        rows,
        cursor=asked.cursor,
        limit=asked.limit,
        out=lambda row: _out(row, row.sees_case, reveal),  # type: ignore[attr-defined]  # annotated
    )


@router.get("/notices/{number}", response={200: NoticeDetailOut, **REFUSALS})
def get_notice(request: HttpRequest, number: str) -> Any:
    """One notice by its number."""
    return _detail(request, number)


@router.post("/cases/{number}/notices", response={201: NoticeDetailOut, **REFUSALS})
def send_notice(request: HttpRequest, number: str, new: SendIn) -> Any:
    """Ask a department and a person. With an `Idempotency-Key` header, sending twice makes one notice."""
    actor, grants = caller(request)
    grants.require(VIEW)
    row = service.send_notice(
        actor=actor,
        grants=grants,
        case_id=load_case(grants, number).pk,
        unit_id=new.unit_id,
        person_id=new.person_id,
        text=new.text,
        kept=Kept(new.phrase_reason),
        submit_key=idempotency_key(request),
    )
    return Status(201, _detail(request, row.number))


@router.post("/notices/{number}/answer", response={200: NoticeDetailOut, **REFUSALS})
def answer(request: HttpRequest, number: str, given: AnswerIn) -> Any:
    """Answer once; 409 says who was first."""
    said = Answer(**given.dict(exclude={"phrase_reason"}))
    answer_notice(**_who(request, number), answer=said, kept=Kept(given.phrase_reason))
    return _detail(request, number)


@router.post("/notices/{number}/remind", response={200: NoticeDetailOut, **REFUSALS})
def remind(request: HttpRequest, number: str) -> Any:
    """Press for the answer, at most once an hour."""
    service.remind(**_who(request, number))
    return _detail(request, number)


@router.post("/notices/{number}/withdraw", response={200: NoticeDetailOut, **REFUSALS})
def withdraw(request: HttpRequest, number: str, why: ReasonIn) -> Any:
    """Ask no more."""
    service.withdraw_notice(
        **_who(request, number), reason=why.reason, kept=Kept(why.phrase_reason)
    )
    return _detail(request, number)


@router.post("/notices/{number}/return", response={200: NoticeDetailOut, **REFUSALS})
def give_back(request: HttpRequest, number: str, why: ReasonIn) -> Any:
    """The answer does not do: it is asked again with a new due time."""
    service.return_notice(**_who(request, number), reason=why.reason, kept=Kept(why.phrase_reason))
    return _detail(request, number)


@router.post("/notices/{number}/check", response={200: NoticeDetailOut, **REFUSALS})
def check(request: HttpRequest, number: str, seen: CheckIn) -> Any:
    """Say whether the measure holds."""
    service.check_notice(
        **_who(request, number), held=seen.held, note=seen.note, kept=Kept(seen.phrase_reason)
    )
    return _detail(request, number)


@router.get("/causes", response={200: list[CauseOut], **REFUSALS})
def list_causes(request: HttpRequest) -> Any:
    """The tree of causes in reading order."""
    _actor, grants = caller(request)
    require_reader(grants)
    return [
        {
            "id": node.cause.pk,
            "label": str(node.cause.label),
            "parent_id": node.cause.parent_id,
            "depth": node.depth,
            "is_offered": node.is_offered,
        }
        for node in cause_tree()
    ]
