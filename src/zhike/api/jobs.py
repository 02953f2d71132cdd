"""Background jobs over the API: how far they are, what failed and why."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema

from zhike.accounts.permissions import VIEW_JOBS
from zhike.core.api import REFUSALS, Paged, PageOut, caller, cursor_invalid
from zhike.core.errors import NotFound
from zhike.core.jobs import control, rows
from zhike.core.jobs.discovery import discover
from zhike.core.jobs.listed import JOBS
from zhike.core.listing import Order, Sort
from zhike.core.listing.keyset import BadCursor, fetch, read_cursor, write_cursor

router = Router(tags=["jobs"])
NEWEST_FIRST = Order(Sort("queued", "enqueued_at"), descending=True)
State = Literal["all", "running", "waiting", "failed", "called_off", "done"]
STATES = {
    rows.READY: "waiting",
    rows.RUNNING: "running",
    rows.FAILED: "failed",
    rows.SUCCESSFUL: "done",
    "CALLED_OFF": "called_off",
}


class JobOut(Schema):
    id: UUID
    kind: str = Field(description="The job's name in the program.")
    label: str
    state: str
    attempts: int
    most_attempts: int
    done: int | None = Field(description="Progress: so many of `total`, where the job tells it.")
    total: int | None
    queued_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    next_try_at: datetime | None = Field(description="Of a waiting job; null: at once.")
    problem: str | None = Field(description="A code for why the last try failed.")
    problem_words: str


class JobQuery(Paged):
    state: State = "all"
    kind: str = Field("", max_length=200)


def _out(job: control.JobView) -> dict[str, Any]:
    return {
        "id": job.id,
        "kind": job.path,
        "label": str(job.label),
        "state": STATES[job.state],
        "attempts": job.attempts,
        "most_attempts": job.most_attempts,
        "done": job.progress.done if job.progress else None,
        "total": job.progress.total if job.progress else None,
        "queued_at": job.enqueued_at,
        "started_at": job.started_at,
        "finished_at": job.finished_at,
        "next_try_at": job.run_after,
        "problem": job.problem.code if job.problem else None,
        "problem_words": str(job.problem.words) if job.problem else "",
    }


@router.get("/jobs", response={200: PageOut[JobOut], **REFUSALS})
def list_jobs(request: HttpRequest, asked: Query[JobQuery]) -> Any:
    """Newest first."""
    _actor, grants = caller(request)
    grants.require(VIEW_JOBS)
    discover()
    tab = next(tab for tab in JOBS.tabs if tab.key == asked.state)
    found = rows.Row.objects.all()
    narrowed = tab.narrow(found) if tab.narrow else found
    if asked.kind:
        narrowed = narrowed.filter(task_path=asked.kind)
    try:
        cursor = read_cursor(asked.cursor, NEWEST_FIRST, found) if asked.cursor else None
    except BadCursor as error:
        raise cursor_invalid() from error
    page = fetch(narrowed, NEWEST_FIRST, asked.limit, cursor, backwards=False)
    views = control.views(page.rows)
    return {
        "items": [_out(views[row.pk]) for row in page.rows],
        "next": write_cursor(page.rows[-1], NEWEST_FIRST) if page.has_next else None,
    }


@router.get("/jobs/{job_id}", response={200: JobOut, **REFUSALS})
def read_job(request: HttpRequest, job_id: UUID) -> Any:
    """One job: how far it is, or why it failed."""
    _actor, grants = caller(request)
    grants.require(VIEW_JOBS)
    discover()
    job = control.view(job_id)
    if job is None:
        raise NotFound()
    return _out(job)
