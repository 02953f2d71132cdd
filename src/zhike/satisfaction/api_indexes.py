"""Indexes over the API: systems, what was computed of them, and improvements made of their items."""

from datetime import date, datetime
from typing import Any, Literal

from django.http import HttpRequest
from django.utils.translation import get_language
from ninja import Field, Query, Router, Schema
from ninja.responses import Status

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
from zhike.desk.services.words import Kept
from zhike.satisfaction import services
from zhike.satisfaction.behind import behind
from zhike.satisfaction.models import Improvement, IndexRun, IndicatorSystem
from zhike.satisfaction.permissions import VIEW
from zhike.satisfaction.scopes import Scope
from zhike.satisfaction.selectors import (
    get_improvement,
    get_run,
    get_system,
    systems_for_list,
    visible_improvements,
)
from zhike.satisfaction.services import improvements
from zhike.surveys.api_results import AnswerOut, answers_out
from zhike.surveys.figures import results_of
from zhike.surveys.selectors import get_survey
from zhike.surveys.single_answers import page_among

router = Router(tags=["satisfaction indexes"])


class IndexOut(Schema):
    id: int
    title: str
    survey_id: int
    unit_id: int
    weighing: str = Field(description="equal, hand, pca, entropy, ahp or pls.")
    last_index: float | None = Field(description="Of the last computation of all answers.")
    last_n: int | None


class ScopeIn(Strict):
    """Whose answers; left out, all of them."""

    since: date | None = None
    until: date | None = None
    unit: int = Field(0, ge=0, le=2**31 - 1, description="With those below.")
    channel: Literal["", "open", "counter", "mail"] = ""
    tier: str = Field("", max_length=10)
    region: int = Field(0, ge=0, le=2**31 - 1, description="With those below.")
    answer: str = Field(
        "", max_length=170, description="A question and one of its choices: `q1|b`."
    )
    by: Literal["", "month", "quarter", "unit", "channel", "tier", "region", "answer"] = Field(
        "", description="What stands side by side."
    )
    question: str = Field("", max_length=80, description="Whose answers, when `by` is `answer`.")


class RunIn(Strict):
    scope: ScopeIn | None = None
    nevertheless: bool = Field(
        False, description="Use judgements in pairs although they contradict themselves."
    )


class RunOut(Schema):
    number: int
    state: str = Field(description="waiting, done or refused.")
    asked_at: datetime
    asked_by_name: str
    weighing: str
    scope: dict[str, Any] | None
    method: str
    n: int
    index: float | None
    index_low: float | None
    index_high: float | None
    problem: str = Field(description="Why it could not be computed.")
    done_at: datetime | None


class RunDetailOut(RunOut):
    digest: str
    result: dict[str, Any] | None = Field(
        description="Dimensions, items, paths, groups, exclusions; see docs/satisfaction.md."
    )


class ImprovementOut(Schema):
    id: int
    index_id: int
    run: int
    part: str
    item: str
    index_then: float
    gain_then: float
    what: str
    responsible_id: int
    responsible_name: str
    due: date
    state: str = Field(description="open, done or dropped.")
    result: str
    made_at: datetime
    ended_at: datetime | None


class ImprovementFilter(Paged):
    state: Literal["open", "done", "dropped"] | None = None


class PlanIn(Strict):
    what: str = Field(max_length=200)
    responsible_id: RowId
    due: date
    phrase_reason: str = Field("", max_length=300)


class BehindFilter(Strict):
    group: str = Field("", max_length=80, description="Key of a group that is told.")
    rival: str = Field(
        "", max_length=4, description="Or the place of a row beside a rival, from 0."
    )
    cursor: str | None = Field(None, max_length=200)


class BehindOut(PageOut[AnswerOut]):
    people: int = Field(description="Whose answers still stand as they stood then.")
    is_listed: bool


class ImprovementIn(PlanIn):
    part: str = Field(max_length=80, description="The item, as in the result of the run.")


class EndIn(Strict):
    is_done: bool
    result: str = Field(max_length=200)
    phrase_reason: str = Field("", max_length=300)


@router.get("/indexes", response={200: PageOut[IndexOut], **REFUSALS})
def list_indexes(request: HttpRequest, asked: Query[Paged]) -> Any:
    """Indicator systems, newest first, each with its last index."""
    _actor, grants = caller(request)
    grants.require(VIEW)
    return newest_page(
        systems_for_list(grants), cursor=asked.cursor, limit=asked.limit, out=_index_out
    )


@router.get("/indexes/{index_id}/runs", response={200: PageOut[RunOut], **REFUSALS})
def list_runs(request: HttpRequest, index_id: RowId, asked: Query[Paged]) -> Any:
    """What was computed of a system, newest first."""
    _actor, grants = caller(request)
    grants.require(VIEW)
    rows = IndexRun.objects.filter(system=get_system(grants, index_id))
    rows = rows.defer("result", "structure", "people", "basis")
    return newest_page(rows, cursor=asked.cursor, limit=asked.limit, out=_run_out)


@router.post("/indexes/{index_id}/runs", response={202: RunOut, **REFUSALS})
def compute(request: HttpRequest, index_id: RowId, asked: RunIn) -> Any:
    """Asks for an index; a job computes it."""
    actor, grants = caller(request)
    given = (asked.scope or ScopeIn.model_validate({})).model_dump()
    days = {key: given[key].isoformat() if given[key] else "" for key in ("since", "until")}
    run = services.ask_for_run(
        actor=actor,
        grants=grants,
        system_id=index_id,
        nevertheless=asked.nevertheless,
        scope=Scope(**{**given, **days}),
    )
    return Status(202, _run_out(run))


