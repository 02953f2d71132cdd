"""Repeating jobs of requests about personal data."""

from django.utils.translation import gettext_lazy as _

from zhike.core.jobs import current, job, periodic
from zhike.privacy.services.reminding import AT_ONCE, remind


@periodic(every_seconds=300)
@job(label=_("Ring for requests about personal data"))
def ring_for_requests() -> None:
    while remind() == AT_ONCE:
        current().pause()
