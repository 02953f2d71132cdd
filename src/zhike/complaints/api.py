"""Complaints over the API: steps, ways out, cause and archive. Each route calls the service its page calls."""

from datetime import datetime
from typing import Any, Literal

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema

from zhike.complaints import services
from zhike.complaints.models import ArchivePaper, Complaint, StepRecord
from zhike.complaints.models.complaints import TO_ARCHIVE
from zhike.complaints.paper_files import paper_file
from zhike.complaints.rules import Field as EvidenceField
from zhike.complaints.selectors.guide import known_done, stage_of
from zhike.complaints.selectors.paper import papers_of
from zhike.complaints.selectors.scope import load_complaint, visible_complaints
from zhike.complaints.services import step_of
from zhike.core.api import REFUSALS, Paged, PageOut, RowId, Strict, caller, newest_page
from zhike.desk.api import PhraseReason
from zhike.desk.services.words import Kept

router = Router(tags=["complaints"])


class StepOut(Schema):
    round: int
    step: int
    done_at: datetime
    done_by_name: str
    minutes: int = Field(description="Working minutes the step took, pauses left out.")
    is_skipped: bool
    skip_reason: str
    corrected_at: datetime | None
    evidence: dict[str, Any]


class ComplaintOut(Schema):
    number: str
    case_id: int
    title: str
    state: str
    round: int
    step: int = Field(description="The step that is due: 1 to 6; 7 when all are done.")
    verdict: str
    severity: int | None
    is_safety: bool
    wish: str
    learned: str
    cause_id: int | None
    way_out: str
    way_out_why: str
    open_notices: int
    open_approvals: int
    open_remedies: int
    opened_at: datetime
    closed_at: datetime | None
    unconfirmed: str = Field(
        description="Why no visit tells any more whether the customer is content: unreachable, called_off, "
        "no_customer or not_visited. With `archived_at` null a supervisor decides about the archive."
    )
    archived_at: datetime | None


class PaperOut(Schema):
    round: int
    digest: str = Field(description="SHA-256 of the PDF.")
    size_bytes: int
    archived_at: datetime
    made_at: datetime


class ComplaintDetailOut(ComplaintOut):
    standard_stage: str = Field(description="Stage by ISO 10002 / GB/T 19012, derived.")
    closing_reasons: list[str] = Field(description="Why it may not be closed yet.")
    steps: list[StepOut]
    archive_digest: str | None = Field(
        description="SHA-256 of the kept PDF of the present round; every round's in `papers`."
    )
    papers: list[PaperOut] = Field(description="Kept papers, the last round first.")


class StepIn(Strict):
    step: int = Field(ge=1, le=6)
    evidence: dict[str, Any] = Field(
        description=(
            "1: words, wish. 2: apology, told. 3: facts, safety, severity, where, product. "
            "4: verdict, solution, told, verdict_why. 5: consent, customer_says, learned, thanked, agreed."
        )
    )


class StepsIn(Strict):
    steps: list[StepIn] = Field(min_length=1, max_length=5)
    expected_seq: RowId | None = Field(
        None, description="The case's `seq` you have read; asked when a step is told by a reply."
    )
    expected_round: int | None = Field(None, ge=1, le=10_000)
    phrase_reason: PhraseReason = ""


class SkipIn(Strict):
    step: int = Field(ge=1, le=6)
    reason: str = Field(max_length=300)
    phrase_reason: PhraseReason = ""


class WayOutIn(Strict):
    way: Literal["unreachable", "refused", "withdrawn", "anonymous", "unfounded", "prank"]
    why: str = Field(max_length=300)
    told: bool = False
    phrase_reason: PhraseReason = ""


class UndoIn(Strict):
    reason: str = Field(max_length=300)
    phrase_reason: PhraseReason = ""


class CauseIn(Strict):
    cause_id: RowId | None = None


class ComplaintFilter(Paged):
    step: int | None = Field(None, ge=1, le=7)
    archived: bool | None = None
    closed: bool | None = None
    to_archive: bool | None = Field(
        None, description="Closed, no visit due, for a supervisor to archive."
    )
    owner_id: RowId | None = None
    unit_id: RowId | None = None


_OWN = (
    "case_id", "round", "step", "verdict", "severity", "is_safety", "wish", "learned", "cause_id", "way_out",
    "way_out_why", "open_notices", "open_approvals", "open_remedies", "unconfirmed", "archived_at",
)  # fmt: skip
_OF_CASE = ("number", "title", "state", "opened_at", "closed_at")


def _out(row: Complaint) -> dict[str, Any]:
    return {name: getattr(row, name) for name in _OWN} | {
        name: getattr(row.case, name) for name in _OF_CASE
    }


def _detail(request: HttpRequest, number: str) -> dict[str, Any]:
    _actor, grants = caller(request)
    row = load_complaint(grants, number)
    steps = list(StepRecord.objects.filter(complaint=row))
    papers = list(papers_of(row))
    done = known_done(one for one in steps if one.round == row.round)
    return {
        **_out(row),
        "standard_stage": stage_of(row, done).value,
        "closing_reasons": [] if row.case.is_ended else services.closing_reasons(row.case, grants),
        "steps": [{name: getattr(one, name) for name in StepOut.model_fields} for one in steps],
        "archive_digest": next((one.file.digest for one in papers if one.round == row.round), None),
        "papers": [_paper(one) for one in papers],
    }


