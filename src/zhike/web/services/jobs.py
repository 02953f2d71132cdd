"""What a person may do to a background job: start it again, or call it off."""

from uuid import UUID

from django.utils.translation import gettext as _

from zhike.accounts.permissions import VIEW_JOBS
from zhike.core import work
from zhike.core.access import Grants, NotFound
from zhike.core.errors import Conflict
from zhike.core.jobs import control, rows
from zhike.core.jobs.control import JobView


def job_of(pk: UUID) -> JobView:
    job = control.view(pk)
    if job is None:
        raise NotFound()
    return job


def retry_job(*, actor: work.Actor, grants: Grants, pk: UUID) -> None:
    """Queue a failed or called-off job again, with all its attempts before it."""
    grants.require(VIEW_JOBS)
    job = job_of(pk)
    with work.unit(actor) as unit:
        if not control.try_again(pk):
            raise Conflict("job_not_failed", _("Only a job that has failed can be started again."))
        unit.audit("jobs.retry", None, after={"job": str(pk), "task": job.path})


def cancel_job(*, actor: work.Actor, grants: Grants, pk: UUID) -> None:
    """A waiting job ends at once; a running one at its next safe place."""
    grants.require(VIEW_JOBS)
    job = job_of(pk)
    if job.state not in {rows.READY, rows.RUNNING}:
        raise Conflict("job_has_ended", _("This job has already ended."))
    with work.unit(actor) as unit:
        control.request_cancel(pk)
        unit.audit("jobs.cancel", None, after={"job": str(pk), "task": job.path})
