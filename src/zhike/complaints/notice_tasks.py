"""The repeating job of notices."""

from django.utils.translation import gettext_lazy as _

from zhike.complaints.services import notice_alarms
from zhike.core.jobs import job, periodic


@periodic(every_seconds=300)
@job(label=_("Remind of notices"))
def watch_notices() -> None:
    notice_alarms.watch_notices()
