"""Repeating jobs of the shell."""

from django.utils.translation import gettext_lazy as _

from zhike.core.jobs import job, periodic
from zhike.web.services.failed_jobs import tell_of_failed_jobs


@periodic(every_seconds=20)
@job(label=_("Tell administrators of failed jobs"))
def tell_of_failures() -> None:
    tell_of_failed_jobs()
