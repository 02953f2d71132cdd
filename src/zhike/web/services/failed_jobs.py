"""Administrators hear of a job that failed for good: once a day for each kind, however often it fails."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Max
from django.urls import reverse
from django.utils import translation

from zhike.accounts.grants import people_with
from zhike.accounts.permissions import MANAGE_SETTINGS, VIEW_JOBS
from zhike.core import clock, work
from zhike.core.jobs import rows
from zhike.core.jobs.control import label_of
from zhike.core.jobs.listed import failed
from zhike.core.models import Notification, PeriodicRun
from zhike.core.notify import notify

ACTOR = work.Actor.system("jobs")
KIND = "jobs.failed"
ONCE_IN = timedelta(hours=24)


def tell_of_failed_jobs() -> int:
    """How many kinds were told of. Asked anew each time, so nothing is missed whatever died in between."""
    since = clock.now() - ONCE_IN
    paths = _failed_since(since) - _told_since(since)
    if not paths:
        return 0
    people = [person for person, _grants in people_with(VIEW_JOBS, MANAGE_SETTINGS)]
    with work.unit(ACTOR) as unit:
        for person in people:
            # In the receiver's language: a label is not translated again when it is shown.
            with translation.override(person.language or settings.LANGUAGE_CODE):
                for path, url in sorted(paths):
                    notify(
                        unit,
                        user_id=person.pk,
                        kind=KIND,
                        values={"path": path, "job": str(label_of(path))},
                        url=url,
                    )
    return len(paths) if people else 0


def _failed_since(since: datetime) -> set[tuple[str, str]]:
    found = failed(rows.Row.objects.filter(finished_at__gte=since)).order_by()
    latest = found.values("task_path").annotate(last=Max("finished_at"))
    page = reverse("web:jobs") + "?tab=failed"
    stumbled = PeriodicRun.objects.exclude(last_error="").filter(last_at__gte=since)
    rounds = {
        (name, reverse("web:jobs-repeating")) for name in stumbled.values_list("name", flat=True)
    }
    return {(row["task_path"], page) for row in latest} | rounds


def _told_since(since: datetime) -> set[tuple[str, str]]:
    told = Notification.objects.filter(kind=KIND, made_at__gte=since)
    return {(values["path"], url) for values, url in told.values_list("values", "url")}
