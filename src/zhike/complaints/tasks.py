"""Jobs of complaints: the paper of an archived one."""

from django.utils.translation import gettext_lazy as _

from zhike.complaints.papers import make_archive
from zhike.core.jobs import job


@job(queue="bulk", limit_seconds=120, label=_("Paper of an archived complaint"))
def print_archive(case_id: int, round_number: int | None = None) -> None:
    make_archive(case_id, round_number)
