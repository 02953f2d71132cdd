"""Jobs of indicator systems."""

from django.utils.translation import gettext_lazy as _

from zhike.core.jobs import job
from zhike.satisfaction.services.closing_loop import judge
from zhike.satisfaction.services.runs import carry_out_run


@job(queue="bulk", label=_("Compute a satisfaction index"))
def compute_index(run_id: int, language: str) -> None:
    carry_out_run(run_id, language)


@job(label=_("See to a named answer to a questionnaire"))
def see_to_answer(ask_id: int) -> None:
    judge(ask_id)
