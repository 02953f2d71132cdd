"""Reading indicator systems and their runs. Every read starts at `visible_systems`."""

from collections.abc import Iterator, Sequence

import numpy as np
from django.db.models import OuterRef, QuerySet, Subquery

from zhike.core.access import Grants
from zhike.satisfaction import errors
from zhike.satisfaction.choices import RunState
from zhike.satisfaction.computing import Floats
from zhike.satisfaction.models import IndexRun, IndicatorSystem, Judging
from zhike.satisfaction.pairs import Group, is_complete
from zhike.satisfaction.permissions import VIEW
from zhike.satisfaction.structure import answer_of
from zhike.surveys.choices import ResponseState
from zhike.surveys.models import Response

ROWS_AT_ONCE = 2000


def visible_systems(grants: Grants) -> QuerySet[IndicatorSystem]:
    rows = IndicatorSystem.objects.all()
    if not grants.allows(VIEW) or grants.own_only:
        return rows.none()
    if grants.unit_ids is not None:
        rows = rows.filter(unit_id__in=grants.unit_ids)
    return rows


def systems_for_list(grants: Grants) -> QuerySet[IndicatorSystem]:
    """With the last index that was computed."""
    done = IndexRun.objects.filter(system=OuterRef("pk"), state=RunState.DONE).order_by("-number")
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


def answers_for(run: IndexRun, survey_id: int) -> Floats:
    """(persons, items) of complete answers, NaN where an item was left out."""
    parts = [item["part"] for dimension in run.structure for item in dimension["items"]]
    rows = [
        [np.nan if (found := answer_of(answers, part)) is None else found for part in parts]
        for answers in _answers(survey_id, run.link_id)
    ]
    return np.array(rows, np.float64).reshape(len(rows), len(parts))


def _answers(survey_id: int, link_id: int) -> Iterator[dict[str, object]]:
    rows = Response.objects.filter(survey_id=survey_id, state=ResponseState.COMPLETE)
    if link_id:
        rows = rows.filter(link_id=link_id)
    yield from rows.order_by("pk").values_list("answers", flat=True).iterator(ROWS_AT_ONCE)
