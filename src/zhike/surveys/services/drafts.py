import hashlib
from typing import Any, TypeVar

from django.db import IntegrityError, transaction
from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _

from zhike.accounts.models import Unit
from zhike.core import work
from zhike.core.access import Grants
from zhike.core.errors import NotFound, RuleError
from zhike.surveys.definition import DefinitionError, Draft, shaped
from zhike.surveys.errors import draft_changed, misshapen, unit_out_of_reach
from zhike.surveys.library import kept_until_closed
from zhike.surveys.models import Survey
from zhike.surveys.permissions import MANAGE
from zhike.surveys.selectors import get_survey, visible_surveys

LONGEST_TITLE = 300
M = TypeVar("M", bound=Model)


def make_survey(
    *,
    actor: work.Actor,
    grants: Grants,
    document: Any,
    unit_id: int,
    origin: str = "",
    earlier: Survey | None = None,
    kept: bool | None = None,
    submit_key: str = "",
) -> Survey:
    """A new questionnaire with this draft: an empty one, one of the library, or what stands in a file.

    `kept`: its results are read only after closing; left open, as the library marks its origin. `earlier` is the
    round it is a copy of.
    The same `submit_key` of the same person is the same questionnaire, however often it is asked for.
    """
    grants.require(MANAGE)
    draft = shape(document)
    title = title_of(draft)
    if not title:
        raise RuleError("title_missing", _("Please write a title."), field="title")
    if not grants.reaches_unit(unit_id) and unit_id != grants.unit_id:
        raise unit_out_of_reach()
    if kept is None:
        kept = origin in kept_until_closed()
    if (known := submitted(Survey.objects.all(), actor, submit_key)) is not None:
        return known
    with work.unit(actor) as unit:
        survey = Survey(
            title=title,
            unit=_unit(unit_id),
            draft=draft,
            origin=origin[:40],
            earlier=earlier,
            kept_since=unit.now if kept else None,
            made_at=unit.now,
            made_by_name=actor.name[:80],
            changed_at=unit.now,
            submit_key=own_key(actor, submit_key),
        )
        try:
            with transaction.atomic():
                survey.save(force_insert=True)
        except IntegrityError:
            # The same call at the same moment in another process.
            known = submitted(Survey.objects.all(), actor, submit_key)
            if known is None:
                raise
            return known
        unit.audit("surveys.make", survey, after=_made(survey))
    return survey


def _made(survey: Survey) -> dict[str, Any]:
    return {
        "title": survey.title,
        "origin": survey.origin,
        "copy_of": survey.earlier.title if survey.earlier is not None else "",
        "questions": _asked(survey.draft),
        "results_after_closing": survey.kept_since is not None,
    }


def save_draft(
    *,
    actor: work.Actor,
    grants: Grants,
    survey_id: int,
    document: Any,
    expected_seq: int,
    part: str = "",
) -> Survey:
    """Keep the draft as it is now, finished or not. 409 when it is no longer the one that was changed.

    `part` says in the log which page or question it was about.
    """
    grants.require(MANAGE)
    draft = shape(document)
    with work.unit(actor) as unit:
        survey = locked(grants, survey_id)
        if survey.draft_seq != expected_seq:
            raise draft_changed()
        if survey.draft == draft:
            return survey
        before = {"title": survey.title, "questions": _asked(survey.draft)}
        survey.draft = draft
        survey.draft_seq += 1
        survey.title = title_of(draft) or survey.title
        survey.changed_at = unit.now
        survey.save(update_fields=["draft", "draft_seq", "title", "changed_at"])
        unit.audit(
            "surveys.save_draft",
            survey,
            before=before,
            after={"title": survey.title, "questions": _asked(draft), "part": part},
        )
    return survey


def copy_survey(
    *,
    actor: work.Actor,
    grants: Grants,
    survey_id: int,
    title: str = "",
    unit_id: int | None = None,
) -> Survey:
    """Its draft as a questionnaire of its own; answers and links stay with the first."""
    grants.require(MANAGE)
    source = get_survey(grants, survey_id)
    first = source.draft["languages"][0]
    name = " ".join(title.split()) or _("%(title)s (copy)") % {"title": source.title}
    words = {**source.draft["title"], first: name[:LONGEST_TITLE]}
    return make_survey(
        actor=actor,
        grants=grants,
        document={**source.draft, "title": words},
        unit_id=source.unit_id if unit_id is None else unit_id,
        origin=source.origin,
        earlier=source,
        kept=source.kept_since is not None,
    )


def own_key(actor: work.Actor, key: str) -> str:
    """Nobody meets another one's questionnaire by a key."""
    if not key:
        return ""
    return hashlib.sha256(f"{actor.kind}:{actor.id}:{key}".encode()).hexdigest()


def submitted(rows: "QuerySet[M]", actor: work.Actor, key: str) -> M | None:
    """What the same call made before."""
    return rows.filter(submit_key=own_key(actor, key)).first() if key else None


def shape(document: Any) -> Draft:
    try:
        return shaped(document)
    except DefinitionError as error:
        raise misshapen(error.problems) from error


def locked(grants: Grants, pk: int) -> Survey:
    """The row, locked until the unit of work ends."""
    survey = visible_surveys(grants).select_for_update(of=("self",)).filter(pk=pk).first()
    if survey is None:
        raise NotFound()
    return survey


def title_of(draft: Draft) -> str:
    """In the first language, as lists show it."""
    words: str = draft["title"].get(draft["languages"][0], "")
    return " ".join(words.split())[:LONGEST_TITLE]


def _unit(unit_id: int) -> Unit:
    unit = Unit.objects.filter(pk=unit_id, is_active=True).first()
    if unit is None:
        raise unit_out_of_reach()
    return unit


def _asked(draft: Draft) -> int:
    return sum(len(section["questions"]) for section in draft.get("sections", []))
