"""Follow-up visits over the API. Each route calls the service its page calls."""

from datetime import datetime
from typing import Any, Literal

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema

from zhike.care import services
from zhike.care.contacting import contact_of
from zhike.care.figures import CONDITIONS, figures
from zhike.care.models import FollowUp
from zhike.care.selectors import (
    for_list,
    get_follow_up,
    script_for,
    tries_of,
)
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
from zhike.core.errors import RuleError
from zhike.core.search import masked_numbers
from zhike.customers.permissions import TEXT, may_reveal
from zhike.desk.api import PhraseReason
from zhike.desk.permissions import VIEW
from zhike.desk.services.words import Kept

router = Router(tags=["follow-ups"])
StateName = Literal["due", "done", "called_off"]
ResultName = Literal["content", "partly", "not_content", "unreachable"]


class FollowUpOut(Schema):
    id: int
    case: str = Field(description="Number of the closed case.")
    case_id: int
    round: int
    sequence: int = Field(description="2 and above: visits after one that found something missing.")
    unit_id: int
    customer_id: int
    assigned_id: int | None
    state: str
    made_at: datetime
    due_at: datetime
    next_try_at: datetime | None
    best_time: str
    attempts: int
    result: str
    done_at: datetime | None


class QuestionOut(Schema):
    id: int
    kind: str
    text: str


class AttemptOut(Schema):
    at: datetime
    by_name: str
    reached: bool
    note: str


class VisitContactOut(Schema):
    """Whether to call for this visit now."""

    purpose: str = Field(description="service after a complaint, survey after any other case.")
    verdict: str = Field(description="allowed, withdrawn, too_often, quiet, no_file or no_purpose.")
    until: datetime | None = Field(description="When to ask again.")
    sentence: str


class FollowUpDetailOut(FollowUpOut):
    contact: VisitContactOut | None = Field(description="Null once the visit is over.")
    words: str = Field(
        description="Phone- and ID-like digits are masked without the right to them."
    )
    missing: str
    to_check: str = Field(description="What the visit before it found missing.")
    answers: dict[str, Any] = Field(description="By the id of the question.")
    done_by_name: str
    call_off: str
    call_off_reason: str
    new_case: str | None = Field(
        description="The complaint that followed from a case that was none."
    )
    script_id: int | None
    opening: str
    questions: list[QuestionOut]
    tries: list[AttemptOut]


class FollowUpFilter(Paged):
    state: StateName | None = None
    result: ResultName | None = None
    case_id: RowId | None = None
    assigned_id: RowId | None = None
    due_before: Moment | None = None


class AttemptIn(Strict):
    note: str = Field("", max_length=300)
    phrase_reason: PhraseReason = ""
    next_try_at: Moment | None = Field(
        None, description="With a zone, such as 2026-11-25T10:00+08:00."
    )


class ResultIn(Strict):
    result: ResultName
    words: str = Field("", max_length=5000, description="Needed with `not_content`.")
    missing: str = Field("", max_length=2000, description="Needed with `partly`.")
    answers: dict[str, bool | int | str] = Field(
        default_factory=dict, description="By the id of the question; those of `questions`."
    )
    script_id: RowId | None = None
    unit_id: RowId | None = None
    person_id: RowId | None = Field(
        None, description="To whom the new notice goes; needed with `not_content` on a complaint."
    )
    notice: str = Field("", max_length=5000)
    phrase_reason: PhraseReason = ""


class CallOffIn(Strict):
    reason: str = Field(max_length=300)
    phrase_reason: PhraseReason = ""


class AssignIn(Strict):
    user_id: RowId


class ShareOut(Schema):
    numerator: int
    denominator: int
    ratio: float | None


class FiguresOut(Schema):
    """Of the visits that fell due in [start, end)."""

    start: datetime
    end: datetime
    rate: ShareOut = Field(description="Reached ÷ owed; reached means the customer answered.")
    content_share: ShareOut = Field(description="Content ÷ reached.")
    in_time_share: ShareOut = Field(description="Recorded by the due time ÷ owed.")
    owed: int
    reached: int
    content: int
    partly: int
    not_content: int
    unreachable: int
    still_open: int
    in_time: int
    called_off: int
    attempts: int
    rows: dict[str, list[int]] = Field(description="Ids of the visits behind each figure.")


class Window(Strict):
    start: Moment
    end: Moment
    with_rows: bool = False


_OWN = (
    "id", "case_id", "round", "sequence", "unit_id", "customer_id", "assigned_id", "state", "made_at",
    "due_at", "next_try_at", "best_time", "attempts", "result", "done_at",
)  # fmt: skip
_FIGURES = (*CONDITIONS, "attempts", "start", "end")


def _out(visit: FollowUp) -> dict[str, Any]:
    return {name: getattr(visit, name) for name in _OWN} | {"case": visit.case.number}


def _contact(visit: FollowUp) -> dict[str, Any]:
    found = contact_of(visit)
    return {
        "purpose": found.purpose,
        "verdict": found.decision.verdict.value,
        "until": found.decision.until,
        "sentence": str(found.sentence),
    }