@router.get("/indexes/{index_id}/runs/{number}", response={200: RunDetailOut, **REFUSALS})
def read_run(request: HttpRequest, index_id: RowId, number: RowId) -> Any:
    """One computation with all it came to. Groups of fewer than five stand nowhere in it."""
    _actor, grants = caller(request)
    grants.require(VIEW)
    run = get_run(get_system(grants, index_id), number)
    return {**_run_out(run), "digest": run.digest, "result": run.result}


@router.get("/indexes/{index_id}/runs/{number}/answers", response={200: BehindOut, **REFUSALS})
def read_answers(
    request: HttpRequest, index_id: RowId, number: RowId, asked: Query[BehindFilter]
) -> Any:
    """The single answers behind the index, a group of it or a row beside a rival. Nothing is listed while lists
    laid side by side would point to fewer than five people."""
    _actor, grants = caller(request)
    grants.require(VIEW)
    system = get_system(grants, index_id)
    survey = get_survey(grants, system.survey_id)
    run = get_run(system, number)
    run.system = system
    figure = behind(run, group=asked.group, rival=asked.rival)
    out = {"people": len(figure.ids), "is_listed": figure.is_listed, "items": [], "next": None}
    if not figure.is_listed:
        return out
    language = get_language() or ""
    found = page_among(
        survey, results_of(survey, language), figure.ids,
        parts=(), after=asked.cursor or "", language=language,
    )  # fmt: skip
    return out | answers_out(found)


@router.post(
    "/indexes/{index_id}/runs/{number}/improvements",
    response={201: ImprovementOut, **REFUSALS},
)
def plan(request: HttpRequest, index_id: RowId, number: RowId, asked: ImprovementIn) -> Any:
    """Somebody sees to an item by a day. With an Idempotency-Key sent twice, it is one."""
    actor, grants = caller(request)
    made = improvements.plan_improvement(
        actor=actor,
        grants=grants,
        system_id=index_id,
        number=number,
        part=asked.part,
        plan=improvements.Plan(
            asked.what, asked.responsible_id, asked.due, idempotency_key(request)
        ),
        kept=Kept(asked.phrase_reason),
    )
    return Status(201, _improvement_out(made))


@router.get("/improvements", response={200: PageOut[ImprovementOut], **REFUSALS})
def list_improvements(request: HttpRequest, asked: Query[ImprovementFilter]) -> Any:
    """Those of one's units, and those one is responsible for, newest first."""
    _actor, grants = caller(request)
    rows = visible_improvements(grants)
    if asked.state is not None:
        rows = rows.filter(state=asked.state)
    return newest_page(rows, cursor=asked.cursor, limit=asked.limit, out=_improvement_out)


@router.get("/improvements/{improvement_id}", response={200: ImprovementOut, **REFUSALS})
def read_improvement(request: HttpRequest, improvement_id: RowId) -> Any:
    """One of them, by whoever may see it."""
    _actor, grants = caller(request)
    return _improvement_out(get_improvement(grants, improvement_id))


@router.put("/improvements/{improvement_id}", response={200: ImprovementOut, **REFUSALS})
def change(request: HttpRequest, improvement_id: RowId, asked: PlanIn) -> Any:
    """While it is under way: what, who, by when."""
    actor, grants = caller(request)
    changed = improvements.change_improvement(
        actor=actor,
        grants=grants,
        improvement_id=improvement_id,
        plan=improvements.Plan(asked.what, asked.responsible_id, asked.due),
        kept=Kept(asked.phrase_reason),
    )
    return _improvement_out(changed)


@router.post("/improvements/{improvement_id}/end", response={200: ImprovementOut, **REFUSALS})
def end(request: HttpRequest, improvement_id: RowId, asked: EndIn) -> Any:
    """Done with what came of it, or dropped and why."""
    actor, grants = caller(request)
    ended = improvements.end_improvement(
        actor=actor,
        grants=grants,
        improvement_id=improvement_id,
        is_done=asked.is_done,
        result=asked.result,
        kept=Kept(asked.phrase_reason),
    )
    return _improvement_out(ended)


def _index_out(row: IndicatorSystem) -> dict[str, Any]:
    plain = ("title", "survey_id", "unit_id", "weighing", "last_index", "last_n")
    return {"id": row.pk, **{name: getattr(row, name) for name in plain}}


def _run_out(row: IndexRun) -> dict[str, Any]:
    plain = (
        "number", "state", "asked_at", "asked_by_name", "weighing", "scope", "method", "n", "index",
        "index_low", "index_high", "problem", "done_at",
    )  # fmt: skip
    return {name: getattr(row, name) for name in plain}


def _improvement_out(row: Improvement) -> dict[str, Any]:
    plain = (
        "part", "index_then", "gain_then", "what", "responsible_id", "responsible_name", "due", "state",
        "result", "made_at", "ended_at",
    )  # fmt: skip
    return {
        "id": row.pk,
        "index_id": row.system_id,
        "run": row.run_number,
        "item": row.item_title,
        **{name: getattr(row, name) for name in plain},
    }
