"""Background jobs: what runs, how far it is, what failed and why."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Case, IntegerField, Value, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from django_tasks_db.models import DBTaskResult

from zhike.accounts.grants import actor_of_request
from zhike.accounts.permissions import VIEW_JOBS
from zhike.core import access, clock
from zhike.core.errors import Conflict
from zhike.core.jobs.definition import options_of
from zhike.core.models import JobProgress, WorkerBeat
from zhike.web.services import jobs as services

# The page is for what runs and what went wrong; the long past is of no use here.
SHOWN = 100


@dataclass(frozen=True)
class Line:
    row: DBTaskResult
    label: Any
    progress: JobProgress | None

    @property
    def state(self) -> str:
        if self.row.exception_class_path.endswith(".Cancelled"):
            return "cancelled"
        return str(self.row.status).lower()

    @property
    def share(self) -> int | None:
        if self.progress is None or not self.progress.total:
            return None
        return min(100, round(100 * self.progress.done / self.progress.total))

    @property
    def error(self) -> str:
        lines = (self.row.traceback or "").strip().splitlines()
        return lines[-1] if lines else ""

    @property
    def can_retry(self) -> bool:
        return self.row.status == services.FAILED

    @property
    def can_cancel(self) -> bool:
        asked = self.progress is not None and self.progress.cancel_requested
        return self.row.status in {services.READY, services.RUNNING} and not asked


def jobs(request: HttpRequest) -> HttpResponse:
    access.require(request.user, VIEW_JOBS)
    urgent = Case(
        When(status=services.RUNNING, then=Value(0)),
        When(status=services.FAILED, then=Value(1)),
        When(status=services.READY, then=Value(2)),
        default=Value(3),
        output_field=IntegerField(),
    )
    rows = list(DBTaskResult.objects.order_by(urgent, "-enqueued_at")[:SHOWN])
    known = {p.job_id: p for p in JobProgress.objects.filter(job_id__in=[r.pk for r in rows])}
    lines = [
        Line(row, options_of(row.task_path).label or row.task_path, known.get(row.pk))
        for row in rows
    ]
    beat = WorkerBeat.objects.order_by("-at").values_list("at", flat=True).first()
    age = (clock.now() - beat).total_seconds() if beat else None
    context = {"lines": lines, "beat": beat, "is_worker_alive": age is not None and age < 10}
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
