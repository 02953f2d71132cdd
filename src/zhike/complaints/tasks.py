"""Jobs of complaints: the paper of an archived one."""

from django.utils.translation import gettext_lazy as _

from zhike.complaints.papers import make_archive
from zhike.core.jobs import PutOff, job
from zhike.core.printing import PrintingUnavailable


@job(queue="bulk", limit_seconds=120, label=_("Paper of an archived complaint"))
def print_archive(case_id: int, round_number: int | None = None) -> None:
    try:
        make_archive(case_id, round_number)
    except PrintingUnavailable as missing:
        # Whoever installs what it names finds the papers made within the hour.
        raise PutOff(str(missing)) from missing
