"""Questionnaires over the API: written as documents (`docs/surveys.md`), published, and their links."""

from datetime import datetime
from typing import Any, Literal

from django.http import HttpRequest
from django.urls import reverse
from ninja import Field, Query, Router, Schema, Status

from zhike.core.access import NotFound
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
from zhike.surveys import selectors, services
from zhike.surveys.definition import Draft, problems
from zhike.surveys.errors import told
from zhike.surveys.library import ready
from zhike.surveys.models import Link, Survey
from zhike.surveys.permissions import MANAGE, VIEW
from zhike.surveys.selectors import LinkNumbers

router = Router(tags=["questionnaires"])


class SurveyOut(Schema):
    id: int
    title: str = Field(description="In the first language of the draft.")
    state: Literal["draft", "open", "closed"]
    unit_id: int
    version: int | None = Field(description="What is asked now; null before it is published.")
    answers: int = Field(description="Complete answers counted so far.")
    changed_at: datetime
    results_after_closing: bool = Field(
        description="Nothing of the answers is read before it is closed."
    )
    results_readable: bool = Field(
        description="From five answers on; where they are kept until closing, only once it is closed for good."
    )
    earlier_id: int | None = Field(description="The round it is a copy of.")


class ProblemOut(Schema):
    place: str = Field(description="As in sections[0].questions[2].text.")
    at: str = Field(description="For people: page and question.")
    sentence: str


class DraftOut(Schema):
    id: int
    draft_seq: int = Field(description="Send it back when you replace or publish this draft.")
    draft: dict[str, Any] = Field(description="The document, finished or not.")
    problems: list[ProblemOut] = Field(description="What publishing would refuse.")


class VersionOut(Schema):
    number: int
    made_at: datetime
    made_by: str


class VersionFullOut(VersionOut):
    document: dict[str, Any]


class LinkOut(Schema):
    id: int
    name: str
    url: str = Field(description="Where people answer.")
    is_open: bool
    is_counter: bool = Field(description="A tablet that begins anew after each answer.")
    unit_id: int | None = Field(None, description="The unit it hangs or stands at.")
    begun: int
    complete: int


class SurveyFilter(Paged):
    q: str | None = Field(None, max_length=100)
    state: Literal["draft", "open", "closed"] | None = None


class MakeIn(Strict):
    unit_id: RowId
    document: dict[str, Any] | None = Field(None, description="Or a ready one, by `ready`.")
    ready: str = Field("", max_length=40, description="Code of the library, such as visitor.")
    results_after_closing: bool | None = Field(
        None, description="Left open, it is true for ready ones that are answered by staff."
    )


class DraftIn(Strict):
    draft_seq: int = Field(ge=1, le=2**31 - 1)
    document: dict[str, Any]


class PublishIn(Strict):
    draft_seq: int | None = Field(None, ge=1, le=2**31 - 1)
    why_kept: str = Field("", max_length=300, description="Why words of the list stay in it.")


class SurveyStateIn(Strict):
    state: Literal["open", "closed"]


class ResultsWhenIn(Strict):
    after_closing: bool


class UnitIn(Strict):
    unit_id: RowId


class LinkIn(Strict):
    name: str = Field(max_length=80, description="Where it is used; nobody who answers sees it.")
    is_counter: bool = False
    unit_id: RowId | None = Field(None, description="The unit it hangs or stands at.")


class LinkPatch(Strict):
    name: str | None = Field(None, max_length=80)
    is_counter: bool | None = None
    is_open: bool | None = None
    unit_id: int | None = Field(None, ge=0, le=2**31 - 1, description="0 takes the unit away.")


@router.get("/surveys", response={200: PageOut[SurveyOut], **REFUSALS})
def list_surveys(request: HttpRequest, asked: Query[SurveyFilter]) -> Any:
    """Questionnaires, the newest first."""
    _actor, grants = caller(request)
    grants.require(VIEW)
    rows = selectors.surveys_for_list(grants)
    if asked.state is not None:
        rows = rows.filter(state=asked.state)
    if asked.q:
        rows = rows.filter(title__icontains=asked.q.replace("\x00", ""))
    return newest_page(rows, cursor=asked.cursor, limit=asked.limit, out=_survey_out)


