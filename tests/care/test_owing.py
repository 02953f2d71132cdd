"""A call-back owed within a time of its own: made, taken up by a visit that is due, counted anew."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.urls import reverse

from tests.care.conftest import close, open_other, visit_of
from tests.cast import SETUP, Cast
from tests.guards import given
from zhike.care import services
from zhike.care.models import FollowUp
from zhike.care.services import Outcome
from zhike.care.services.call_backs import owe_call_back
from zhike.care.services.reminding import remind_due
from zhike.core import work
from zhike.core.calendar import Due, Unit
from zhike.core.calendar.own_time import OwnTime
from zhike.core.calendar.plan_services import change_plan, terms_of
from zhike.core.calendar.recounts import recount_everything, run_recounts
from zhike.core.models import DuePlan, Notification
from zhike.desk.models import Case

pytestmark = pytest.mark.django_db
# A Tuesday in Zhoukou, 14:26; they work until 17:30, and the next day from 8:30.
NOW = datetime(2026, 11, 24, 6, 26, tzinfo=UTC)
TWO_HOURS = OwnTime(120, Unit.BUSINESS_MINUTES, "遇低分")
IN_TWO_HOURS = NOW + timedelta(hours=2)
FIVE_DAYS = OwnTime(5, Unit.BUSINESS_DAYS, "遇低分")
# At the close of the next day, by the plan of visits; of the fifth day from now, by the time above.
BY_PLAN = datetime(2026, 11, 25, 9, 30, tzinfo=UTC)
IN_FIVE_DAYS = datetime(2026, 12, 1, 9, 30, tzinfo=UTC)


@pytest.fixture
def case(cast: Cast, frozen_clock) -> Case:
    frozen_clock(NOW)
    return close(cast.lin, open_other(cast.lin, cast.chen.pk))


def owe(case: Case, own: OwnTime | None, words: str = "没修好") -> FollowUp:
    with work.unit(SETUP) as unit:
        visit = owe_call_back(case.pk, words, unit, within=own)
    assert visit is not None
    return fresh(visit)


def fresh(visit: FollowUp) -> FollowUp:
    return FollowUp.objects.get(pk=visit.pk)


def content(cast: Cast, visit: FollowUp, result: str = "content", **more: Any) -> None:
    services.record_result(
        **cast.lin.acting, follow_up_id=visit.pk, outcome=Outcome(result, "好", **more)
    )


def settled(cast: Cast) -> None:
    """Counted by the rules of today, nothing moves."""
    recount_everything(**cast.admin.acting)
    assert run_recounts() == 0


def rule_of(visit: FollowUp) -> str:
    return Due.from_json(visit.due_explanation or {}).rule


def test_one_more_visit_is_due_within_its_own_time(cast: Cast, case: Case) -> None:
    content(cast, visit_of(case))
    visit = owe(case, FIVE_DAYS)
    assert visit.sequence == 2
    # Looser than the plan, it counts all the same.
    assert (visit.due_at, visit.plan_at) == (IN_FIVE_DAYS, IN_FIVE_DAYS)
    assert rule_of(visit) == "遇低分"
    settled(cast)
    assert fresh(visit).due_at == IN_FIVE_DAYS
    page = cast.lin.client().get(reverse("care:visit", args=[visit.pk])).content.decode()
    assert "规则：遇低分" in page
    assert reverse("web:due-plans") not in page


def test_without_a_time_of_its_own_it_goes_by_the_plan(cast: Cast, case: Case) -> None:
    content(cast, visit_of(case))
    visit = owe(case, None)
    assert (visit.owed, visit.due_at) == (None, BY_PLAN)
    settled(cast)


def test_a_visit_that_is_due_becomes_due_at_the_earlier_of_both(cast: Cast, case: Case) -> None:
    visit = owe(case, TWO_HOURS)
    assert visit.pk == visit_of(case).pk
    assert (visit.due_at, visit.plan_at, rule_of(visit)) == (IN_TWO_HOURS, IN_TWO_HOURS, "遇低分")
    assert visit.remind_at == visit.due_warn_at
    settled(cast)
    # Owed once more, within a longer time: the first promise stands.
    assert owe(case, FIVE_DAYS, "还有").due_at == IN_TWO_HOURS
    settled(cast)


def test_the_plan_counts_where_it_is_the_earlier_one(cast: Cast, case: Case) -> None:
    visit = owe(case, FIVE_DAYS)
    assert visit.due_at == BY_PLAN
    assert rule_of(visit) != "遇低分"
    settled(cast)


def test_one_owed_by_the_plan_joins_one_with_a_longer_time(
    cast: Cast, case: Case, frozen_clock
) -> None:
    content(cast, visit_of(case))
    owe(case, FIVE_DAYS)
    assert owe(case, None, "另一件").due_at == BY_PLAN
    settled(cast)
    # Once the plan counts, another reason by the plan, later, changes nothing.
    frozen_clock(NOW + timedelta(hours=20))
    assert owe(case, None, "再一件").due_at == BY_PLAN


def test_a_changed_plan_moves_only_what_goes_by_it(cast: Cast, case: Case) -> None:
    taken_up = owe(case, FIVE_DAYS)
    plan = DuePlan.objects.get(purpose="follow_up", subject="")
    terms = terms_of(plan)
    given_ = {name: getattr(terms, name) for name in terms.__dataclass_fields__}
    change_plan(**cast.admin.acting, plan_id=plan.pk, terms=type(terms)(**{**given_, "amount": 30}))
    assert run_recounts() == 1
    # The plan is now the later one: the time of the rule counts.
    assert (fresh(taken_up).due_at, rule_of(fresh(taken_up))) == (IN_FIVE_DAYS, "遇低分")
    settled(cast)
    change_plan(**cast.admin.acting, plan_id=plan.pk, terms=terms)
    run_recounts()
    assert fresh(taken_up).due_at == BY_PLAN


def test_a_time_agreed_with_the_customer_stands(cast: Cast, case: Case) -> None:
    agreed = NOW + timedelta(days=1)
    first = visit_of(case)
    services.record_attempt(
        **cast.lin.acting, follow_up_id=first.pk, note="约明天", next_try_at=agreed
    )
    visit = owe(case, TWO_HOURS)
    assert (visit.due_at, visit.plan_at) == (IN_TWO_HOURS, agreed)


def test_a_call_back_after_a_second_look_goes_by_its_plan(cast: Cast, case: Case) -> None:
    content(cast, visit_of(case), "partly", missing="差一个垫片")
    again = visit_of(case)
    three_days = again.due_at
    # The visit that looks again takes it up; the earlier of both counts, and its account keeps its name.
    assert owe(case, TWO_HOURS).due_at == IN_TWO_HOURS
    settled(cast)
    with given():
        FollowUp.objects.filter(pk=again.pk).update(owed=None)
    recount_everything(**cast.admin.acting)
    run_recounts()
    assert fresh(again).due_at == three_days
    content(cast, fresh(again))
    visit = owe(case, None)
    assert visit.sequence == 3
    assert visit.due_at == BY_PLAN
    settled(cast)


def test_whoever_calls_is_reminded_by_the_time_of_its_own(
    cast: Cast, case: Case, frozen_clock
) -> None:
    visit = owe(case, TWO_HOURS)
    assert visit.due_warn_at is not None
    frozen_clock(visit.due_warn_at)
    assert remind_due() == 1
    assert Notification.objects.filter(user_id=cast.lin.user.pk, kind__startswith="care.").exists()
