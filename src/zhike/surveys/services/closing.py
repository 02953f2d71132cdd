"""Keeping the results of a questionnaire until it is closed, and what closing it then means. ADR 36."""

from datetime import datetime

from zhike.core import work
from zhike.core.access import Grants
from zhike.surveys import errors
from zhike.surveys.choices import ResponseState, SurveyState
from zhike.surveys.contact_selectors import named_by_link, standing
from zhike.surveys.kept import complete_of
from zhike.surveys.models import Response, Survey
from zhike.surveys.permissions import MANAGE
from zhike.surveys.rules import FEWEST, hides_nobody
from zhike.surveys.services.drafts import locked
from zhike.surveys.slots import LIVE_READERS


def keep_results(*, actor: work.Actor, grants: Grants, survey_id: int, kept: bool) -> Survey:
    """Until it is closed, or no longer. Once somebody has answered under that promise it stays."""
    grants.require(MANAGE)
    with work.unit(actor) as unit:
        survey = locked(grants, survey_id)
        if (survey.kept_since is not None) == kept:
            return survey
        if kept:
            for reader in LIVE_READERS:
                if sentence := reader.hinders(survey.pk):
                    raise errors.cannot_be_kept(sentence)
        elif Response.objects.filter(survey=survey).exists():
            raise errors.stays_kept()
        survey.kept_since = unit.now if kept else None
        survey.readable_at = readable_from(survey, unit.now)
        survey.changed_at = unit.now
        survey.save(update_fields=["kept_since", "readable_at", "changed_at"])
        unit.audit(
            "surveys.keep_results",
            survey,
            before={"results_after_closing": not kept},
            after={"results_after_closing": kept},
        )
    return survey


def readable_from(survey: Survey, now: datetime) -> datetime | None:
    """Called with the row locked. From now where it is closed and nobody is told by the figures: then it is over
    for good. Else it may be opened once more, for those who are missing."""
    if survey.kept_since is None or survey.state != SurveyState.CLOSED:
        return None
    complete = complete_of(survey)
    if complete < FEWEST or not hides_nobody(complete, sum(named_by_link(survey.pk).values())):
        return None
    # Results were shown as they came until then: the difference tells who answered or changed answers since.
    named = standing().filter(survey=survey).values("response_id")
    rows = Response.objects.filter(survey=survey, state=ResponseState.COMPLETE)
    since = rows.filter(changed_at__gt=survey.kept_since).exclude(pk__in=named).count()
    return now if not 0 < since < FEWEST else None
