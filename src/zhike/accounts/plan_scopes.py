"""Whose due times a plan may rule, as a condition on rows that know their unit."""

from collections.abc import Sequence

from django.db.models import Q

from zhike.accounts.models import Unit
from zhike.core.calendar.recounts import PlanScope


def under(
    scopes: Sequence[PlanScope], *, subject: str, unit: str, tier: str = "", channel: str = ""
) -> Q:
    """Each names the column of that key; without a column no plan that names one fits."""
    wanted = Q(pk__in=[])
    for scope in scopes:
        one = Q()
        for column, value in (
            (subject, scope.subject),
            (tier, scope.tier),
            (channel, scope.channel),
        ):
            if value:
                one &= Q(**{column: value}) if column else Q(pk__in=[])
        if scope.org_unit is not None:
            below = Unit.objects.filter(path__contains=f"/{scope.org_unit}/")
            one &= Q(**{f"{unit}__in": below})
        if not one:
            # For all of them; joined by "or", an empty condition would say nothing.
            return one
        wanted |= one
    return wanted
