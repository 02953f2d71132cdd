"""All clocks of a case: which run when, the earliest first, each with its account."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.urls import reverse

from tests.cast import Cast
from zhike.core.access import everything
from zhike.core.work import Actor
from zhike.desk import services
from zhike.desk.models import Case
from zhike.desk.services.clocks import all_explained, running, set_clock

pytestmark = pytest.mark.django_db
# A Monday, nine o'clock in Zhoukou.
MONDAY = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
CUSTOMER: dict[str, Any] = {"actor": Actor.customer("陈志强"), "grants": everything("webform")}


@pytest.fixture
def case(cast: Cast, frozen_clock) -> Case:
    frozen_clock(MONDAY)
    new = services.NewCase(
        type_code="repair", channel="letter", text="爬坡断电", customer_id=cast.chen.pk
    )
    return services.open_case(**cast.lin.acting, new=new).case


def fresh(case: Case) -> Case:
    return Case.objects.get(pk=case.pk)


def answer(cast: Cast, case: Case) -> None:
    seq = fresh(case).seq
    services.reply(**cast.lin.acting, case_id=case.pk, text="已安排检查", expected_seq=seq)


def says(case: Case, text: str) -> None:
    services.receive_message(**CUSTOMER, case_id=case.pk, text=text, channel="tracking")


def test_the_end_runs_from_the_start_beside_the_first_word(case: Case):
    now = fresh(case)
    # Two working hours; three working days, the day of arrival not counted.
    assert now.first_reply_due_at == MONDAY + 2 * HOUR
    assert now.resolution_due_at == datetime(2026, 11, 26, 9, 30, tzinfo=UTC)
    assert (now.due_what, now.due_at) == ("first_reply", now.first_reply_due_at)
    assert [due.purpose for due in all_explained(now)] == ["first_reply", "resolution"]
    assert now.next_reply_due_at is None


def test_the_next_word_is_owed_from_when_the_customer_wrote_until_we_answer(
    cast: Cast, case: Case, frozen_clock
):
    answer(cast, case)
    now = fresh(case)
    assert (now.due_what, now.next_reply_due_at) == ("resolution", None)
    # Answered in time: what was owed stays for the figures.
    assert now.first_reply_due_at == MONDAY + 2 * HOUR

    frozen_clock(MONDAY + 2 * HOUR)
    says(case, "什么时候来？")
    owed = fresh(case).next_reply_due_at
    # Four working hours from 11:00: one until noon, three from 13:30.
    assert owed == datetime(2026, 11, 23, 8, 30, tzinfo=UTC)
    assert fresh(case).due_what == "next_reply"
    # Writing again does not put it off.
    frozen_clock(MONDAY + 6 * HOUR)
    says(case, "还在等")
    assert fresh(case).next_reply_due_at == owed

    answer(cast, case)
    assert (fresh(case).next_reply_due_at, fresh(case).due_what) == (None, "resolution")
    says(case, "下午三点可以吗？")
    assert fresh(case).next_reply_due_at > owed


def test_a_call_answers_and_an_urge_asks(cast: Cast, case: Case, frozen_clock):
    answer(cast, case)
    frozen_clock(MONDAY + HOUR)
    services.urge(**CUSTOMER, case_id=case.pk)
    assert fresh(case).next_reply_due_at is not None
    services.record_call(**cast.lin.acting, case_id=case.pk, text="已说明进度", reached=False)
    assert fresh(case).next_reply_due_at is not None
    services.record_call(**cast.lin.acting, case_id=case.pk, text="已说明进度")
    assert fresh(case).next_reply_due_at is None


@pytest.mark.parametrize("word", ["谢谢", "好的，谢谢您！", "收到", "Thank you"])
def test_a_word_of_thanks_starts_no_clock_but_is_to_be_read(cast: Cast, case: Case, word: str):
    answer(cast, case)
    says(case, word)
    now = fresh(case)
    assert (now.next_reply_due_at, now.waiting_since, now.unread_count) == (None, None, 1)
    # Thanks after a question leave the question open.
    says(case, "几点到？")
    owed = fresh(case).next_reply_due_at
    says(case, word)
    assert fresh(case).next_reply_due_at == owed


def test_what_we_asked_for_may_be_answered_by_a_short_word(cast: Cast, case: Case, frozen_clock):
    answer(cast, case)
    services.wait_for_customer(**cast.lin.acting, case_id=case.pk, reason="确认上门时间")
    assert fresh(case).due_at is None
    frozen_clock(MONDAY + HOUR)
    says(case, "好的")
    now = fresh(case)
    assert now.state == "open"
    assert now.due_what == "next_reply"
    # The hour of the pause is given back to the end.
    assert now.resolution_due_at > datetime(2026, 11, 26, 9, 30, tzinfo=UTC)


def test_thanks_after_the_end_start_nothing(cast: Cast, case: Case):
    answer(cast, case)
    services.close_case(**cast.lin.acting, case_id=case.pk, outcome="solved", text="已修好")
    closed = fresh(case)
    says(case, "谢谢")
    now = fresh(case)
    assert (now.state, now.due_at, now.waiting_since) == ("closed", None, None)
    # What ended stays as it was, its end for the figures too.
    assert now.clocks == closed.clocks
    assert now.resolution_due_at == closed.resolution_due_at is not None
    says(case, "又坏了")
    again = fresh(case)
    assert again.state == "open"
    assert set(again.clocks) == {"next_reply", "resolution"}


def test_asking_a_department_ends_that_clock(cast: Cast, frozen_clock):
    frozen_clock(MONDAY)
    new = services.NewCase(
        type_code="complaint", channel="letter", text="漏油", customer_id=cast.chen.pk
    )
    case = services.open_case(**cast.lin.acting, new=new).case
    now = fresh(case)
    assert now.department_due_at == datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
    assert now.step_due_at == MONDAY + HOUR
    services.set_unit(
        **cast.admin.acting, case_id=case.pk, unit_id=cast.shangqiu.pk, reason="商丘站经手"
    )
    moved = fresh(case)
    assert (moved.department_due_at, moved.to_department_at) == (None, MONDAY)


def test_every_clock_is_explained_with_the_plan_that_applied(cast: Cast, case: Case, frozen_clock):
    answer(cast, case)
    frozen_clock(MONDAY + 2 * HOUR)
    says(case, "什么时候来？")
    lin = cast.lin.client()
    page = lin.get(reverse("desk:clocks", args=[case.number])).content.decode()
    assert page.index("再次答复") < page.index("办结")
    assert "规则：所有工单" in page
    assert "规则：报修" in page
    assert "11:00–12:00" in page
    assert "13:30–<b>16:30</b>" in page
    shown = lin.get(reverse("desk:case", args=[case.number])).content.decode()
    assert reverse("desk:clocks", args=[case.number]) in shown
    assert cast.zhou.client().get(reverse("desk:clocks", args=[case.number])).status_code == 404


def test_an_ended_case_has_nothing_due(cast: Cast, case: Case):
    answer(cast, case)
    services.close_case(**cast.lin.acting, case_id=case.pk, outcome="solved", text="已修好")
    assert running(fresh(case)) == {}
    page = cast.lin.client().get(reverse("desk:clocks", args=[case.number]))
    assert page.status_code == 200


def test_counting_again_changes_nothing(cast: Cast, case: Case):
    answer(cast, case)
    says(case, "什么时候来？")
    now = fresh(case)
    before = (now.clocks, now.due_at, now.due_what, now.next_reply_due_at)
    set_clock(now)
    assert (now.clocks, now.due_at, now.due_what, now.next_reply_due_at) == before


def test_the_queue_sorts_and_filters_by_each_clock(cast: Cast, case: Case):
    answer(cast, case)
    says(case, "什么时候来？")
    lin = cast.lin.client()
    for sort in ("due_first", "due_next", "due_step", "due_dept", "due_end"):
        for order in (sort, f"-{sort}"):
            page = lin.get(reverse("desk:queue"), {"sort": order})
            assert case.number in page.content.decode() or case.title in page.content.decode()
    found = lin.get(reverse("desk:queue"), {"what": "next_reply"}).content.decode()
    assert case.title in found
    other = lin.get(reverse("desk:queue"), {"what": "first_reply"}).content.decode()
    assert case.title not in other
