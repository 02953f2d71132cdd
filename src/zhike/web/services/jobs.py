"""What a person may do to a background job: start it again, or call it off."""

from uuid import UUID

from django.utils.translation import gettext as _
from django_tasks.base import TaskResultStatus
from django_tasks_db.models import DBTaskResult, get_date_max

from zhike.accounts.permissions import VIEW_JOBS
from zhike.core import work
from zhike.core.access import Grants, NotFound
from zhike.core.errors import Conflict
from zhike.core.models import JobProgress

READY = TaskResultStatus.READY
RUNNING = TaskResultStatus.RUNNING
FAILED = TaskResultStatus.FAILED


def _load(pk: UUID) -> DBTaskResult:
    row = DBTaskResult.objects.filter(pk=pk).first()
    if row is None:
        raise NotFound()
    return row


def retry_job(*, actor: work.Actor, grants: Grants, pk: UUID) -> None:
    """Queue a failed job again, with all its attempts before it."""
    grants.require(VIEW_JOBS)
    row = _load(pk)
    with work.unit(actor) as unit:
        again = DBTaskResult.objects.filter(pk=row.pk, status=FAILED).update(
            status=READY, worker_ids=[], run_after=get_date_max(), finished_at=None
        )
        if not again:
            raise Conflict("job_not_failed", _("Only a job that has failed can be started again."))
        unit.audit("jobs.retry", None, after={"job": str(pk), "task": row.task_path})


def cancel_job(*, actor: work.Actor, grants: Grants, pk: UUID) -> None:
    """A waiting job ends at once; a running one at its next safe place."""
    grants.require(VIEW_JOBS)
    row = _load(pk)
    with work.unit(actor) as unit:
        waiting = DBTaskResult.objects.filter(pk=row.pk, status=READY)
        ended = waiting.update(
            status=FAILED,
            finished_at=unit.now,
            exception_class_path="zhike.core.jobs.running.Cancelled",
            traceback="",
        )
        if not ended:
            if not DBTaskResult.objects.filter(pk=row.pk, status=RUNNING).exists():
                raise Conflict("job_has_ended", _("This job has already ended."))
            JobProgress.objects.update_or_create(
                job_id=row.pk, defaults={"cancel_requested": True, "changed_at": unit.now}
            )
        unit.audit("jobs.cancel", None, after={"job": str(pk), "task": row.task_path})
