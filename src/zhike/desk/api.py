"""Cases over the API. Each route calls the service its page calls."""

from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema, Status

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
from zhike.core.search import matching
from zhike.desk import services
from zhike.desk.models import Case, CaseEvent
from zhike.desk.selectors.news import events_since
from zhike.desk.selectors.queues import NOT_LISTED
from zhike.desk.selectors.scope import load_case, visible_cases
from zhike.desk.services.clocks import account_of

router = Router(tags=["cases"])
EVENTS_AT_ONCE = 200

StateName = Literal[
    "new",
    "open",
    "waiting_customer",
    "waiting_department",
    "waiting_approval",
    "waiting_consent",
    "closed",
    "merged",
]


class CaseOut(Schema):
    id: int
    number: str
    type: str
    title: str
    state: str
    channel: str
    priority: int
    unit_id: int
    owner_id: int | None
    owner_name: str
    customer_id: int | None
    customer_name: str
    seq: int = Field(description="Version of the case; send it as `expected_seq` with a reply.")
    opened_at: datetime
    last_event_at: datetime
    last_text: str = Field(description="The last words between customer and house.")
    last_from: str = Field(
        description="Whose they are: customer, staff, call (a note of what was said on the phone), or empty."
    )
    unread_count: int
    due_at: datetime | None
    due_what: str = Field(description="What falls due first; the purposes of due plans.")
    first_reply_due_at: datetime | None
    next_reply_due_at: datetime | None
    resolution_due_at: datetime | None
    department_due_at: datetime | None
    step_due_at: datetime | None
    legal_due_at: datetime | None = Field(description="The earliest time a law sets us.")
    handover_count: int
    reopened_count: int
    closed_at: datetime | None
    outcome: str
    external_id: str | None
    merged_into_id: int | None


class CaseDetailOut(CaseOut):
    due_explanation: dict[str, Any] | None = Field(
        description="How the due time came about: segments counted, pauses, holidays."
    )
    clocks: dict[str, Any] = Field(
        description="The same for everything that is due, by what it is; `at` in minutes since 1970."
    )


class EventOut(Schema):
    id: int
    seq: int
    kind: str
    visibility: str
    actor_name: str
    actor_kind: str
    text: str
    data: dict[str, Any]
    at: datetime
    delivered: str


class CallerIn(Strict):
    phone: str = Field(max_length=40)
    name: str = Field("", max_length=60)


# Given with what somebody writes, when the house's list of phrases holds words of it.
PhraseReason = Annotated[
    str,
    Field(
        max_length=300,
        description="Why words of the list of phrases stay. Without it they answer 422 `phrases_flagged`, "
        "with the words, why not and what would be better in `extra.phrases`.",
    ),
]


class CaseIn(Strict):
    type: str = Field(max_length=30)
    text: str = Field(max_length=20_000)
    title: str = Field("", max_length=200)
    channel: str = "api"
    unit_id: RowId | None = None
    customer_id: RowId | None = None
    customer: CallerIn | None = Field(None, description="Found by phone, or made.")
    priority: int = Field(2, ge=1, le=4)
    keep: bool = Field(False, description="The token's person becomes the owner.")
    external_id: str = Field("", max_length=120)
    phrase_reason: PhraseReason = ""


class OpenedOut(CaseOut):
    is_new: bool = Field(description="False when this Idempotency-Key had made the case before.")
    tracking_url: str | None = Field(None, description="For the customer; given out once.")
    query_code: str | None = None


class ReplyIn(Strict):
    text: str = Field(max_length=20_000)
    expected_seq: RowId = Field(
        description="The case's `seq` you have read; news since then answers 409 with the news."
    )
    delivery: str = Field(
        "page",
        max_length=30,
        description="`page`, `told_by_phone`, or a channel that reaches this customer.",
    )
    then: StateName | Literal[""] = ""
    phrase_reason: PhraseReason = ""


class NoteIn(Strict):
    text: str = Field(max_length=20_000)
    mention_ids: list[RowId] = Field(default_factory=list, max_length=20)
    phrase_reason: PhraseReason = ""


class CallIn(Strict):
    text: str = Field(max_length=20_000)
    incoming: bool = False
    reached: bool = True
    minutes: int | None = Field(None, ge=0, le=1440)
    phrase_reason: PhraseReason = ""


class HandOverIn(Strict):
    to_user_id: RowId
    reason: str = Field(max_length=300)
    expected_owner_id: RowId | None = None
    phrase_reason: PhraseReason = ""


class StateIn(Strict):
    state: StateName
    reason: str = Field("", max_length=300)
    phrase_reason: PhraseReason = ""


