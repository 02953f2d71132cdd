"""Repeating jobs of follow-up visits."""

from django.utils.translation import gettext_lazy as _

from zhike.care.services.reminding import AT_ONCE, remind_due
from zhike.core.jobs import current, job, periodic


@periodic(every_seconds=60)
@job(label=_("Ring for follow-up visits"))
def ring_for_visits() -> None:
    while remind_due() == AT_ONCE:
        current().pause()