def _detail(request: HttpRequest, pk: int) -> dict[str, Any]:
    _actor, grants = caller(request)
    visit = get_follow_up(grants, pk)
    version = visit.script if visit.script is not None else script_for(visit.type_code)

    def spoken(text: str) -> str:
        return text if may_reveal(grants, TEXT) else masked_numbers(text)

    return _out(visit) | {
        "contact": _contact(visit) if visit.is_due else None,
        "best_time": spoken(visit.best_time),
        "words": spoken(visit.words),
        "missing": spoken(visit.missing),
        "to_check": spoken(visit.to_check),
        "answers": {
            key: spoken(value) if isinstance(value, str) else value
            for key, value in visit.answers.items()
        },
        "done_by_name": visit.done_by_name,
        "call_off": visit.call_off,
        "call_off_reason": visit.call_off_reason,
        "new_case": visit.new_case.number if visit.new_case else None,
        "script_id": version.pk if version else None,
        "opening": version.opening if version else "",
        "questions": list(version.questions.all()) if version else [],
        "tries": [
            {"at": one.at, "by_name": one.by_name, "reached": one.reached, "note": spoken(one.note)}
            for one in tries_of(visit)
        ],
    }


@router.get("/follow-ups", response={200: PageOut[FollowUpOut], **REFUSALS})
def list_follow_ups(request: HttpRequest, asked: Query[FollowUpFilter]) -> Any:
    """Visits within reach, newest first."""
    _actor, grants = caller(request)
    grants.require(VIEW)
    rows = for_list(grants)
    for name in ("state", "result", "case_id", "assigned_id"):
        value = getattr(asked, name)
        if value is not None:
            rows = rows.filter(**{name: value})
    if asked.due_before is not None:
        rows = rows.filter(due_at__lt=asked.due_before)
    return newest_page(rows, cursor=asked.cursor, limit=asked.limit, out=_out)


@router.get("/follow-ups/figures", response={200: FiguresOut, **REFUSALS})
def follow_up_figures(request: HttpRequest, asked: Query[Window]) -> Any:
    """The follow-up rate of a window, with what it is made of."""
    _actor, grants = caller(request)
    grants.require(VIEW)
    if asked.start >= asked.end:
        raise RuleError("window_wrong", _("The window ends before it begins."), field="end")
    found = figures(grants, asked.start, asked.end)
    shares = {
        name: {"numerator": s.numerator, "denominator": s.denominator, "ratio": s.ratio}
        for name, s in (
            ("rate", found.rate),
            ("content_share", found.content_share),
            ("in_time_share", found.in_time_share),
        )
    }
    rows = {name: found.ids_of(name) for name in CONDITIONS} if asked.with_rows else {}
    return {name: getattr(found, name) for name in _FIGURES} | shares | {"rows": rows}


@router.get("/follow-ups/{follow_up_id}", response={200: FollowUpDetailOut, **REFUSALS})
def read_follow_up(request: HttpRequest, follow_up_id: RowId) -> Any:
    """One visit with its script, attempts and answers."""
    caller(request)[1].require(VIEW)
    return _detail(request, follow_up_id)


@router.post("/follow-ups/{follow_up_id}/attempts", response={200: FollowUpDetailOut, **REFUSALS})
def record_attempt(request: HttpRequest, follow_up_id: RowId, tried: AttemptIn) -> Any:
    """A call in which nobody was reached; the visit stays due."""
    actor, grants = caller(request)
    services.record_attempt(
        actor=actor,
        grants=grants,
        follow_up_id=follow_up_id,
        note=tried.note,
        next_try_at=tried.next_try_at,
        submit_key=idempotency_key(request),
        kept=Kept(tried.phrase_reason),
    )
    return _detail(request, follow_up_id)


@router.post("/follow-ups/{follow_up_id}/result", response={200: FollowUpDetailOut, **REFUSALS})
def record_result(request: HttpRequest, follow_up_id: RowId, came: ResultIn) -> Any:
    """What came of it, once: 409 `already_recorded` names who was first."""
    actor, grants = caller(request)
    services.record_result(
        actor=actor,
        grants=grants,
        follow_up_id=follow_up_id,
        outcome=services.Outcome(**came.model_dump(exclude={"phrase_reason"})),
        kept=Kept(came.phrase_reason),
    )
    return _detail(request, follow_up_id)


@router.post("/follow-ups/{follow_up_id}/call-off", response={200: FollowUpDetailOut, **REFUSALS})
def call_off(request: HttpRequest, follow_up_id: RowId, why: CallOffIn) -> Any:
    """A supervisor says that this customer is not asked."""
    actor, grants = caller(request)
    services.call_off(
        actor=actor,
        grants=grants,
        follow_up_id=follow_up_id,
        reason=why.reason,
        kept=Kept(why.phrase_reason),
    )
    return _detail(request, follow_up_id)


@router.post("/follow-ups/{follow_up_id}/assign", response={200: FollowUpDetailOut, **REFUSALS})
def assign(request: HttpRequest, follow_up_id: RowId, to: AssignIn) -> Any:
    """Somebody else makes it."""
    actor, grants = caller(request)
    services.reassign(actor=actor, grants=grants, follow_up_id=follow_up_id, user_id=to.user_id)
    return _detail(request, follow_up_id)
