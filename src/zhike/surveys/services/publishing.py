from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from zhike.core import work
from zhike.core.access import Grants
from zhike.core.errors import RuleError
from zhike.surveys.choices import SurveyState
from zhike.surveys.definition import Definition, DefinitionError, document, read
from zhike.surveys.errors import closed_for_good, draft_changed, meaning_changed, unfinished
from zhike.surveys.models import Survey, SurveyVersion
from zhike.surveys.permissions import MANAGE
from zhike.surveys.rules import clashes, may_become
from zhike.surveys.selectors import get_survey, published
from zhike.surveys.services.closing import readable_from
from zhike.surveys.services.drafts import locked
from zhike.surveys.slots import TEXT_READERS


def publish(
    *,
    actor: work.Actor,
    grants: Grants,
    survey_id: int,
    expected_seq: int | None = None,
    why_kept: str = "",
) -> SurveyVersion:
    """The draft becomes the version that is asked from now on; a first one opens the questionnaire.

    The same document makes no version: the present one is returned. Refused while something is missing, and
    where a key would mean something else than in an earlier version.
    """
    grants.require(MANAGE)
    seen = get_survey(grants, survey_id)
    if expected_seq is not None and seen.draft_seq != expected_seq:
        raise draft_changed()
    definition = _finished(seen)
    _keeps_meaning(seen, definition)
    kept: dict[str, Any] = {}
    for reader in TEXT_READERS:
        kept |= reader.look_through(actor, grants, dict(_texts(definition)), why_kept)
    frozen = document(definition)
    with work.unit(actor, reason=kept.get("why_kept", "")) as unit:
        survey = locked(grants, survey_id)
        # Looked through as it was then; a later draft, or a version published meanwhile, is looked at anew.
        if (survey.draft_seq, survey.current_id) != (seen.draft_seq, seen.current_id):
            raise draft_changed()
        current = survey.current
        if current is not None and current.definition == frozen:
            return current
        number = current.number + 1 if current is not None else 1
        version = SurveyVersion.objects.create(
            survey=survey,
            number=number,
            definition=frozen,
            made_at=unit.now,
            made_by_name=actor.name[:80],
        )
        before = {"version": number - 1 or None, "state": survey.state}
        survey.current = version
        if survey.state == SurveyState.DRAFT:
            survey.state = SurveyState.OPEN
        survey.changed_at = unit.now
        survey.save(update_fields=["current", "state", "changed_at"])
        unit.audit(
            "surveys.publish",
            survey,
            before=before,
            after={"version": number, "state": survey.state},
        )
    return version


def change_state(*, actor: work.Actor, grants: Grants, survey_id: int, state: str) -> Survey:
    """Open it for answers again, or close it. Kept results are readable from then on, and nothing is added."""
    grants.require(MANAGE)
    with work.unit(actor) as unit:
        survey = locked(grants, survey_id)
        before = survey.state
        if before == state:
            return survey
        if not may_become(before, state):
            raise RuleError("state_not_possible", _("Please publish the questionnaire first."))
        if survey.readable_at is not None:
            raise closed_for_good()
        survey.state = state
        survey.readable_at = readable_from(survey, unit.now)
        survey.changed_at = unit.now
        survey.save(update_fields=["state", "readable_at", "changed_at"])
        unit.audit("surveys.change_state", survey, before={"state": before}, after={"state": state})
    return survey


def _finished(survey: Survey) -> Definition:
    try:
        return read(survey.draft)
    except DefinitionError as error:
        raise unfinished(error.problems) from error


def _keeps_meaning(survey: Survey, definition: Definition) -> None:
    found = clashes(definition, published(survey))
    if found:
        raise meaning_changed(found, definition)


def _texts(definition: Definition) -> Iterator[tuple[str, str]]:
    """Every text of the questionnaire by its place: all of it is read by customers."""

    def walk(part: Any, place: str) -> Iterator[tuple[str, str]]:
        if isinstance(part, list):
            for number, one in enumerate(part):
                yield from walk(one, f"{place}[{number}]")
        elif isinstance(part, dict):
            for name, one in part.items():
                if name not in ("key", "kind", "when", "languages", "quotas"):
                    yield from walk(one, f"{place}.{name}".lstrip("."))
        elif isinstance(part, str):
            yield place, part

    yield from walk(document(definition), "")
