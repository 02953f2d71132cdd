"""Whose a questionnaire is, and drafts nobody needs any more."""

from django.utils.translation import gettext as _

from zhike.accounts.selectors import reachable_units
from zhike.core import work
from zhike.core.access import Grants
from zhike.core.errors import Conflict
from zhike.surveys.errors import unit_out_of_reach
from zhike.surveys.events import SurveyMoved
from zhike.surveys.models import Survey
from zhike.surveys.permissions import MANAGE
from zhike.surveys.services.drafts import locked


def remove_draft(*, actor: work.Actor, grants: Grants, survey_id: int) -> None:
    """Only what was never published: to that nobody can have answered."""
    grants.require(MANAGE)
    with work.unit(actor) as unit:
        survey = locked(grants, survey_id)
        if survey.current_id is not None or survey.versions.exists():
            raise Conflict(
                "survey_published",
                _("It has been published, so it stays with its answers. It can be closed instead."),
            )
        unit.audit("surveys.remove", survey, before={"title": survey.title})
        survey.delete()


def move_survey(*, actor: work.Actor, grants: Grants, survey_id: int, unit_id: int) -> Survey:
    """Answers and links go with it: whoever sees the new unit sees them from now on."""
    grants.require(MANAGE)
    target = next((one for one in reachable_units(grants) if one.pk == unit_id), None)
    if target is None:
        raise unit_out_of_reach()
    with work.unit(actor) as unit:
        survey = locked(grants, survey_id)
        before = survey.unit_id
        if before == target.pk:
            return survey
        survey.unit = target
        survey.changed_at = unit.now
        survey.save(update_fields=["unit", "changed_at"])
        unit.publish(SurveyMoved(survey.pk, target.pk))
        unit.audit("surveys.move", survey, before={"unit_id": before}, after={"unit_id": target.pk})
    return survey