@router.get("/surveys/{survey_id}", response={200: DraftOut, **REFUSALS})
def read_draft(request: HttpRequest, survey_id: RowId) -> Any:
    """The draft, and what it still lacks."""
    _actor, grants = caller(request)
    grants.require(VIEW)
    return _draft_out(selectors.get_survey(grants, survey_id))


@router.post("/surveys", response={201: DraftOut, **REFUSALS})
def make(request: HttpRequest, asked: MakeIn) -> Any:
    """From a document or a ready one. It may be unfinished; parts without a key are given one. With an
    `Idempotency-Key` header, sending twice makes one."""
    actor, grants = caller(request)
    grants.require(MANAGE)
    document: Draft | None = asked.document
    if document is None:
        document = ready(asked.ready).document
    made = services.make_survey(
        actor=actor,
        grants=grants,
        document=document,
        unit_id=asked.unit_id,
        origin=asked.ready,
        kept=asked.results_after_closing,
        submit_key=idempotency_key(request),
    )
    return Status(201, _draft_out(made))


@router.delete("/surveys/{survey_id}", response={204: None, **REFUSALS})
def remove(request: HttpRequest, survey_id: RowId) -> Any:
    """A draft that was never published. 409 for what was."""
    actor, grants = caller(request)
    services.remove_draft(actor=actor, grants=grants, survey_id=survey_id)
    return Status(204, None)


@router.put("/surveys/{survey_id}/unit", response={200: SurveyOut, **REFUSALS})
def move(request: HttpRequest, survey_id: RowId, asked: UnitIn) -> Any:
    """To another unit of your reach; answers and links go with it."""
    actor, grants = caller(request)
    services.move_survey(actor=actor, grants=grants, survey_id=survey_id, unit_id=asked.unit_id)
    return _survey_out(selectors.surveys_for_list(grants).get(pk=survey_id))


@router.put("/surveys/{survey_id}/draft", response={200: DraftOut, **REFUSALS})
def replace_draft(request: HttpRequest, survey_id: RowId, asked: DraftIn) -> Any:
    """409 when somebody changed it since `draft_seq`."""
    actor, grants = caller(request)
    saved = services.save_draft(
        actor=actor,
        grants=grants,
        survey_id=survey_id,
        document=asked.document,
        expected_seq=asked.draft_seq,
    )
    return _draft_out(saved)


@router.post("/surveys/{survey_id}/publish", response={200: VersionOut, **REFUSALS})
def publish(request: HttpRequest, survey_id: RowId, asked: PublishIn) -> Any:
    """422 with `extra.problems` while something is missing, or a key would mean something else than before."""
    actor, grants = caller(request)
    version = services.publish(
        actor=actor,
        grants=grants,
        survey_id=survey_id,
        expected_seq=asked.draft_seq,
        why_kept=asked.why_kept,
    )
    return {
        "number": version.number,
        "made_at": version.made_at,
        "made_by": version.made_by_name,
    }


@router.post("/surveys/{survey_id}/state", response={200: SurveyOut, **REFUSALS})
def change_state(request: HttpRequest, survey_id: RowId, asked: SurveyStateIn) -> Any:
    """Take answers, or take no more. Where results are kept until closing, it is closed for good (409 afterwards)
    once they can be read."""
    actor, grants = caller(request)
    services.change_state(actor=actor, grants=grants, survey_id=survey_id, state=asked.state)
    return _survey_out(selectors.surveys_for_list(grants).get(pk=survey_id))


@router.put("/surveys/{survey_id}/results-when", response={200: SurveyOut, **REFUSALS})
def set_results_when(request: HttpRequest, survey_id: RowId, asked: ResultsWhenIn) -> Any:
    """As answers come, or only after closing. 409 for taking the latter back once somebody has answered, and while
    a rule or an index reads the answers."""
    actor, grants = caller(request)
    services.keep_results(actor=actor, grants=grants, survey_id=survey_id, kept=asked.after_closing)
    return _survey_out(selectors.surveys_for_list(grants).get(pk=survey_id))


