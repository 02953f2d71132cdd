"""Due times of visits still to be made by the plans of today; what moves has its line in the record."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from zhike.accounts.plan_scopes import under
from zhike.care.models import FollowUp
from zhike.care.models.visits import STILL_DUE
from zhike.care.services.holding import visiting
from zhike.care.services.owing import PURPOSE, bell, due_of, marked, move_due
from zhike.core.access import everything
from zhike.core.calendar import Due
from zhike.core.calendar.plan_book import PlanBook, load_plans
from zhike.core.calendar.recounts import COUNTER, RECOUNTS, PlanScope, RecountKind
from zhike.core.errors import RuleError
from zhike.desk.selectors.scope import HEAVY


def visits_under(scopes: Sequence[PlanScope]) -> QuerySet[FollowUp]:
    """Visits still to be made that a plan of one of these scopes may rule."""
    wanted = under(
        scopes,
        subject="type_code",
        tier="customer_tier",
        channel="case__channel",
        unit="unit_id",
    )
    return FollowUp.objects.filter(STILL_DUE, wanted)


def _written_since(rows: QuerySet[FollowUp], since: datetime) -> QuerySet[FollowUp]:
    # Closing the case, calls and recounting each write a line of it.
    return rows.filter(case__last_event_at__gte=since)


def recount_visits(ids: Sequence[int], plan_name: str) -> int:
    """How many moved. Only those that would change are locked; a second run finds nothing left to move."""
    plans = load_plans()
    rows = FollowUp.objects.filter(STILL_DUE, pk__in=ids).select_related("case")
    rows = marked(rows.defer(*(f"case__{name}" for name in HEAVY)))
    changing = [
        visit.pk for visit in rows.order_by("pk") if not _is_counted(visit, _due_of(visit, plans))
    ]
    return sum(_recount(pk, plan_name) for pk in changing)


def _due_of(visit: FollowUp, plans: PlanBook) -> Due:
    """`visit` comes from `marked`, with its case."""
    again = vars(visit)["looks_again"]
    return due_of(visit, visit.case.channel, plans, looks_again=again)


def _is_counted(visit: FollowUp, due: Due) -> bool:
    return bool(visit.due_explanation == due.to_json())


def _recount(pk: int, plan_name: str) -> bool:
    try:
        with visiting(
            "recount", actor=COUNTER, grants=everything("due times"), follow_up_id=pk
        ) as at:
            visit = at.visit
            due = _due_of(marked(FollowUp.objects.select_related("case")).get(pk=pk), load_plans())
            # Counted meanwhile by somebody who already knew the new plan.
            if due.at is None or _is_counted(visit, due):
                return False
            before = visit.due_at
            if due.at == before:
                # Another account of the same moment is no news; a bell that has not rung yet follows the warning.
                FollowUp.objects.filter(pk=pk).update(
                    due_explanation=due.to_json(),
                    due_warn_at=due.warn_at,
                    remind_at=bell(visit, due, moved=False, now=at.act.work.now),
                )
                return False
            move_due(visit, due, at.act.work.now)
            at.line(
                "recounted",
                before=before.isoformat(),
                after=visit.due_at.isoformat(),
                plan=plan_name,
            )
    except RuleError:
        # Made, called off, or its case opened again this moment.
        return False
    return True


def register() -> None:
    RECOUNTS.fill(
        RecountKind(
            "visits",
            _("follow-up visits still to be made"),
            frozenset({PURPOSE}),
            visits_under,
            _written_since,
            recount_visits,
        )
    )
