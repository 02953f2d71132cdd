"""A case page and a queue tell a due time, its account, and a pause that still lasts."""

from datetime import UTC, datetime, timedelta

import pytest
from django.apps import apps
from django.urls import reverse

from tests.cast import Cast
from zhike.core.calendar import seeds
from zhike.desk import services
from zhike.desk.models import Case

pytestmark = pytest.mark.django_db

MONDAY = datetime(2026, 11, 23, 8, 10, tzinfo=UTC)


@pytest.fixture
def case(cast: Cast, frozen_clock, given) -> Case:
    with given():
        seeds.plant(apps)
    frozen_clock(MONDAY)
    new = services.NewCase(
        type_code="repair", channel="letter", text="爬坡断电", customer_id=cast.chen.pk
    )
    case = services.open_case(**cast.lin.acting, new=new).case
    frozen_clock(MONDAY + timedelta(minutes=20))
    return case


def test_a_case_page_explains_its_due_time_and_leads_to_the_rules(cast: Cast, case: Case):
    page = cast.lin.client().get(reverse("desk:case", args=[case.number])).content.decode()
    # Two working hours from 16:10: 1:20 on Monday, 0:40 on Tuesday.
    assert "16:10–17:30" in page
    assert "08:30–<b>09:10</b>" in page
    assert reverse("web:due-plans") in page


def test_while_a_pause_lasts_case_and_queue_tell_the_pause_instead_of_nothing(
    cast: Cast, case: Case
):
    services.wait_for_customer(**cast.lin.acting, case_id=case.pk, reason="请补拍故障码")
    lin = cast.lin.client()
    page = lin.get(reverse("desk:case", args=[case.number])).content.decode()
    assert 'class="zk-due pause"' in page
    assert "暂停" in page
    assert "11-23 16:30 起 请补拍故障码" in page
    queue = lin.get(reverse("desk:queue")).content.decode()
    assert "请补拍故障码" in queue
    assert 'class="zk-due pause"' in queue
