"""A changed plan moves what is open beside cases: notices, visits, requests; each is told again when it should."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.urls import reverse

from tests.care.conftest import close, open_other, visit_of
from tests.cast import Cast
from tests.complaints.notice_scene import AFTERNOON, Scene, answered, make_scene, send
from tests.privacy.test_requests import take
from zhike.care.models import FollowUp
from zhike.care.services import Outcome, call_off, record_attempt, record_result
from zhike.care.services.reminding import remind_due
from zhike.complaints.models import Notice
from zhike.complaints.services.notice_alarms import watch_notices
from zhike.core.calendar.plan_services import PlanTerms, add_plan, change_plan, remove_plan
from zhike.core.calendar.recounts import recount_everything, run_recounts
from zhike.core.models import AuditRow, DuePlan, DueRecount, Notification
from zhike.desk.models import CaseEvent
from zhike.privacy.models import DataRequest
from zhike.privacy.services import take_back
from zhike.privacy.services.reminding import remind

pytestmark = pytest.mark.django_db
Freeze = Callable[[datetime], None]


@pytest.fixture
def scene(cast: Cast, frozen_clock: Freeze) -> Scene:
    frozen_clock(AFTERNOON)
    return make_scene(cast)


def closest(cast: Cast, purpose: str, minutes: int, **more: Any) -> DuePlan:
    """A plan for the unit alone, so that it counts before those of the house."""
    given: dict[str, Any] = {
        "purpose": purpose,
        "amount": minutes,
        "unit": "business_minutes",
        "name": "加急",
    }
    return add_plan(**cast.admin.acting, terms=PlanTerms(**(given | more)))


def lengthen(cast: Cast, plan: DuePlan, minutes: int) -> None:
    terms = PlanTerms(
        purpose=plan.purpose,
        tier=plan.tier,
        org_unit=plan.org_unit,
        amount=minutes,
        unit="business_minutes",
        name=plan.name,
    )
    change_plan(**cast.admin.acting, plan_id=plan.pk, terms=terms)
    run_recounts()


def bells(kind: str) -> int:
    return Notification.objects.filter(kind=kind).count()


# Notices


def urgent(scene: Scene, minutes: int = 60) -> DuePlan:
    return closest(scene.cast, "notice", minutes, tier="vip", org_unit=scene.quality.pk)


def test_a_changed_plan_moves_open_notices_under_it_and_nothing_else(scene: Scene) -> None:
    owed, done = send(scene), send(scene)
    answered(scene, done)
    before = Notice.objects.values().get(pk=done.pk)
    urgent(scene)
    assert run_recounts() == 1
    fresh = Notice.objects.get(pk=owed.pk)
    assert fresh.due_at == AFTERNOON + timedelta(minutes=60)
    assert (fresh.due_explanation or {})["rule"] == "加急"
    assert Notice.objects.values().get(pk=done.pk) == before
    line = CaseEvent.objects.get(data__line="complaints.notice_recounted")
    assert line.data["number"] == owed.number
    audit = AuditRow.objects.get(action="complaints.notice.recount")
    assert "due_at" in audit.payload
    page = scene.cast.lin.client().get(reverse("desk:case", args=[scene.case.number]))
    assert (
        f"通知单 {owed.number} 的答复时限由 11-25 09:26 改为 11-24 15:26" in page.content.decode()
    )
    assert run_recounts() == 0
    assert CaseEvent.objects.filter(data__line="complaints.notice_recounted").count() == 1


def test_a_notice_put_off_is_told_of_again_when_it_passes_again(
    scene: Scene, frozen_clock: Freeze
) -> None:
    plan = urgent(scene)
    notice = send(scene)
    frozen_clock(notice.due_at)
    watch_notices()
    assert bells("complaints.notice_overdue") == 1
    lengthen(scene.cast, plan, 150)
    fresh = Notice.objects.get(pk=notice.pk)
    assert (fresh.warned_at, fresh.overdue_told_at, fresh.escalated_at) == (None, None, None)
    assert watch_notices() == 0
    assert fresh.due_warn_at is not None
    frozen_clock(fresh.due_warn_at)
    assert watch_notices() == 1
    frozen_clock(fresh.due_at)
    assert watch_notices() == 1
    assert watch_notices() == 0
    assert (bells("complaints.notice_warn"), bells("complaints.notice_overdue")) == (1, 2)


def test_a_notice_that_stays_late_is_not_told_of_twice(scene: Scene, frozen_clock: Freeze) -> None:
    plan = urgent(scene)
    notice = send(scene)
    frozen_clock(AFTERNOON + timedelta(minutes=100))
    watch_notices()
    lengthen(scene.cast, plan, 90)
    assert Notice.objects.get(pk=notice.pk).due_at == AFTERNOON + timedelta(minutes=90)
    assert watch_notices() == 0
    assert bells("complaints.notice_overdue") == 1


def test_a_warning_given_is_not_given_again_while_it_lies_behind(
    scene: Scene, frozen_clock: Freeze
) -> None:
    plan = urgent(scene, 100)
    send(scene)
    frozen_clock(AFTERNOON + timedelta(minutes=90))
    assert watch_notices() == 1
    lengthen(scene.cast, plan, 110)
    assert watch_notices() == 0
    assert bells("complaints.notice_warn") == 1


def test_without_the_plan_the_next_one_counts_and_all_is_recounted_on_request(
    scene: Scene,
) -> None:
    plan = urgent(scene)
    notice = send(scene)
    remove_plan(**scene.cast.admin.acting, plan_id=plan.pk)
    assert run_recounts() == 1
    assert Notice.objects.get(pk=notice.pk).due_at == AFTERNOON + timedelta(hours=19)
    recount_everything(**scene.cast.admin.acting)
    assert run_recounts() == 0
    looked_at = dict(DueRecount.objects.filter(purpose="").values_list("kind", "total"))
    assert looked_at == {"cases": 1, "notices": 1, "visits": 0, "requests": 0}


def test_a_plan_for_elsewhere_looks_at_none(scene: Scene) -> None:
    send(scene)
    for scope in ({"org_unit": scene.cast.shangqiu.pk}, {"channel": "web"}, {"subject": "repair"}):
        closest(scene.cast, "notice", 10, **scope)
    assert run_recounts() == 0
    assert set(DueRecount.objects.values_list("total", flat=True)) == {0}


# Visits


@pytest.fixture
def visit(cast: Cast, frozen_clock: Freeze) -> FollowUp:
    frozen_clock(AFTERNOON)
    return visit_of(close(cast.lin, open_other(cast.lin, cast.chen.pk)))


def soon(cast: Cast, minutes: int = 60) -> DuePlan:
    return closest(cast, "follow_up", minutes, org_unit=cast.zhoukou.pk)


def test_a_changed_plan_moves_visits_still_to_be_made(cast: Cast, visit: FollowUp) -> None:
    other = visit_of(close(cast.lin, open_other(cast.lin, cast.chen.pk)))
    call_off(**cast.wang.acting, follow_up_id=other.pk, reason="已经当面问过")
    ended = FollowUp.objects.values().get(pk=other.pk)
    soon(cast)
    assert run_recounts() == 1
    fresh = FollowUp.objects.get(pk=visit.pk)
    assert fresh.due_at == fresh.plan_at == AFTERNOON + timedelta(minutes=60)
    assert fresh.remind_at == fresh.due_warn_at == AFTERNOON + timedelta(minutes=45)
    assert FollowUp.objects.values().get(pk=other.pk) == ended
    assert AuditRow.objects.filter(action="care.follow_up.recount").count() == 1
    page = cast.lin.client().get(reverse("desk:case", args=[visit.case.number]))
    assert "回访时限由 11-25 17:30 改为 11-24 15:26" in page.content.decode()
    assert run_recounts() == 0


def test_a_time_agreed_with_the_customer_stands(
    cast: Cast, visit: FollowUp, frozen_clock: Freeze
) -> None:
    agreed = AFTERNOON + timedelta(days=1)
    record_attempt(**cast.lin.acting, follow_up_id=visit.pk, next_try_at=agreed)
    soon(cast)
    assert run_recounts() == 1
    fresh = FollowUp.objects.get(pk=visit.pk)
    assert fresh.due_at == AFTERNOON + timedelta(minutes=60)
    assert (fresh.plan_at, fresh.next_try_at, fresh.remind_at) == (agreed, agreed, agreed)
    frozen_clock(agreed)
    assert (remind_due(), remind_due()) == (1, 0)


def test_the_bell_of_a_visit_rings_again_only_for_what_lies_ahead(
    cast: Cast, visit: FollowUp, frozen_clock: Freeze
) -> None:
    plan = soon(cast)
    run_recounts()
    frozen_clock(AFTERNOON + timedelta(minutes=50))
    assert remind_due() == 1
    lengthen(cast, plan, 64)
    assert FollowUp.objects.get(pk=visit.pk).remind_at is None, "rung, and still behind us"
    lengthen(cast, plan, 80)
    assert FollowUp.objects.get(pk=visit.pk).remind_at == AFTERNOON + timedelta(minutes=60)
    frozen_clock(AFTERNOON + timedelta(minutes=60))
    assert (remind_due(), remind_due()) == (1, 0)
    assert bells("care.due") == 2


def test_a_second_visit_keeps_its_three_days(cast: Cast, visit: FollowUp) -> None:
    partly = Outcome("partly", missing="还差一个螺丝")
    record_result(**cast.lin.acting, follow_up_id=visit.pk, outcome=partly)
    before = FollowUp.objects.values().get(pk=visit_of(visit.case).pk)
    soon(cast)
    assert run_recounts() == 0
    assert FollowUp.objects.values().get(pk=before["id"]) == before


# Requests about personal data


def shorter(cast: Cast, minutes: int = 240) -> DuePlan:
    return closest(cast, "data_request", minutes, org_unit=cast.zhoukou.pk)


def test_a_changed_plan_moves_open_requests(cast: Cast, frozen_clock: Freeze) -> None:
    frozen_clock(AFTERNOON)
    request, ended = take(cast), take(cast, "view")
    take_back(**cast.wang.acting, number=ended.number)
    before = DataRequest.objects.values().get(pk=ended.pk)
    shorter(cast)
    assert run_recounts() == 1
    fresh = DataRequest.objects.get(pk=request.pk)
    assert fresh.due_at == AFTERNOON + timedelta(hours=19)
    assert fresh.remind_at == fresh.warn_at != request.warn_at
    assert DataRequest.objects.values().get(pk=ended.pk) == before
    step = fresh.steps.get(kind="recounted")
    assert step.data["plan"] == "加急"
    assert AuditRow.objects.filter(action="privacy.request.recounted").count() == 1
    page = cast.wang.client().get(reverse("privacy:request", args=[request.number]))
    assert "由 12-15 17:30 改为 11-25 09:26" in page.content.decode()
    assert run_recounts() == 0


def test_a_request_put_off_is_told_of_again_and_one_still_late_is_not(
    cast: Cast, frozen_clock: Freeze
) -> None:
    frozen_clock(AFTERNOON)
    plan = shorter(cast, 60)
    request = take(cast)
    for minutes in (50, 61):
        frozen_clock(AFTERNOON + timedelta(minutes=minutes))
        assert remind() == 1
    lengthen(cast, plan, 55)
    assert DataRequest.objects.get(pk=request.pk).remind_at is None
    assert remind() == 0
    # Due again, but the warning of the new time lies behind and was given.
    lengthen(cast, plan, 70)
    assert DataRequest.objects.get(pk=request.pk).remind_at == AFTERNOON + timedelta(minutes=70)
    lengthen(cast, plan, 160)
    fresh = DataRequest.objects.get(pk=request.pk)
    assert fresh.remind_at == fresh.warn_at == AFTERNOON + timedelta(minutes=120)
    for minutes in (120, 160):
        frozen_clock(AFTERNOON + timedelta(minutes=minutes))
        assert (remind(), remind()) == (1, 0)
    handlers = 2
    assert bells("privacy.due") == bells("privacy.overdue") == 2 * handlers


def test_without_any_plan_a_request_falls_back_to_fifteen_days(
    cast: Cast, frozen_clock: Freeze
) -> None:
    frozen_clock(AFTERNOON)
    request = take(cast)
    house = DuePlan.objects.get(purpose="data_request")
    remove_plan(**cast.admin.acting, plan_id=house.pk)
    assert run_recounts() == 1
    fresh = DataRequest.objects.get(pk=request.pk)
    assert (fresh.due_at, fresh.due_explanation) == (AFTERNOON + timedelta(days=15), None)
    assert fresh.remind_at == fresh.due_at


# The page


@pytest.mark.parametrize(
    ("purpose", "said"),
    [
        ("notice", "有 1 件待答复的通知单"),
        ("follow_up", "有 1 件待完成的回访"),
        ("data_request", "有 1 件未办结的个人信息请求"),
    ],
)
def test_the_page_of_a_plan_says_how_many_it_touches(scene: Scene, purpose: str, said: str) -> None:
    send(scene)
    close(scene.cast.lin, open_other(scene.cast.lin, scene.cast.chen.pk))
    take(scene.cast)
    given = {
        "purpose": purpose, "subject": "", "tier": "", "channel": "",
        "org_unit": str(scene.cast.company.pk), "amount": "2", "unit": "business_hours",
        "calendar": "", "warn_percent": "60", "name": "", "source": "", "source_on": "",
    }  # fmt: skip
    answer = scene.cast.admin.client().post(reverse("web:due-plan-add"), given)
    assert said in answer.content.decode()
