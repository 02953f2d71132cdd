"""Whose hours count: a notice is counted, told and measured in those of the unit that is asked."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.cast import Cast, make_staff, make_unit
from tests.complaints.notice_scene import AFTERNOON, Scene, answered, make_scene, send
from zhike.accounts.models import Unit
from zhike.complaints.models import Notice
from zhike.complaints.selectors.guide import guide_of
from zhike.complaints.services.notice_alarms import watch_notices
from zhike.core.calendar.plan_services import PlanTerms, add_plan
from zhike.core.calendar.units import set_unit_calendar
from zhike.core.models import CalendarWindow, Notification, WorkCalendar

pytestmark = pytest.mark.django_db
Freeze = Callable[[datetime], None]
# 20:00 to 24:00 in Shanghai, every day.
TONIGHT = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


@pytest.fixture
def scene(cast: Cast, frozen_clock: Freeze) -> Scene:
    frozen_clock(AFTERNOON)
    return make_scene(cast)


@pytest.fixture
def night(given) -> WorkCalendar:
    with given():
        calendar = WorkCalendar.objects.create(name="夜班", zone="Asia/Shanghai", version=5)
        CalendarWindow.objects.bulk_create(
            CalendarWindow(calendar=calendar, weekday=day, start=1200, end=1440) for day in range(7)
        )
    return calendar


def works_at_night(cast: Cast, unit: Unit, night: WorkCalendar) -> None:
    set_unit_calendar(**cast.admin.acting, unit_id=unit.pk, calendar_id=night.pk)


def bells(kind: str) -> int:
    return Notification.objects.filter(kind=f"complaints.{kind}").count()


def test_an_answer_is_due_and_measured_in_the_hours_of_the_department(
    scene: Scene, night: WorkCalendar, frozen_clock: Freeze
) -> None:
    by_day = send(scene)
    works_at_night(scene.cast, scene.quality, night)
    notice = send(scene)
    assert by_day.due_at == AFTERNOON + timedelta(hours=19)
    assert notice.due_at == TONIGHT + timedelta(hours=4)
    assert (notice.due_explanation or {})["calendar"]["name"] == "夜班"
    frozen_clock(TONIGHT + timedelta(minutes=90))
    assert answered(scene, notice).answer_minutes == 90


def test_each_is_told_when_its_own_department_is_at_work(
    scene: Scene, night: WorkCalendar, frozen_clock: Freeze
) -> None:
    repair = make_unit("售后部", scene.cast.company, "department")
    li = make_staff("4002", "李工", repair, "department_owner")
    works_at_night(scene.cast, scene.quality, night)
    late, early = send(scene), send(scene, unit_id=repair.pk, person_id=li.user.pk)
    with_night = late.due_warn_at
    assert with_night is not None
    frozen_clock(with_night)
    assert watch_notices() == 1
    warned = Notice.objects.filter(warned_at__isnull=False)
    assert list(warned.values_list("pk", flat=True)) == [late.pk]
    # Over since midnight, when the night shift went home; the day shift's own warning comes in the morning.
    frozen_clock(early.due_at - timedelta(minutes=1))
    assert watch_notices() == 1
    assert Notice.objects.get(pk=early.pk).warned_at is not None
    assert Notice.objects.get(pk=late.pk).overdue_told_at is None
    frozen_clock(TONIGHT + timedelta(days=1))
    watch_notices()
    assert Notice.objects.get(pk=late.pk).overdue_told_at is not None
    assert Notice.objects.get(pk=early.pk).overdue_told_at is None, "they are at home"


def test_the_superior_hears_of_it_after_four_hours_of_the_departments_own(
    scene: Scene, night: WorkCalendar, frozen_clock: Freeze
) -> None:
    works_at_night(scene.cast, scene.quality, night)
    notice = send(scene)
    last = TONIGHT + timedelta(days=1, hours=3, minutes=59)
    frozen_clock(last)
    watch_notices()
    assert Notice.objects.get(pk=notice.pk).escalated_at is None
    frozen_clock(TONIGHT + timedelta(days=2))
    watch_notices()
    assert Notice.objects.get(pk=notice.pk).escalated_at is not None
    assert bells("notice_escalated") == 1


def test_a_plan_for_a_channel_and_a_department_counts(scene: Scene) -> None:
    closest = PlanTerms(
        purpose="notice",
        tier="vip",
        channel="phone",
        org_unit=scene.quality.pk,
        amount=30,
        unit="business_minutes",
    )
    add_plan(**scene.cast.admin.acting, terms=closest)
    assert send(scene).due_at == AFTERNOON + timedelta(minutes=30)
    repair = make_unit("售后部", scene.cast.company, "department")
    li = make_staff("4002", "李工", repair, "department_owner")
    elsewhere = send(scene, unit_id=repair.pk, person_id=li.user.pk)
    assert elsewhere.due_at > AFTERNOON + timedelta(hours=4)


def test_many_departments_cost_a_round_no_statement_more(
    scene: Scene, night: WorkCalendar, frozen_clock: Freeze
) -> None:
    """None of them is told anything; a second round asks for no calendar."""
    units = [make_unit(f"部门 {n}", scene.cast.company, "department") for n in range(6)]
    for n, unit in enumerate(units):
        works_at_night(scene.cast, unit, night)
        owner = make_staff(f"41{n:02}", f"负责人 {n}", unit, "department_owner")
        send(scene, unit_id=unit.pk, person_id=owner.user.pk)
    morning = AFTERNOON + timedelta(hours=20)
    frozen_clock(morning)
    assert watch_notices() == 0
    with CaptureQueriesContext(connection) as asked:
        assert watch_notices() == 0
    # The stamp, and per alarm the bite and that there is no other.
    assert len(asked.captured_queries) <= 1 + 2 * 4, [q["sql"] for q in asked.captured_queries]


def test_the_guide_counts_in_the_hours_of_the_cases_unit(
    scene: Scene, night: WorkCalendar, frozen_clock: Freeze
) -> None:
    at_nine = TONIGHT + timedelta(hours=1)
    frozen_clock(at_nine)
    guide = guide_of(scene.case)
    assert guide is not None
    assert guide.now is not None
    in_the_afternoon = guide.now.minutes
    works_at_night(scene.cast, scene.cast.zhoukou, night)
    guide = guide_of(scene.case)
    assert guide is not None
    assert guide.now is not None
    assert (in_the_afternoon, guide.now.minutes) == (184, 60)


def test_the_form_says_by_when_and_whose_hours_count(scene: Scene, night: WorkCalendar) -> None:
    url = reverse("notices:send", args=[scene.case.number])
    client = scene.cast.lin.client()
    assert "所问部门" not in client.get(url).content.decode()
    works_at_night(scene.cast, scene.quality, night)
    page = client.get(url).content.decode()
    assert "11-25 09:26" in page
    assert "所问部门" in page
    # A plan for the whole company is one of the house.
    of_all = PlanTerms(
        purpose="notice", tier="vip", org_unit=scene.cast.company.pk, amount=2, unit="business_days"
    )
    add_plan(**scene.cast.admin.acting, terms=of_all)
    assert "11-26 17:30" in client.get(url).content.decode()
    page = client.post(url, {"unit": scene.quality.pk}).content.decode()
    assert "11-27 00:00" in page
    assert "所问部门" not in page
    assert client.post(url, {"unit": "²"}).status_code == 422
