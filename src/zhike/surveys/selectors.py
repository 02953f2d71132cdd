"""Reading questionnaires. Every read starts at `visible_surveys`."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from zhike.core.access import Grants, NotFound
from zhike.surveys.choices import ResponseState
from zhike.surveys.definition import Definition, read
from zhike.surveys.models import Link, Survey, SurveyVersion, Tally
from zhike.surveys.permissions import VIEW


def visible_surveys(grants: Grants) -> QuerySet[Survey]:
    """What this person may see: the one scope of list, page, API and file."""
    rows = Survey.objects.all()
    if not grants.allows(VIEW) or grants.own_only:
        # A questionnaire belongs to a unit, to nobody alone.
        return rows.none()
    if grants.unit_ids is not None:
        rows = rows.filter(unit_id__in=grants.unit_ids)
    return rows


def surveys_for_list(grants: Grants) -> QuerySet[Survey]:
    complete = (
        Tally.objects.filter(survey=OuterRef("pk"), part="", value=ResponseState.COMPLETE)
        .order_by()
        .values("survey")
        .annotate(total=Sum("count"))
        .values("total")
    )
    return (
        visible_surveys(grants)
        .select_related("unit", "current")
        .only(
            "id", "title", "state", "changed_at", "unit_id", "unit__name", "current__number", "made_by_name",
            "kept_since", "readable_at", "earlier_id",
        )
        .annotate(answers=Coalesce(Subquery(complete, output_field=IntegerField()), 0))
    )  # fmt: skip


def counts_by_state(grants: Grants) -> dict[str, int]:
    rows = visible_surveys(grants).order_by().values_list("state").annotate(Count("pk"))
    return dict(rows)


def get_survey(grants: Grants, pk: int) -> Survey:
    found = visible_surveys(grants).select_related("unit", "current").filter(pk=pk).first()
    if found is None:
        raise NotFound()
    return found


def versions_of(survey: Survey) -> QuerySet[SurveyVersion]:
    return survey.versions.order_by("-number")


def published(survey: Survey) -> list[Definition]:
    """What was asked in every version so far."""
    documents: Iterable[dict[str, object]] = survey.versions.values_list("definition", flat=True)
    return [read(document) for document in documents]


@dataclass(frozen=True)
class Numbers:
    begun: int = 0
    complete: int = 0
    beyond_quota: int = 0


def numbers_of(survey: Survey) -> Numbers:
    """How many answers there are, by the tallies; `begun` counts those begun and never finished, too."""
    counted = dict(
        Tally.objects.filter(survey=survey, part="")
        .order_by()
        .values_list("value")
        .annotate(Sum("count"))
    )
    complete = counted.get(ResponseState.COMPLETE, 0)
    beyond = counted.get(ResponseState.FULL, 0)
    return Numbers(
        begun=complete + beyond + counted.get(ResponseState.PARTIAL, 0),
        complete=complete,
        beyond_quota=beyond,
    )


@dataclass(frozen=True)
class LinkNumbers:
    begun: int = 0
    complete: int = 0


def links_of(survey: Survey) -> list[tuple[Link, LinkNumbers]]:
    """Every link, the newest first, with its answers."""
    counted: dict[int, dict[str, int]] = {}
    rows = (
        Tally.objects.filter(survey=survey, part="")
        .order_by()
        .values_list("link_id", "value")
        .annotate(Sum("count"))
    )
    for link_id, value, count in rows:
        counted.setdefault(link_id, {})[value] = count
    return [
        (
            link,
            LinkNumbers(
                begun=sum(counted.get(link.pk, {}).values()),
                complete=counted.get(link.pk, {}).get(ResponseState.COMPLETE, 0),
            ),
        )
        for link in survey.links.filter(is_personal=False).select_related("unit").order_by("-pk")
    ]
