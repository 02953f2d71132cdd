"""From the results of a questionnaire on to its index, or to the page of its self-assessment."""

from django.urls import reverse
from django.utils.translation import gettext as _

from zhike.core.access import Grants
from zhike.satisfaction.assessments import ORIGINS
from zhike.satisfaction.permissions import MANAGE, VIEW
from zhike.satisfaction.selectors import visible_systems
from zhike.surveys.models import Survey
from zhike.surveys.slots import NEXT_STEPS, NextStep


def _step(survey: Survey, grants: Grants) -> tuple[str, str] | None:
    if not grants.allows(VIEW):
        return None
    if survey.origin in ORIGINS:
        return reverse("satisfaction:assessment", args=[survey.pk]), _("See the self-assessment")
    systems = visible_systems(grants).filter(survey_id=survey.pk).order_by("-changed_at", "-pk")
    found = systems.values_list("pk", flat=True).first()
    if found is not None:
        return reverse("satisfaction:system", args=[found]), _("See the satisfaction index")
    if not grants.allows(MANAGE):
        return None
    address = reverse("satisfaction:create")
    return f"{address}?survey={survey.pk}", _("Compute a satisfaction index")


def register() -> None:
    NEXT_STEPS.fill(NextStep("satisfaction.index", "chart-radar", _step))