def _paper(row: ArchivePaper) -> dict[str, Any]:
    plain = {name: getattr(row, name) for name in ("round", "archived_at", "made_at")}
    return {**plain, "digest": row.file.digest, "size_bytes": row.file.size_bytes}


def _case_id(request: HttpRequest, number: str) -> dict[str, Any]:
    actor, grants = caller(request)
    return {"actor": actor, "grants": grants, "case_id": load_complaint(grants, number).pk}


@router.get("/complaints", response={200: PageOut[ComplaintOut], **REFUSALS})
def list_complaints(request: HttpRequest, asked: Query[ComplaintFilter]) -> Any:
    """Complaints within reach, newest first."""
    _actor, grants = caller(request)
    grants.require("cases.view")
    rows = visible_complaints(grants)
    if asked.step is not None:
        rows = rows.filter(step=asked.step)
    if asked.archived is not None:
        rows = rows.filter(archived_at__isnull=not asked.archived)
    if asked.to_archive is not None:
        rows = rows.filter(TO_ARCHIVE) if asked.to_archive else rows.exclude(TO_ARCHIVE)
    if asked.closed is not None:
        rows = rows.filter(case__closed_at__isnull=not asked.closed)
    if asked.owner_id is not None:
        rows = rows.filter(case__owner_id=asked.owner_id)
    if asked.unit_id is not None:
        rows = rows.filter(case__unit_id=asked.unit_id)
    return newest_page(rows, cursor=asked.cursor, limit=asked.limit, out=_out)


@router.get("/complaints/{number}", response={200: ComplaintDetailOut, **REFUSALS})
def get_complaint(request: HttpRequest, number: str) -> Any:
    """One complaint by the number of its case, with its steps of all rounds."""
    return _detail(request, number)


@router.get("/complaints/{number}/papers/{round_number}", response={200: bytes, **REFUSALS})
def get_paper(request: HttpRequest, number: str, round_number: int) -> Any:
    """The kept PDF of one round, as it was made when that round was archived."""
    _actor, grants = caller(request)
    grants.require("cases.view")
    return paper_file(load_complaint(grants, number), round_number)


@router.post("/complaints/{number}/steps", response={200: ComplaintDetailOut, **REFUSALS})
def record_steps(request: HttpRequest, number: str, given: StepsIn) -> Any:
    """Record steps in order, all or none; a step of this round that stands already is corrected."""
    services.record_steps(
        **_case_id(request, number),
        given=[
            (step_of(one.step), {_field(name): value for name, value in one.evidence.items()})
            for one in given.steps
        ],
        expected_seq=given.expected_seq,
        expected_round=given.expected_round,
        kept=Kept(given.phrase_reason),
    )
    return _detail(request, number)


def _field(name: str) -> EvidenceField:
    try:
        return EvidenceField(name)
    except ValueError:
        return name  # type: ignore[return-value]  # the service names what it does not know


@router.post("/complaints/{number}/skip", response={200: ComplaintDetailOut, **REFUSALS})
def skip_step(request: HttpRequest, number: str, skip: SkipIn) -> Any:
    """Let the step that is due go by; a supervisor's decision, with a reason."""
    services.skip_step(
        **_case_id(request, number),
        step=step_of(skip.step),
        reason=skip.reason,
        kept=Kept(skip.phrase_reason),
    )
    return _detail(request, number)


@router.post("/complaints/{number}/way-out", response={200: ComplaintDetailOut, **REFUSALS})
def take_way_out(request: HttpRequest, number: str, out: WayOutIn) -> Any:
    """End the steps for a named reason. A prank asks a supervisor: `way_out` stays empty until decided."""
    given = out.dict(exclude={"phrase_reason"})
    services.take_way_out(**_case_id(request, number), **given, kept=Kept(out.phrase_reason))
    return _detail(request, number)


@router.post("/complaints/{number}/way-out/undo", response={200: ComplaintDetailOut, **REFUSALS})
def undo_way_out(request: HttpRequest, number: str, undo: UndoIn) -> Any:
    """Back to the steps."""
    services.undo_way_out(
        **_case_id(request, number), reason=undo.reason, kept=Kept(undo.phrase_reason)
    )
    return _detail(request, number)


@router.post("/complaints/{number}/archive", response={200: ComplaintDetailOut, **REFUSALS})
def archive_unconfirmed(request: HttpRequest, number: str, why: UndoIn) -> Any:
    """Archive it without the customer's word, once no visit is due; a supervisor's decision, with a reason.

    A visit that finds the customer content archives by itself.
    """
    services.archive_unconfirmed(
        **_case_id(request, number), reason=why.reason, kept=Kept(why.phrase_reason)
    )
    return _detail(request, number)


@router.put("/complaints/{number}/cause", response={200: ComplaintDetailOut, **REFUSALS})
def set_cause(request: HttpRequest, number: str, cause: CauseIn) -> Any:
    """Why it happened, or null when it is not known."""
    services.set_cause(**_case_id(request, number), cause_id=cause.cause_id)
    return _detail(request, number)