class CloseIn(Strict):
    outcome: str
    text: str = Field(max_length=20_000)
    expected_seq: RowId | None = None
    tell_customer: bool = False
    phrase_reason: PhraseReason = ""


class ReopenIn(Strict):
    reason: str = Field(max_length=300)
    phrase_reason: PhraseReason = ""


class NameIn(Strict):
    customer_id: RowId | None = None
    customer: CallerIn | None = None


class MergeIn(Strict):
    into: str = Field(max_length=20, description="Number of the case that stays.")
    reason: str = Field("", max_length=300)
    phrase_reason: PhraseReason = ""


class CaseFilter(Paged):
    state: StateName | None = None
    type: str | None = None
    owner_id: RowId | None = None
    unit_id: RowId | None = None
    customer_id: RowId | None = None
    q: str | None = Field(None, max_length=200, description="Words in number, subject or customer.")
    updated_since: Moment | None = None


FIELDS = tuple(CaseOut.model_fields)


def _out(case: Case) -> dict[str, Any]:
    row = {name: getattr(case, name) for name in FIELDS if name != "type"}
    return {**row, "type": case.type_id}


def _event(event: CaseEvent) -> dict[str, Any]:
    return {name: getattr(event, name) for name in EventOut.model_fields}


def _caller_of(given: CallerIn | None) -> services.Caller | None:
    return services.Caller(value=given.phone, name=given.name) if given else None


@router.get("/cases", response={200: PageOut[CaseOut], **REFUSALS}, operation_id="list_cases")
def list_cases(request: HttpRequest, asked: Query[CaseFilter]) -> Any:
    """Cases within reach, newest first."""
    _actor, grants = caller(request)
    grants.require("cases.view")
    rows = visible_cases(grants).defer(*NOT_LISTED)
    plain = {
        "state": asked.state,
        "type_id": asked.type,
        "owner_id": asked.owner_id,
        "unit_id": asked.unit_id,
        "customer_id": asked.customer_id,
        "last_event_at__gte": asked.updated_since,
    }
    rows = rows.filter(**{name: value for name, value in plain.items() if value is not None})
    if asked.q:
        rows = matching(rows, asked.q)
    return newest_page(rows, cursor=asked.cursor, limit=asked.limit, out=_out)


@router.post("/cases", response={201: OpenedOut, 200: OpenedOut, **REFUSALS})
def open_case(request: HttpRequest, new: CaseIn) -> Any:
    """Take a case in. With an `Idempotency-Key` header, sending twice makes one case."""
    actor, grants = caller(request)
    opened = services.open_case(
        actor=actor,
        grants=grants,
        new=services.NewCase(
            type_code=new.type,
            channel=new.channel,
            text=new.text,
            title=new.title,
            unit_id=new.unit_id,
            customer_id=new.customer_id,
            caller=_caller_of(new.customer),
            priority=new.priority,
            keep=new.keep,
            with_codes=True,
            submit_key=idempotency_key(request),
            external_id=new.external_id,
        ),
        kept=services.Kept(new.phrase_reason),
    )
    codes = opened.codes
    body = {
        **_out(opened.case),
        "is_new": opened.is_new,
        "tracking_url": request.build_absolute_uri(f"/t/{codes.token}/") if codes else None,
        "query_code": codes.query_code if codes else None,
    }
    return Status(201 if opened.is_new else 200, body)


@router.get("/cases/{number}", response={200: CaseDetailOut, **REFUSALS})
def get_case(request: HttpRequest, number: str) -> Any:
    """One case by number or id; a merged one answers with the case it went into."""
    _actor, grants = caller(request)
    grants.require("cases.view")
    case = load_case(grants, number)
    return {**_out(case), "due_explanation": account_of(case), "clocks": case.clocks or {}}


@router.get("/cases/{number}/events", response={200: list[EventOut], **REFUSALS})
def list_events(request: HttpRequest, number: str, since: int = 0) -> Any:
    """The record after `since`, oldest first, 200 at a time."""
    _actor, grants = caller(request)
    grants.require("cases.view")
    case = load_case(grants, number)
    return [_event(event) for event in events_since(case, since)[:EVENTS_AT_ONCE]]


@router.post("/cases/{number}/replies", response={201: EventOut, **REFUSALS})
def reply(request: HttpRequest, number: str, said: ReplyIn) -> Any:
    """A public word to the customer."""
    actor, grants = caller(request)
    event = services.reply(
        actor=actor,
        grants=grants,
        case_id=load_case(grants, number).pk,
        text=said.text,
        expected_seq=said.expected_seq,
        delivery=said.delivery,
        then=said.then,
        kept=services.Kept(said.phrase_reason),
        submit_key=idempotency_key(request),
    )
    return Status(201, _event(event))


