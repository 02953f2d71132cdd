"""The list of background jobs: what one may ask of it, on the page and over the API."""

from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from zhike.core.access import Grants
from zhike.core.jobs import rows
from zhike.core.jobs.control import CALLED_OFF, label_of
from zhike.core.jobs.definition import known_jobs
from zhike.core.jobs.discovery import discover
from zhike.core.listing import Choice, Column, DateRange, Listing, Rows, Sort, Tab

IS_CALLED_OFF = Q(status=rows.FAILED, exception_class_path=CALLED_OFF)


def failed(found: Rows) -> Rows:
    return found.filter(status=rows.FAILED).exclude(IS_CALLED_OFF)


def _kinds(_grants: Grants) -> list[tuple[str, Any]]:
    # Labels stand beside the jobs, which a web process has no other reason to load.
    discover()
    return sorted(((path, label_of(path)) for path in known_jobs()), key=lambda one: str(one[1]))


JOBS = Listing(
    "jobs",
    columns=(
        Column("job", _("Job"), always=True),
        Column("state", _("State")),
        Column("progress", _("Progress")),
        Column("tries", _("Tries"), number=True),
        Column("queued", _("Queued"), sort="queued", number=True),
        Column("ended", _("Ended"), number=True),
        Column("act", _("Action"), always=True, number=True),
    ),
    tabs=(
        Tab("all", _("All")),
        Tab("running", _("Running"), lambda found: found.filter(status=rows.RUNNING)),
        Tab("waiting", _("Waiting"), lambda found: found.filter(status=rows.READY)),
        Tab("failed", _("Failed"), failed),
        Tab("called_off", _("Called off"), lambda found: found.filter(IS_CALLED_OFF)),
        Tab("done", _("Done"), lambda found: found.filter(status=rows.SUCCESSFUL)),
    ),
    filters=(
        Choice("kind", _("Job"), _kinds, field="task_path"),
        DateRange("queued", _("Queued"), field="enqueued_at"),
    ),
    sorts=(Sort("queued", "enqueued_at"),),
    default_sort="-queued",
)
