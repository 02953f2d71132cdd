"""Remedies and approvals over the API. Each route calls the service its page calls."""

from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema, Status

from zhike.complaints.models import Approval, Remedy
from zhike.complaints.money import MOST_CENTS
from zhike.complaints.permissions import APPROVE
from zhike.complaints.selectors.limits import limit_of, used_in
from zhike.complaints.selectors.remedies import visible_approvals, visible_remedies
from zhike.complaints.services import approvals, remedies
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
from zhike.desk.api import PhraseReason
from zhike.desk.permissions import VIEW
from zhike.desk.selectors.scope import load_case
from zhike.desk.services.words import Kept

router = Router(tags=["remedies"])

# Whole cents: a number with a point, a text or true is refused, not rounded.
Cents = Annotated[int, Field(strict=True, ge=0, le=MOST_CENTS)]
KindName = Literal["refund", "exchange", "repair", "substitute", "apology", "gift", "compensation"]


class ProofFileOut(Schema):
    id: int = Field(description="Fetch the bytes at `/attachments/{id}`.")
    name: str
    size_bytes: int
    content_type: str


class RemedyOut(Schema):
    id: int
    case_id: int
    round: int
    kind: str
    state: str = Field(
        description="for_approval, approved (to be carried out), carried_out, refused or called_off."
    )
    text: str
    amount_cents: int
    proposed_by_name: str
    proposed_at: datetime
    carried_out_at: datetime | None
    carried_out_by_name: str
    cost_cents: int | None
    proof: str
    proof_file: ProofFileOut | None
    end_reason: str


class CaseRemediesOut(Schema):
    items: list[RemedyOut]
    used_cents: int = Field(
        description="What counts against the limit: all but refused and called off."
    )
    limit_cents: int = Field(
        description="How much the token's person may decide alone for one case."
    )


class RemedyIn(Strict):
    kind: KindName
    text: str = Field(max_length=500)
    amount_cents: Cents = 0
    why: str = Field("", max_length=500, description="Needed when it goes above the limit.")
    phrase_reason: PhraseReason = ""


class CarriedOutIn(Strict):
    proof: str = Field(max_length=500)
    cost_cents: Cents
    phrase_reason: PhraseReason = ""


class ReasonIn(Strict):
    reason: str = Field(max_length=300)
    phrase_reason: PhraseReason = ""


class ApprovalOut(Schema):
    id: int
    case_id: int
    kind: str = Field(description="remedy: above the limit; prank: close a complaint as one.")
    state: str = Field(description="open, granted, refused or called_off.")
    remedy: RemedyOut | None
    why: str
    sum_cents: int | None = Field(
        description="What the remedies of the case came to when it was asked."
    )
    limit_cents: int | None = Field(description="How much the asking person may decide alone.")
    asked_by_name: str
    asked_at: datetime
    decided_by_name: str
    decided_at: datetime | None
    note: str


class ApprovalFilter(Paged):
    state: Literal["open", "granted", "refused", "called_off"] | None = None
    case_id: RowId | None = None


class RemedyFilter(Paged):
    state: Literal["for_approval", "approved", "carried_out", "refused", "called_off"] | None = None
    kind: KindName | None = None


class DecisionIn(Strict):
    grant: Annotated[bool, Field(strict=True)]
    note: str = Field("", max_length=300, description="Needed when it is refused.")
    phrase_reason: PhraseReason = ""


def remedy_out(remedy: Remedy) -> dict[str, Any]:
    """As every route answers with it; lists ask for `proof_file` at once."""
    return {name: getattr(remedy, name) for name in RemedyOut.model_fields}


def _approval(approval: Approval) -> dict[str, Any]:
    plain = {name: getattr(approval, name) for name in ApprovalOut.model_fields if name != "remedy"}
    return {**plain, "remedy": remedy_out(approval.remedy) if approval.remedy else None}


@router.get("/remedies", response={200: PageOut[RemedyOut], **REFUSALS})
def list_remedies(request: HttpRequest, asked: Query[RemedyFilter]) -> Any:
    """The ledger, newest first."""
    _actor, grants = caller(request)
    grants.require(VIEW)
    plain = {"state": asked.state, "kind": asked.kind}
    rows = visible_remedies(grants).filter(**{name: v for name, v in plain.items() if v})
    rows = rows.select_related("proof_file")
    return newest_page(rows, cursor=asked.cursor, limit=asked.limit, out=remedy_out)


