"""Making an indicator system from a questionnaire, and deciding what its items count."""

from collections.abc import Collection, Mapping

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from zhike.core import work
from zhike.core.access import Grants
from zhike.core.errors import RuleError
from zhike.core.work import Actor
from zhike.satisfaction import errors
from zhike.satisfaction.choices import Weighing
from zhike.satisfaction.models import IndicatorSystem
from zhike.satisfaction.permissions import MANAGE
from zhike.satisfaction.selectors import visible_systems
from zhike.satisfaction.services.modelling import ready_model
from zhike.satisfaction.structure import (
    beside_the_parts,
    from_json,
    from_questionnaire,
    items_of,
    to_json,
    without,
)
from zhike.surveys.selectors import visible_surveys
from zhike.surveys.services.answers import definition_of

LONGEST_TITLE = 120
MOST_WEIGHT = 1000.0


def make_system(*, actor: Actor, grants: Grants, survey_id: int, title: str) -> IndicatorSystem:
    """Its pages become the dimensions, its scales the items; all count alike until somebody decides otherwise."""
    grants.require(MANAGE)
    survey = visible_surveys(grants).select_related("current").filter(pk=survey_id).first()
    if survey is None or survey.current_id is None:
        raise errors.not_published()
    title = " ".join(title.split())
    if not title or len(title) > LONGEST_TITLE:
        raise RuleError(
            "title_wrong",
            _("Please write a title of at most %(limit)s characters.") % {"limit": LONGEST_TITLE},
            field="title",
        )
    definition = definition_of(survey.current_id, survey.pk)
    dimensions = from_questionnaire(definition, get_language() or "")
    left_out = beside_the_parts(dimensions)
    if len(items_of(without(dimensions, left_out))) < 2:
        raise errors.no_items()
    with work.unit(actor) as unit:
        system = IndicatorSystem.objects.create(
            title=title,
            survey=survey,
            unit_id=survey.unit_id,
            structure=to_json(dimensions),
            left_out=left_out,
            path_model=ready_model(without(dimensions, left_out), survey.origin),
            made_at=unit.now,
            made_by_name=actor.name[:80],
            changed_at=unit.now,
        )
        unit.audit(
            "satisfaction.make",
            system,
            after={
                "title": title,
                "survey": survey.title,
                "items": len(items_of(dimensions)) - len(left_out),
            },
        )
    return system


def set_weighing(
    *,
    actor: Actor,
    grants: Grants,
    system_id: int,
    weighing: str,
    by_hand: Mapping[str, float] | None = None,
    counting: Collection[str] | None = None,
) -> IndicatorSystem:
    """`counting` names the items that count (None: those that do now), `by_hand` what each of them is given."""
    grants.require(MANAGE)
    if weighing not in Weighing.values:
        raise RuleError(
            "weighing_unknown", _("Please choose how items are weighed."), field="weighing"
        )
    with work.unit(actor) as unit:
        system = visible_systems(grants).select_for_update().filter(pk=system_id).first()
        if system is None:
            raise errors.system_not_found()
        before = _told(system)
        system.weighing = weighing
        if counting is not None:
            system.left_out = _left_out(system, counting)
        if weighing == Weighing.HAND:
            system.by_hand = _given(system, by_hand or {})
        after = _told(system)
        if after != before:
            system.changed_at = unit.now
            system.save(update_fields=["weighing", "by_hand", "left_out", "changed_at"])
            unit.audit("satisfaction.weigh", system, before=before, after=after)
    return system


def _told(system: IndicatorSystem) -> dict[str, object]:
    return {
        "weighing": system.weighing,
        "by_hand": system.by_hand,
        "left_out": system.left_out,
    }


def _left_out(system: IndicatorSystem, counting: Collection[str]) -> list[str]:
    parts = [item.part for item in items_of(from_json(system.structure))]
    if set(counting) - set(parts) or len(set(counting)) < 2:
        raise errors.too_few_items()
    return [part for part in parts if part not in counting]


def _given(system: IndicatorSystem, by_hand: Mapping[str, float]) -> dict[str, float]:
    items = items_of(without(from_json(system.structure), system.left_out))
    for item in items:
        if not 0 <= by_hand.get(item.part, -1) <= MOST_WEIGHT:
            raise errors.weights_wrong(item.title)
    found = {item.part: float(by_hand[item.part]) for item in items}
    if not any(found.values()):
        raise errors.weights_wrong(items[0].title)
    return found
