"""Background jobs: what runs, how far it is, what failed and why; what repeats."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from zhike.accounts.grants import actor_of_request
from zhike.accounts.permissions import MANAGE_SETTINGS, VIEW_JOBS
from zhike.core import access, clock
from zhike.core.errors import Conflict
from zhike.core.jobs import control, repeating, rows
from zhike.core.jobs.discovery import discover
from zhike.core.jobs.listed import JOBS, failed
from zhike.core.listing import capped_count
from zhike.core.models import PeriodicRun, WorkerBeat
from zhike.web.services import jobs as services

WORKER_SILENT_AFTER_SECONDS = 10


def is_worker_alive() -> bool:
    beat = WorkerBeat.objects.order_by("-at").values_list("at", flat=True).first()
    return beat is not None and (clock.now() - beat).total_seconds() < WORKER_SILENT_AFTER_SECONDS


@require_safe
def jobs(request: HttpRequest) -> HttpResponse:
    grants = access.require(request.user, VIEW_JOBS)
    discover()
    found = rows.Row.objects.all()
    page = JOBS.page(
        request,
        found,
        grants=grants,
        counts=lambda: {
            "running": capped_count(found.filter(status=rows.RUNNING)),
            "waiting": capped_count(found.filter(status=rows.READY)),
            "failed": capped_count(failed(found)),
        },
    )
    context = {
        "list": page,
        "jobs": control.views(page.rows),
        "is_worker_alive": is_worker_alive(),
        "here": request.get_full_path(),
    }
    return render(request, "web/jobs.html", context)


@require_safe
def job(request: HttpRequest, pk: UUID) -> HttpResponse:
    grants = access.require(request.user, VIEW_JOBS)
    discover()
    found = services.job_of(pk)
    is_administrator = grants.allows(MANAGE_SETTINGS)
    context = {
        "job": found,
        "is_administrator": is_administrator,
        # Numbers, mail addresses and secrets were masked when it was stored.
        "detail": control.detail(pk) if is_administrator else None,
        "here": request.get_full_path(),
    }
    return render(request, "web/job.html", context)


@dataclass(frozen=True)
class Rhythm:
    label: Any
    every_seconds: float | None
    daily_at: str
    next_at: datetime | None
    last_at: datetime | None
    # The last line of what went wrong in the last round; rounds with rows of their own tell it there.
    error: str


@require_safe
def repeating_jobs(request: HttpRequest) -> HttpResponse:
    grants = access.require(request.user, VIEW_JOBS)
    discover()
    known = {row.name: row for row in PeriodicRun.objects.all()}
    shown = [_rhythm(one, known.get(one.name), grants) for one in repeating.all_periodic()]
    shown.sort(key=lambda one: (not one.error, str(one.label)))
    context = {"rhythms": shown, "is_worker_alive": is_worker_alive()}
    return render(request, "web/jobs_repeating.html", context)


def _rhythm(one: repeating.PeriodicJob, row: PeriodicRun | None, grants: access.Grants) -> Rhythm:
    lines = row.last_error.strip().splitlines() if row else []
    error = ""
    if lines:
        error = lines[-1] if grants.allows(MANAGE_SETTINGS) else _("The last round failed.")
    return Rhythm(
        label=control.label_of(one.name),
        every_seconds=one.every_seconds,
        daily_at=f"{one.daily_at:%H:%M}" if one.daily_at else "",
        next_at=row.next_at if row else None,
        last_at=row.last_at if row else None,
        error=error,
    )


@require_POST
def job_retry(request: HttpRequest, pk: UUID) -> HttpResponse:
    grants = access.require(request.user, VIEW_JOBS)
    try:
        services.retry_job(actor=actor_of_request(request), grants=grants, pk=pk)
    except Conflict as error:
        messages.warning(request, str(error))
    else:
        messages.success(request, _("The job is queued again."))
    return redirect("web:jobs")


@require_POST
def job_cancel(request: HttpRequest, pk: UUID) -> HttpResponse:
    grants = access.require(request.user, VIEW_JOBS)
    try:
        services.cancel_job(actor=actor_of_request(request), grants=grants, pk=pk)
    except Conflict as error:
        messages.warning(request, str(error))
    else:
        messages.success(
            request, _("The job is called off; a running one stops at its next safe place.")
        )
    return redirect("web:jobs")
