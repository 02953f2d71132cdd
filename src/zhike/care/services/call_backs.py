"""A customer is called back about a case that is closed: somebody found out that they are not content."""

from copy import copy

from zhike.care.models import FollowUp
from zhike.care.models.visits import STILL_DUE
from zhike.care.services.holding import keep
from zhike.care.services.making import make_extra
from zhike.care.services.owing import due_of, marked, move_due, owe_too
from zhike.core.calendar.own_time import OwnTime
from zhike.core.calendar.plan_book import load_plans
from zhike.core.work import Work
from zhike.desk.services.texts import LONGEST_TEXT


def owe_call_back(
    case_id: int, to_check: str, work: Work, within: OwnTime | None = None
) -> FollowUp | None:
    """A visit that is due already takes it up; else one more is owed. None where none can be made any more.

    `within`: in place of the plan; a visit that is due already becomes due at the earlier of both. Call it with
    the case held.
    """
    due = FollowUp.objects.filter(STILL_DUE, case_id=case_id).select_for_update(of=("self",))
    visit = due.order_by("plan_at", "pk").first()
    if visit is None:
        return make_extra(case_id, to_check, work, within)
    before = copy(visit)
    visit.to_check = "\n".join(filter(None, (visit.to_check, to_check)))[:LONGEST_TEXT]
    if owe_too(visit, within, work.now):
        rows = marked(FollowUp.objects.filter(pk=visit.pk))
        channel, again = rows.values_list("case__channel", "looks_again").get()
        move_due(visit, due_of(visit, channel, load_plans(), looks_again=again), work.now)
    keep(work, "call_back", visit, before)
    return visit