@router.get("/surveys/{survey_id}/versions", response={200: list[VersionOut], **REFUSALS})
def versions(request: HttpRequest, survey_id: RowId) -> Any:
    """The newest first."""
    _actor, grants = caller(request)
    grants.require(VIEW)
    survey = selectors.get_survey(grants, survey_id)
    return [
        {"number": one.number, "made_at": one.made_at, "made_by": one.made_by_name}
        for one in selectors.versions_of(survey).defer("definition")
    ]


@router.get("/surveys/{survey_id}/versions/{number}", response={200: VersionFullOut, **REFUSALS})
def version(request: HttpRequest, survey_id: RowId, number: RowId) -> Any:
    """What was asked in it."""
    _actor, grants = caller(request)
    grants.require(VIEW)
    survey = selectors.get_survey(grants, survey_id)
    found = survey.versions.filter(number=min(number, 2**31 - 1)).first()
    if found is None:
        raise NotFound()
    return {
        "number": found.number,
        "made_at": found.made_at,
        "made_by": found.made_by_name,
        "document": found.definition,
    }


@router.get("/surveys/{survey_id}/links", response={200: list[LinkOut], **REFUSALS})
def links(request: HttpRequest, survey_id: RowId) -> Any:
    """Where it is handed out, with the answers of each."""
    _actor, grants = caller(request)
    grants.require(VIEW)
    survey = selectors.get_survey(grants, survey_id)
    return [_link_out(request, link, numbers) for link, numbers in selectors.links_of(survey)]


@router.post("/surveys/{survey_id}/links", response={201: LinkOut, **REFUSALS})
def make_link(request: HttpRequest, survey_id: RowId, asked: LinkIn) -> Any:
    actor, grants = caller(request)
    link = services.make_link(
        actor=actor,
        grants=grants,
        survey_id=survey_id,
        name=asked.name,
        is_counter=asked.is_counter,
        unit_id=asked.unit_id,
        submit_key=idempotency_key(request),
    )
    return Status(201, _link_out(request, link, LinkNumbers()))


@router.patch("/surveys/{survey_id}/links/{link_id}", response={200: LinkOut, **REFUSALS})
def change_link(request: HttpRequest, survey_id: RowId, link_id: RowId, asked: LinkPatch) -> Any:
    """Only what is sent changes; the address stays."""
    actor, grants = caller(request)
    link = services.change_link(
        actor=actor,
        grants=grants,
        survey_id=survey_id,
        link_id=link_id,
        name=asked.name,
        is_counter=asked.is_counter,
        is_open=asked.is_open,
        unit_id=asked.unit_id,
    )
    numbers = dict(selectors.links_of(selectors.get_survey(grants, survey_id)))
    return _link_out(request, link, numbers.get(link, LinkNumbers()))


def _survey_out(row: Survey) -> dict[str, Any]:
    return {
        "id": row.pk,
        "title": row.title,
        "state": row.state,
        "unit_id": row.unit_id,
        "version": row.current.number if row.current is not None else None,
        "answers": getattr(row, "answers", 0),
        "changed_at": row.changed_at,
        "results_after_closing": row.kept_since is not None,
        "results_readable": row.current_id is not None and not row.is_kept,
        "earlier_id": row.earlier_id,
    }


def _draft_out(survey: Survey) -> dict[str, Any]:
    return {
        "id": survey.pk,
        "draft_seq": survey.draft_seq,
        "draft": survey.draft,
        "problems": told(problems(survey.draft)),
    }


def _link_out(request: HttpRequest, link: Link, numbers: LinkNumbers) -> dict[str, Any]:
    address = reverse("webform:questionnaire", args=[link.token])
    return {
        "id": link.pk,
        "name": link.name,
        "url": request.build_absolute_uri(address),
        "is_open": link.is_open,
        "is_counter": link.is_counter,
        "unit_id": link.unit_id,
        "begun": numbers.begun,
        "complete": numbers.complete,
    }
