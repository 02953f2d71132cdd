"""Due times computed anew after a plan was changed: a job, in small bites, that goes on where it was stopped.

Whoever keeps due times fills the slot. What has ended is left as it is. A row that was being written with the old
plan while the plan was changed is found by a second look a little later.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, Q, QuerySet

from zhike.core import clock, work
from zhike.core.access import Grants
from zhike.core.jobs import current
from zhike.core.models import DueRecount
from zhike.core.registry import Slot
from zhike.core.work import Actor, Work

AT_ONCE = 100
# More than this nobody counts; a page then says "10,000+".
MOST_COUNTED = 10_000
# A page's transaction is over long before; what it wrote with the old plan can be seen then.
SECOND_LOOK_AFTER = timedelta(seconds=60)
LONGEST_TRANSACTION = timedelta(minutes=10)
COUNTER = Actor.system("due times")


@dataclass(frozen=True)
class PlanScope:
    """Whose due times a plan may rule; empty means any."""

    subject: str = ""
    tier: str = ""
    channel: str = ""
    org_unit: int | None = None


EVERYTHING = (PlanScope(),)


@dataclass(frozen=True)
class RecountKind:
    """Rows with due times of these purposes.

    `rows(scopes)` are those still running, `written_since(rows, moment)` those of them written lately, and
    `recount(ids, plan_name)` computes the due times of some anew and says how many moved. `columns` hold the
    due times.
    """

    key: str
    label: Any
    purposes: frozenset[str]
    rows: Callable[[Sequence[PlanScope]], QuerySet[Any]]
    written_since: Callable[[QuerySet[Any], datetime], QuerySet[Any]]
    recount: Callable[[Sequence[int], str], int]
    columns: tuple[str, ...] = ("due_at",)


RECOUNTS: Slot[RecountKind] = Slot(
    "core.calendar.RECOUNTS",
    "What is computed anew when a due plan changes",
    key=lambda one: one.key,
)


@dataclass(frozen=True)
class Touched:
    label: Any
    n: int

    @property
    def is_more(self) -> bool:
        return self.n > MOST_COUNTED


def touched_by(purpose: str, scopes: Sequence[PlanScope]) -> list[Touched]:
    """How many running rows of each kind a change would have looked at."""
    return [
        Touched(kind.label, kind.rows(scopes)[: MOST_COUNTED + 1].count())
        for kind in _kinds_of(purpose)
    ]


def falls_due_from(moment: datetime) -> bool:
    """Is anything still running due then or later?"""
    for kind in RECOUNTS:
        late = Q(pk__in=[])
        for column in kind.columns:
            late |= Q(**{f"{column}__gte": moment})
        if kind.rows(EVERYTHING).filter(late).exists():
            return True
    return False


def begin_recount(
    unit: Work, plan_name: str, purpose: str, scopes: Sequence[PlanScope]
) -> list[DueRecount]:
    """In the unit that changed the plan. Empty `purpose`: all of them."""
    # Imported late: jobs are found by importing this room's.
    from zhike.core.tasks import recount_due_times

    rows = [
        DueRecount.objects.create(
            plan_name=plan_name,
            kind=kind.key,
            purpose=purpose,
            scopes=[asdict(scope) for scope in scopes],
            made_at=unit.now,
            made_by_name=unit.actor.name[:80],
        )
        for kind in _kinds_of(purpose)
    ]
    if rows:
        unit.enqueue(recount_due_times)
    return rows


def recount_everything(*, actor: Actor, grants: Grants) -> list[DueRecount]:
    """After calendars were changed: all that runs is counted by the rules of today."""
    grants.require("settings.manage")
    with work.unit(actor) as unit:
        unit.audit("core.due_plan.recount", None)
        return begin_recount(unit, "", "", EVERYTHING)


def latest_recounts(limit: int = 5) -> list[DueRecount]:
    return list(DueRecount.objects.order_by("-pk")[:limit])


def run_recounts(now: datetime | None = None) -> int:
    """Go on with whatever is unfinished; how many due times moved."""
    moved = 0
    unfinished = DueRecount.objects.filter(finished_at__isnull=True).order_by("pk")
    for recount in list(unfinished):
        kind = RECOUNTS.get(recount.kind)
        if kind is not None:
            moved += _go_on(recount, kind, now or clock.now())
    return moved


def _go_on(recount: DueRecount, kind: RecountKind, now: datetime) -> int:
    rows = kind.rows([PlanScope(**scope) for scope in recount.scopes])
    if recount.state == DueRecount.State.RUNNING:
        if not recount.place and not recount.total:
            recount.total = rows.count()
            _note(recount, total=recount.total)
        moved = _through(recount, kind, rows)
        if moved is not None:
            _note(recount, state=DueRecount.State.SECOND_LOOK, place=0)
        return moved or 0
    if now < recount.made_at + SECOND_LOOK_AFTER:
        return 0
    lately = kind.written_since(rows, recount.made_at - LONGEST_TRANSACTION)
    moved = _through(recount, kind, lately, is_first=False)
    if moved is not None:
        _note(recount, state=DueRecount.State.DONE, finished_at=now)
    return moved or 0


def _through(
    recount: DueRecount, kind: RecountKind, rows: QuerySet[Any], is_first: bool = True
) -> int | None:
    """How many moved; None when another worker has taken over."""
    moved_here = 0
    while True:
        current().pause()
        ids = list(bite(rows, recount.place).values_list("pk", flat=True))
        if not ids:
            return moved_here
        moved = kind.recount(ids, recount.plan_name)
        moved_here += moved
        with work.unit(COUNTER):
            mine = DueRecount.objects.filter(pk=recount.pk, place=recount.place).update(
                place=ids[-1],
                done=F("done") + (len(ids) if is_first else 0),
                moved=F("moved") + moved,
            )
            if not mine:
                return None
            recount.place = ids[-1]
            recount.done += len(ids) if is_first else 0
            current().report(done=recount.done, total=recount.total)


def bite(rows: QuerySet[Any], place: int) -> QuerySet[Any]:
    return rows.filter(pk__gt=place).order_by("pk")[:AT_ONCE]


def _note(recount: DueRecount, **values: Any) -> None:
    for name, value in values.items():
        setattr(recount, name, value)
    with work.unit(COUNTER):
        DueRecount.objects.filter(pk=recount.pk).update(**values)


def _kinds_of(purpose: str) -> list[RecountKind]:
    return [kind for kind in RECOUNTS if not purpose or purpose in kind.purposes]
