"""Repeating jobs of reports: settle what is over, and look what changed since."""

from django.utils.translation import gettext_lazy as _

from zhike.core.jobs import current, job, periodic
from zhike.insight.services.settling import check_days, settle_missing_days


@periodic(daily_at="00:05")
@job(queue="bulk", limit_seconds=3600, label=_("Settle the day"))
def settle_days() -> None:
    settle_missing_days(current().pause)
    check_days(current().pause)
