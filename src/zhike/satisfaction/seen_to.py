"""Whether what a low answer set going was seen to by its due time."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import Case as Either
from django.db.models import CharField, Count, F, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce

from zhike.core import clock
from zhike.core.models import DuePurpose
from zhike.satisfaction.choices import SeenTo
from zhike.satisfaction.models import Ask, AskRule

# What was merged away is done when the case it went into is; it is measured by the time it had itself.
MERGED = Q(opened__merged_into__isnull=False)
HAS_CLOCK = Q(opened__clocks__has_key=DuePurpose.RESOLUTION.value)


def with_seen_to(rows: QuerySet[Ask]) -> QuerySet[Any]:
    """`seen_to`, empty where nothing was set going; `seen_to_by`, its due time."""
    done_at = Either(
        When(MERGED, then="opened__merged_into__closed_at"), default="opened__closed_at"
    )
    return rows.annotate(
        seen_to_at=done_at,
        seen_to_by=Coalesce("opened__resolution_due_at", "visit__due_at"),
        seen_to=_state(clock.now()),
    )


def _state(now: datetime) -> Either:
    return Either(
        *_of_case(now),
        *_of_visit(now),
        default=Value(""),
        output_field=CharField(),
    )


def _of_case(now: datetime) -> list[When]:
    case, timed = Q(opened__isnull=False), Q(opened__resolution_due_at__isnull=False)
    is_done = case & Q(seen_to_at__isnull=False)
    return [
        When(
            is_done & timed & Q(seen_to_at__lte=F("opened__resolution_due_at")),
            then=Value(SeenTo.IN_TIME),
        ),
        When(is_done & timed, then=Value(SeenTo.LATE)),
        # Ended while the clock stood still: its time was not over.
        When(is_done & HAS_CLOCK, then=Value(SeenTo.IN_TIME)),
        When(is_done, then=Value(SeenTo.DONE)),
        When(case & Q(opened__resolution_due_at__lte=now), then=Value(SeenTo.OVERDUE)),
        When(case & ~timed & HAS_CLOCK, then=Value(SeenTo.WAITING)),
        When(case, then=Value(SeenTo.TO_DO)),
    ]


def _of_visit(now: datetime) -> list[When]:
    return [
        When(
            visit__state="done", visit__done_at__lte=F("visit__due_at"), then=Value(SeenTo.IN_TIME)
        ),
        When(visit__state="done", then=Value(SeenTo.LATE)),
        When(visit__state="called_off", then=Value(SeenTo.CALLED_OFF)),
        When(visit__due_at__lte=now, then=Value(SeenTo.OVERDUE)),
        When(visit__isnull=False, then=Value(SeenTo.TO_DO)),
    ]


def seen_to_counts(rule: AskRule) -> Mapping[str, int]:
    """How many of each; every state is named."""
    set_going = Q(opened__isnull=False) | Q(visit__isnull=False)
    rows = with_seen_to(Ask.objects.filter(set_going, rule=rule))
    found = dict(rows.values_list("seen_to").annotate(n=Count("pk")).order_by())
    return {state: found.get(state, 0) for state in SeenTo.values}