@router.post("/cases/{number}/notes", response={201: EventOut, **REFUSALS})
def add_note(request: HttpRequest, number: str, said: NoteIn) -> Any:
    """A word among colleagues."""
    actor, grants = caller(request)
    event = services.add_note(
        actor=actor,
        grants=grants,
        case_id=load_case(grants, number).pk,
        text=said.text,
        mentions=said.mention_ids,
        kept=services.Kept(said.phrase_reason),
        submit_key=idempotency_key(request),
    )
    return Status(201, _event(event))


@router.post("/cases/{number}/calls", response={201: EventOut, **REFUSALS})
def record_call(request: HttpRequest, number: str, said: CallIn) -> Any:
    """What was said on the phone."""
    actor, grants = caller(request)
    event = services.record_call(
        actor=actor,
        grants=grants,
        case_id=load_case(grants, number).pk,
        submit_key=idempotency_key(request),
        kept=services.Kept(said.phrase_reason),
        **said.dict(exclude={"phrase_reason"}),
    )
    return Status(201, _event(event))


@router.post("/cases/{number}/claim", response={200: CaseOut, **REFUSALS})
def claim(request: HttpRequest, number: str) -> Any:
    """Take a case nobody has; 409 says who was first."""
    actor, grants = caller(request)
    pk = load_case(grants, number).pk
    return _out(services.claim(actor=actor, grants=grants, case_id=pk))


@router.post("/cases/{number}/handover", response={200: CaseOut, **REFUSALS})
def hand_over(request: HttpRequest, number: str, to: HandOverIn) -> Any:
    """Give a case to a colleague, with the reason."""
    actor, grants = caller(request)
    case = load_case(grants, number)
    owner = to.expected_owner_id if to.expected_owner_id is not None else case.owner_id
    return _out(
        services.hand_over(
            actor=actor,
            grants=grants,
            case_id=case.pk,
            to_user_id=to.to_user_id,
            reason=to.reason,
            expected_owner_id=owner,
            kept=services.Kept(to.phrase_reason),
        )
    )


@router.post("/cases/{number}/state", response={200: CaseOut, **REFUSALS})
def change_state(request: HttpRequest, number: str, to: StateIn) -> Any:
    """Move a case along the table of states; a move the table forbids answers 422."""
    actor, grants = caller(request)
    pk = load_case(grants, number).pk
    return _out(
        services.change_state(
            actor=actor,
            grants=grants,
            case_id=pk,
            target=to.state,
            reason=to.reason,
            kept=services.Kept(to.phrase_reason),
        )
    )


@router.post("/cases/{number}/close", response={200: CaseOut, **REFUSALS})
def close_case(request: HttpRequest, number: str, end: CloseIn) -> Any:
    """End a case with its outcome and one sentence."""
    actor, grants = caller(request)
    pk = load_case(grants, number).pk
    kept = services.Kept(end.phrase_reason)
    known = end.dict(exclude={"phrase_reason"})
    return _out(services.close_case(actor=actor, grants=grants, case_id=pk, kept=kept, **known))


@router.post("/cases/{number}/reopen", response={200: CaseOut, **REFUSALS})
def reopen(request: HttpRequest, number: str, why: ReopenIn) -> Any:
    """Open a closed case again."""
    actor, grants = caller(request)
    pk = load_case(grants, number).pk
    kept = services.Kept(why.phrase_reason)
    return _out(
        services.reopen(actor=actor, grants=grants, case_id=pk, reason=why.reason, kept=kept)
    )


@router.post("/cases/{number}/customer", response={200: CaseOut, **REFUSALS})
def name_customer(request: HttpRequest, number: str, who: NameIn) -> Any:
    """Say whose case this is, by id or by phone."""
    actor, grants = caller(request)
    pk = load_case(grants, number).pk
    return _out(
        services.name_customer(
            actor=actor,
            grants=grants,
            case_id=pk,
            customer_id=who.customer_id,
            caller=_caller_of(who.customer),
        )
    )


@router.post("/cases/{number}/merge", response={200: CaseOut, **REFUSALS})
def merge(request: HttpRequest, number: str, to: MergeIn) -> Any:
    """Unite this case with the one it repeats; this number then leads there."""
    actor, grants = caller(request)
    return _out(
        services.merge_cases(
            actor=actor,
            grants=grants,
            into_id=load_case(grants, to.into).pk,
            from_id=load_case(grants, number).pk,
            reason=to.reason,
            kept=services.Kept(to.phrase_reason),
        )
    )
