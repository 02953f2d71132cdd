"""What may go: jobs that ended long ago, and the beats of workers long dead."""

import time
from datetime import timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from zhike.core import clock
from zhike.core.jobs import rows
from zhike.core.jobs.definition import job
from zhike.core.jobs.repeating import periodic
from zhike.core.jobs.running import PAUSE_SECONDS
from zhike.core.models import JobProgress, WorkerBeat

KEEP_SUCCESSFUL = timedelta(days=7)
KEEP_FAILED = timedelta(days=90)
KEEP_BEATS = timedelta(hours=1)
ROWS_AT_ONCE = 100


@periodic(daily_at="03:20")
@job(queue="bulk", limit_seconds=3600, label=_("Remove finished jobs"))
def prune() -> int:
    now = clock.now()
    finished = rows.Row.objects.filter
    return (
        _delete(finished(status=rows.SUCCESSFUL, finished_at__lt=now - KEEP_SUCCESSFUL))
        + _delete(finished(status=rows.FAILED, finished_at__lt=now - KEEP_FAILED))
        + _delete(JobProgress.objects.filter(changed_at__lt=now - KEEP_FAILED))
        + _delete(WorkerBeat.objects.filter(at__lt=now - KEEP_BEATS))
    )


def _delete(old: QuerySet[Any]) -> int:
    """In small bites, with a pause after each, so that pages write in between."""
    deleted = 0
    while keys := list(old.order_by().values_list("pk", flat=True)[:ROWS_AT_ONCE]):
        old.model._default_manager.filter(pk__in=keys).delete()
        deleted += len(keys)
        time.sleep(PAUSE_SECONDS)
    return deleted
