"""The desk's own repeating jobs."""

from django.utils.translation import gettext_lazy as _

from zhike.core.jobs import job, periodic
from zhike.desk.services import alarms


@periodic(every_seconds=60)
@job(label=_("Warn of due times and escalate"))
def watch_clocks() -> None:
    alarms.watch_clocks()
