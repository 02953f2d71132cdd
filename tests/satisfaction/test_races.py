"""A form that arrives twice at the same moment, with real transactions."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from tests.cast import Cast, make_cast
from tests.desk.test_races import at_once
from tests.satisfaction.scene import SCENIC, answer, visitors
from tests.surveys.scene import published
from tests.transactions import real_transactions  # noqa: F401
from zhike.core import clock
from zhike.satisfaction import services
from zhike.satisfaction.models import Improvement
from zhike.satisfaction.services.improvements import Plan, plan_improvement

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def town(real_transactions: None) -> Cast:  # noqa: F811
    return make_cast()


def test_an_improvement_planned_twice_at_once_is_one(town: Cast, given: Any) -> None:
    with given():
        link = published(town.zhoukou, SCENIC)
        answer(link, *visitors(20))
    system = services.make_system(**town.wang.acting, survey_id=link.survey_id, title="景区")
    run = services.ask_for_run(**town.wang.acting, system_id=system.pk)
    services.carry_out_run(run.pk, "zh-hans")
    plan = Plan("加划车位", town.lin.user.pk, clock.today() + timedelta(days=7), "once")
    asked = partial(
        plan_improvement,
        **town.wang.acting,
        system_id=system.pk,
        number=run.number,
        part="val4",
        plan=plan,
    )
    made = at_once([asked] * 4)
    assert made == [Improvement.objects.get()] * 4
