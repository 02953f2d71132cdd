"""Jobs of indicator systems."""

from django.utils.translation import gettext_lazy as _

from zhike.core.jobs import job
from zhike.satisfaction.services.runs import carry_out_run


@job(queue="bulk", label=_("Compute a satisfaction index"))
def compute_index(run_id: int, language: str) -> None:
    carry_out_run(run_id, language)
