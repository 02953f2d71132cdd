"""Lists and figures of the desk. Lists are flat; figures come from counters or from short index ranges."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.db.models import Count, Q, QuerySet

from zhike.core import clock, counts
from zhike.core.access import Grants
from zhike.desk.models import STILL_OPEN, Case
from zhike.desk.rules import ENDED, STAGE_OF, UNDER_WAY, CaseState, Stage
from zhike.desk.selectors.scope import HEAVY, visible_cases
from zhike.desk.services.handling import METRIC

# What a list does not show.
NOT_LISTED = ("folded", "bigrams", "clocks", "pauses", "close_reason")


def queue(
    grants: Grants,
    *,
    states: Sequence[str] = (),
    owner_id: int | None = None,
    unowned: bool = False,
    type_code: str = "",
    unit_id: int | None = None,
) -> QuerySet[Case]:
    """Cases under way of one's scope, the most urgent first. No joins; names lie on the row."""
    rows = visible_cases(grants).filter(STILL_OPEN).defer(*NOT_LISTED)
    if states:
        rows = rows.filter(state__in=list(states))
    if unowned:
        rows = rows.filter(owner_id__isnull=True)
    elif owner_id is not None:
        rows = rows.filter(owner_id=owner_id)
    if type_code:
        rows = rows.filter(type__code=type_code)
    if unit_id is not None:
        rows = rows.filter(unit_id=unit_id)
    return rows.order_by("queue_at", "id")


def newest(grants: Grants) -> QuerySet[Case]:
    """All cases of one's scope, the last touched first; merged ones are found where they went."""
    rows = visible_cases(grants).exclude(state=CaseState.MERGED)
    return rows.defer(*NOT_LISTED).order_by("-last_event_at", "-id")


def counts_by_stage(grants: Grants) -> dict[Stage, int]:
    """The figures on the tabs, from the counters."""
    figures = dict.fromkeys(Stage, 0)
    for cell in counts.cells(METRIC, grants):
        figures[STAGE_OF[CaseState(cell.state)]] += cell.n
    return figures


def open_count(grants: Grants) -> int:
    """For the menu: cases under way in one's scope."""
    by_state = counts.totals_by_state(METRIC, grants)
    return sum(n for state, n in by_state.items() if CaseState(state) not in ENDED)


@dataclass(frozen=True)
class MyDay:
    """What waits for one person today. Each figure has the list behind it in `my_day_rows`."""

    overdue: int
    due_today: int
    waiting_for_me: int
    fresh: int
    unowned: int


def _end_of_day(now: datetime) -> datetime:
    tomorrow = clock.local(now).date() + timedelta(days=1)
    return datetime.combine(tomorrow, time.min, clock.zone())


def my_day_rows(grants: Grants, key: str, now: datetime | None = None) -> QuerySet[Case]:
    """The rows behind one figure of `my_day`."""
    now = now or clock.now()
    mine = queue(grants, owner_id=grants.user_id or 0)
    match key:
        case "overdue":
            return mine.filter(queue_at__lte=now)
        case "due_today":
            return mine.filter(queue_at__gt=now, queue_at__lt=_end_of_day(now))
        case "until_evening":
            return mine.filter(queue_at__lt=_end_of_day(now))
        case "waiting_for_me":
            return mine.filter(waiting_since__isnull=False)
        case "fresh":
            return mine.filter(unread_count__gt=0)
        case "unowned":
            return queue(grants, states=(CaseState.NEW,), unowned=True)
    raise KeyError(key)


def my_day(grants: Grants, now: datetime | None = None) -> MyDay:
    """One statement over one's own open cases, and the counter for those nobody has."""
    now = now or clock.now()
    evening = _end_of_day(now)
    mine = (
        queue(grants, owner_id=grants.user_id or 0)
        .order_by()
        .aggregate(
            overdue=Count("pk", filter=Q(queue_at__lte=now)),
            due_today=Count("pk", filter=Q(queue_at__gt=now, queue_at__lt=evening)),
            waiting=Count("pk", filter=Q(waiting_since__isnull=False)),
            fresh=Count("pk", filter=Q(unread_count__gt=0)),
        )
    )
    cells = [] if grants.own_only else counts.cells(METRIC, grants, Q(owner_id__isnull=True))
    unowned = sum(cell.n for cell in cells if CaseState(cell.state) in UNDER_WAY)
    return MyDay(mine["overdue"], mine["due_today"], mine["waiting"], mine["fresh"], unowned)


def first_to_do(grants: Grants, now: datetime | None = None) -> Case | None:
    """What comes first: a customer who waits on an overdue case, else what falls due next."""
    # With the pauses, which say why a clock stands still.
    rows = queue(grants, owner_id=grants.user_id or 0).defer(None).defer(*HEAVY)
    overdue = rows.filter(queue_at__lte=now or clock.now())
    return overdue.filter(waiting_since__isnull=False).first() or rows.first()


# How far back a second telling of the same matter is looked for.
SAME_WITHIN = timedelta(days=30)


def possibly_same(grants: Grants, case: Case, limit: int = 5) -> list[Case]:
    """Other cases of the same customer, open or lately closed, of the same kind first: merge candidates."""
    if case.customer_id is None:
        return []
    rows = (
        visible_cases(grants)
        .filter(customer_id=case.customer_id, merged_into__isnull=True)
        .filter(STILL_OPEN | Q(closed_at__gte=clock.now() - SAME_WITHIN))
        .exclude(pk=case.pk)
        .defer(*NOT_LISTED)
    )
    found = list(rows.order_by("-id")[: limit * 4])
    found.sort(key=lambda other: (other.type_id != case.type_id, other.is_ended))
    return found[:limit]
