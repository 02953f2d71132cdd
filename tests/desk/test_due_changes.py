"""A due time never moves in silence: the record has a line, and “Why 15:40?” says how often."""

import re

import pytest

from tests.cast import Cast, make_staff
from tests.desk.conftest import OpenCase
from zhike.core.calendar.plan_book import load_plans
from zhike.core.calendar.units import set_unit_calendar
from zhike.core.models import WorkCalendar
from zhike.customers import services as customers
from zhike.desk import services
from zhike.desk.models import Case, CaseEvent
from zhike.desk.selectors import due_changes
from zhike.desk.services.clocks import is_counted_by

pytestmark = pytest.mark.django_db


def told(cast: Cast, case: Case) -> int:
    html = cast.lin.client().get(f"/cases/{case.number}/").content.decode()
    [times] = re.findall(r"改过 (\d+) 次", html)
    return int(times)


def test_the_account_says_how_often_it_was_moved(cast: Cast, open_case: OpenCase):
    case = open_case()
    assert told(cast, case) == 0
    customers.update_customer(**cast.wang.acting, customer_id=cast.chen.pk, tier="ordinary")
    assert told(cast, case) == 1
    services.change_type(**cast.lin.acting, case_id=case.pk, type_code="inquiry")
    assert told(cast, case) == 2
    # Giving it another subject moves nothing.
    services.set_title(**cast.lin.acting, case_id=case.pk, title="断电")
    assert told(cast, case) == due_changes(case) == 2
    other = open_case()
    assert told(cast, other) == 0


def test_changing_the_type_says_from_when_to_when(cast: Cast, open_case: OpenCase):
    case = open_case()
    before = case.resolution_due_at
    services.change_type(**cast.lin.acting, case_id=case.pk, type_code="inquiry")
    case.refresh_from_db()
    assert case.resolution_due_at != before
    line = CaseEvent.objects.get(case=case, kind="due")
    assert line.data == {
        "moved": [
            {
                "what": "resolution",
                "from": before.isoformat(),
                "to": case.resolution_due_at.isoformat(),
            }
        ],
        "type": "inquiry",
    }
    assert "办结时限由 " in cast.lin.client().get(f"/cases/{case.number}/").content.decode()


def test_handing_a_case_to_another_unit_counts_in_its_hours(cast: Cast, open_case: OpenCase, given):
    with given():
        night = WorkCalendar.objects.create(
            name="夜班", zone="Asia/Shanghai", always_open=True, version=7
        )
    set_unit_calendar(**cast.admin.acting, unit_id=cast.shangqiu.pk, calendar_id=night.pk)
    colleague = make_staff("7009", "钱江", cast.shangqiu, role="agent")
    case = open_case()
    before = case.resolution_due_at
    services.hand_over(
        **cast.wang.acting,
        case_id=case.pk,
        to_user_id=colleague.user.pk,
        reason="属商丘",
        expected_owner_id=case.owner_id,
    )
    case.refresh_from_db()
    assert case.unit_id == cast.shangqiu.pk
    assert case.to_department_at is not None
    assert case.clocks["resolution"]["calendar"]["name"] == "夜班"
    assert case.resolution_due_at != before
    line = CaseEvent.objects.get(case=case, kind="due")
    assert line.data["unit"] == cast.shangqiu.pk
    # What is kept is what would be counted today: nothing is left for a recount to find.
    assert is_counted_by(case, load_plans())


def test_naming_the_customer_says_what_it_did_to_the_clock(cast: Cast, open_case: OpenCase):
    case = open_case(customer_id=None)
    services.name_customer(**cast.lin.acting, case_id=case.pk, customer_id=cast.chen.pk)
    fresh = Case.objects.get(pk=case.pk)
    assert fresh.resolution_due_at != case.resolution_due_at
    kinds = CaseEvent.objects.filter(case=case).order_by("-seq").values_list("kind", flat=True)
    assert list(kinds[:2]) == ["due", "customer_named"]


def test_a_due_line_does_not_hold_a_reply(cast: Cast, open_case: OpenCase):
    case = open_case()
    customers.update_customer(**cast.wang.acting, customer_id=cast.chen.pk, tier="ordinary")
    services.reply(**cast.lin.acting, case_id=case.pk, text="好", expected_seq=case.seq)