@router.get("/cases/{number}/remedies", response={200: CaseRemediesOut, **REFUSALS})
def remedies_of_case(request: HttpRequest, number: str) -> Any:
    """The remedies of one case, newest first, and what counts against one's limit."""
    _actor, grants = caller(request)
    grants.require(VIEW)
    case = load_case(grants, number)
    rows = Remedy.objects.filter(case=case).select_related("proof_file").order_by("-pk")
    return {
        "items": [remedy_out(remedy) for remedy in rows],
        "used_cents": used_in(case.pk),
        "limit_cents": limit_of(grants.user_id),
    }


@router.post("/cases/{number}/remedies", response={201: RemedyOut, 200: RemedyOut, **REFUSALS})
def propose_remedy(request: HttpRequest, number: str, new: RemedyIn) -> Any:
    """Offer a remedy. Above the limit of the token's person it waits for approval, whatever the body says."""
    actor, grants = caller(request)
    made = remedies.propose_remedy(
        actor=actor,
        grants=grants,
        case_id=load_case(grants, number).pk,
        submit_key=idempotency_key(request),
        kept=Kept(new.phrase_reason),
        **new.dict(exclude={"phrase_reason"}),
    )
    return Status(201 if made.is_new else 200, remedy_out(made.remedy))


@router.post("/remedies/{remedy_id}/carry-out", response={200: RemedyOut, **REFUSALS})
def carry_out(request: HttpRequest, remedy_id: RowId, done: CarriedOutIn) -> Any:
    """It was done: what shows it and what it did cost. Once; 409 says who did it."""
    actor, grants = caller(request)
    return remedy_out(
        remedies.carry_out(
            actor=actor,
            grants=grants,
            remedy_id=remedy_id,
            kept=Kept(done.phrase_reason),
            **done.dict(exclude={"phrase_reason"}),
        )
    )


@router.post("/remedies/{remedy_id}/call-off", response={200: RemedyOut, **REFUSALS})
def call_off(request: HttpRequest, remedy_id: RowId, why: ReasonIn) -> Any:
    """It will not be. A request for approval that waits goes with it."""
    actor, grants = caller(request)
    return remedy_out(
        remedies.call_off(
            actor=actor,
            grants=grants,
            remedy_id=remedy_id,
            reason=why.reason,
            kept=Kept(why.phrase_reason),
        )
    )


@router.get("/approvals", response={200: PageOut[ApprovalOut], **REFUSALS})
def list_approvals(request: HttpRequest, asked: Query[ApprovalFilter]) -> Any:
    """Decisions to take and taken, newest first."""
    _actor, grants = caller(request)
    grants.require(APPROVE)
    plain = {"state": asked.state, "case_id": asked.case_id}
    known = {name: value for name, value in plain.items() if value is not None}
    rows = visible_approvals(grants).select_related("remedy__proof_file").filter(**known)
    return newest_page(rows, cursor=asked.cursor, limit=asked.limit, out=_approval)


@router.post("/approvals/{approval_id}/decide", response={200: ApprovalOut, **REFUSALS})
def decide(request: HttpRequest, approval_id: RowId, decision: DecisionIn) -> Any:
    """Approve or refuse; 409 `already_decided` says who was first, and how they decided."""
    actor, grants = caller(request)
    return _approval(
        approvals.decide(
            actor=actor,
            grants=grants,
            approval_id=approval_id,
            kept=Kept(decision.phrase_reason),
            **decision.dict(exclude={"phrase_reason"}),
        )
    )


@router.post("/approvals/{approval_id}/withdraw", response={200: ApprovalOut, **REFUSALS})
def withdraw(request: HttpRequest, approval_id: RowId, why: ReasonIn) -> Any:
    """Take one's own request back; the remedy it was about is called off."""
    actor, grants = caller(request)
    return _approval(
        approvals.withdraw_request(
            actor=actor,
            grants=grants,
            approval_id=approval_id,
            reason=why.reason,
            kept=Kept(why.phrase_reason),
        )
    )
