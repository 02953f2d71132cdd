"""Due times of open cases by the plans of today; what moves has its line in the record."""

from collections.abc import Sequence

from zhike.core.access import everything
from zhike.core.calendar.plan_book import PlanBook, load_plans
from zhike.core.calendar.recounts import COUNTER
from zhike.core.errors import RuleError
from zhike.desk.models import STILL_OPEN, Case
from zhike.desk.selectors.scope import HEAVY
from zhike.desk.services.clocks import is_counted_by
from zhike.desk.services.handling import handling
from zhike.desk.services.moves import set_clock_openly


def recount_cases(ids: Sequence[int], plan_name: str) -> int:
    """How many moved. Only those are locked and written; a second run finds nothing left to move."""
    plans = load_plans()
    rows = Case.objects.filter(STILL_OPEN, pk__in=ids, voided_at__isnull=True)
    moving = [case.pk for case in rows.defer(*HEAVY) if not is_counted_by(case, plans)]
    return sum(_recount(case_id, plans, plan_name) for case_id in moving)


def _recount(case_id: int, plans: PlanBook, plan_name: str) -> bool:
    try:
        with handling(
            "recount", actor=COUNTER, grants=everything("due times"), case_id=case_id
        ) as act:
            # Ended, moved or counted meanwhile by somebody who already knew the new plan.
            if act.case.is_ended or is_counted_by(act.case, plans):
                return False
            return set_clock_openly(act, plan=plan_name)
    except RuleError:
        # Merged or taken back this moment: it has no clock any more.
        return False
