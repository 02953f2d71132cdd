"""Reading indicator systems and their runs. Every read starts at `visible_systems`."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import OuterRef, Q, QuerySet, Subquery

from zhike.core import settled
from zhike.core.access import Grants
from zhike.customers.choices import RegionLevel
from zhike.customers.models import Region
from zhike.satisfaction import errors
from zhike.satisfaction.choices import ImprovementState, RunState
from zhike.satisfaction.models import Improvement, IndexRun, IndicatorSystem, Judging
from zhike.satisfaction.pairs import Group, is_complete
from zhike.satisfaction.permissions import VIEW
from zhike.surveys.models import AnswerContact, Response

UPPER_LEVELS = (RegionLevel.PROVINCE, RegionLevel.CITY)


def visible_systems(grants: Grants) -> QuerySet[IndicatorSystem]:
    rows = IndicatorSystem.objects.all()
    if not grants.allows(VIEW) or grants.own_only:
        return rows.none()
    if grants.unit_ids is not None:
        rows = rows.filter(unit_id__in=grants.unit_ids)
    return rows


def systems_for_list(grants: Grants) -> QuerySet[IndicatorSystem]:
    """With the last index of all answers that was computed."""
    done = IndexRun.objects.filter(
        system=OuterRef("pk"), state=RunState.DONE, link_id=0, scope__isnull=True
    ).order_by("-number")
    return (
        visible_systems(grants)
        .select_related("survey", "unit")
        .defer("structure", "by_hand", "survey__draft")
        .annotate(
            last_index=Subquery(done.values("index")[:1]), last_n=Subquery(done.values("n")[:1])
        )
    )


def get_system(grants: Grants, pk: int) -> IndicatorSystem:
    found = (
        visible_systems(grants)
        .select_related("survey", "unit")
        .defer("survey__draft")
        .filter(pk=pk)
        .first()
    )
    if found is None:
        raise errors.system_not_found()
    return found


def complete_judgings(system: IndicatorSystem, groups: Sequence[Group]) -> list[Judging]:
    """Those who have judged every pair that is compared now, in the order of their names."""
    rows = system.judgings.order_by("judge_name", "pk")
    return [row for row in rows if is_complete(groups, row.judgements)]


def get_run(system: IndicatorSystem, number: int) -> IndexRun:
    found = system.runs.filter(number=min(number, 2**31 - 1)).first()
    if found is None:
        raise errors.system_not_found()
    return found


def visible_improvements(grants: Grants) -> QuerySet[Improvement]:
    """Of the units whose indexes somebody sees, and those they are responsible for themselves."""
    own = Q(responsible_id=grants.user_id) if grants.user_id is not None else Q(pk__in=[])
    if not grants.allows(VIEW) or grants.own_only:
        return Improvement.objects.filter(own)
    if grants.unit_ids is None:
        return Improvement.objects.all()
    return Improvement.objects.filter(own | Q(unit_id__in=grants.unit_ids))


def improvements_for_list(grants: Grants) -> QuerySet[Improvement]:
    return (
        visible_improvements(grants)
        .select_related("system", "unit")
        .defer("system__structure", "system__by_hand", "system__path_model")
    )


def get_improvement(grants: Grants, pk: int) -> Improvement:
    found = improvements_for_list(grants).filter(pk=pk).first()
    if found is None:
        raise errors.improvement_not_found()
    return found


def people_with_improvements(stamp: str) -> frozenset[int]:
    """Who has improvements under way; kept in the process, so that nobody else's day costs a statement."""
    return settled.kept(stamp, ("people with improvements",), _responsible_now)


def _responsible_now() -> frozenset[int]:
    rows = Improvement.objects.filter(state=ImprovementState.OPEN).order_by()
    return frozenset(rows.values_list("responsible_id", flat=True).distinct())


def regions_to_choose() -> list[tuple[int, str]]:
    """The two upper levels of the tree of regions."""
    rows = Region.objects.filter(is_active=True, level__in=UPPER_LEVELS).order_by("path")
    return list(rows.values_list("pk", "full_name"))


def named_answers(survey_id: int) -> list[int]:
    """Answers known by name to some: of people who left how to reach them, perhaps gone since, and by links that
    say they are named."""
    left = AnswerContact.objects.filter(survey_id=survey_id).values_list("response_id", flat=True)
    named = Response.objects.filter(survey_id=survey_id, invitation__sending__is_named=True)
    return [*left, *named.values_list("pk", flat=True)]


def told_before(survey_id: int) -> list[tuple[int, datetime, bytes]]:
    """Every index told of these answers, by whichever system: its id, since when, and whom it was about."""
    rows = IndexRun.objects.filter(
        system__survey_id=survey_id, state=RunState.DONE, people__isnull=False
    ).order_by("pk")
    return [
        (pk, at, bytes(kept or b""))
        for pk, at, kept in rows.values_list("pk", "asked_at", "people")
    ]
