"""Comparing in pairs: each judge keeps one set of judgements, a draft until every pair is judged."""

from django.utils.translation import gettext as _

from zhike.core import work
from zhike.core.access import Grants
from zhike.core.work import Actor
from zhike.satisfaction import errors, pairs
from zhike.satisfaction.models import Judging
from zhike.satisfaction.pairs import Judgements
from zhike.satisfaction.permissions import MANAGE
from zhike.satisfaction.selectors import visible_systems
from zhike.satisfaction.structure import from_json, without


def save_judging(
    *, actor: Actor, grants: Grants, system_id: int, judgements: Judgements
) -> Judging:
    """All that this person judges, instead of what they judged before; pairs may be lacking."""
    grants.require(MANAGE)
    if actor.id is None:
        raise errors.judgement_wrong()
    with work.unit(actor) as unit:
        system = visible_systems(grants).select_for_update().filter(pk=system_id).first()
        if system is None:
            raise errors.system_not_found()
        groups = pairs.groups_of(
            without(from_json(system.structure), system.left_out), _("Dimensions")
        )
        _check(groups, judgements)
        kept = {group.key: dict(judgements.get(group.key, {})) for group in groups}
        row = system.judgings.filter(judge_id=actor.id).first()
        if row is not None and row.judgements == kept:
            return row
        row = row or Judging(system=system, judge_id=actor.id)
        row.judge_name = actor.name[:80]
        row.judgements = kept
        row.changed_at = unit.now
        row.save()
        judged = sum(len(one) for one in kept.values())
        whole = sum(len(group.pairs) for group in groups)
        unit.audit("satisfaction.judge", system, after={"judged": f"{judged} / {whole}"})
    return row


def drop_judging(*, actor: Actor, grants: Grants, system_id: int, judging_id: int) -> None:
    """Somebody's judgements count no longer; indexes computed with them keep them."""
    grants.require(MANAGE)
    with work.unit(actor) as unit:
        system = visible_systems(grants).select_for_update().filter(pk=system_id).first()
        if system is None:
            raise errors.system_not_found()
        row = system.judgings.filter(pk=judging_id).first()
        if row is None:
            raise errors.judging_not_found()
        name = row.judge_name
        row.delete()
        unit.audit("satisfaction.drop_judging", system, before={"name": name})


def _check(groups: list[pairs.Group], judgements: Judgements) -> None:
    known = {group.key: {pairs.pair_key(*pair) for pair in group.pairs} for group in groups}
    for key, given in judgements.items():
        if set(given) - known.get(key, set()) or set(given.values()) - set(pairs.STEPS):
            raise errors.judgement_wrong()
