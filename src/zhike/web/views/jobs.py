"""Background jobs: what runs, how far it is, what failed and why."""

from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from zhike.accounts.grants import actor_of_request
from zhike.accounts.permissions import VIEW_JOBS
from zhike.core import access, clock
from zhike.core.errors import Conflict
from zhike.core.jobs import control, rows
from zhike.core.jobs.control import JobView
from zhike.core.jobs.discovery import discover
from zhike.core.models import WorkerBeat
from zhike.web.services import jobs as services

# The page is for what runs and what went wrong; the long past is of no use here.
SHOWN = 100
URGENCY: dict[str, int] = {rows.RUNNING: 0, rows.FAILED: 1, rows.READY: 2}
WORKER_SILENT_AFTER_SECONDS = 10


@dataclass(frozen=True)
class Line:
    job: JobView

    @property
    def state(self) -> str:
        return "cancelled" if self.job.cancelled else self.job.state.lower()

    @property
    def share(self) -> int | None:
        progress = self.job.progress
        if progress is None or not progress.total:
            return None
        return min(100, round(100 * progress.done / progress.total))

    @property
    def can_retry(self) -> bool:
        return self.job.state == rows.FAILED

    @property
    def can_cancel(self) -> bool:
        progress = self.job.progress
        asked = progress is not None and progress.cancel_requested
        return self.job.state in {rows.READY, rows.RUNNING} and not asked


def jobs(request: HttpRequest) -> HttpResponse:
    access.require(request.user, VIEW_JOBS)
    # Labels stand beside the jobs, which a web process has no other reason to load.
    discover()
    newest = control.recent(SHOWN)
    newest.sort(key=lambda job: 3 if job.cancelled else URGENCY.get(job.state, 3))
    beat = WorkerBeat.objects.order_by("-at").values_list("at", flat=True).first()
    silent = (clock.now() - beat).total_seconds() if beat else None
    context = {
        "lines": [Line(job) for job in newest],
        "is_worker_alive": silent is not None and silent < WORKER_SILENT_AFTER_SECONDS,
    }
    return render(request, "web/jobs.html", context)


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
