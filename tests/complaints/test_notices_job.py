"""What the job tells by itself: once each, in working hours, and the superior when an answer stays away."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from tests.cast import Cast, Staff, make_staff
from tests.complaints.notice_scene import AFTERNOON, Scene, answered, make_scene, send
from zhike.complaints import notice_tasks
from zhike.complaints.models import Notice
from zhike.complaints.services import notices as service
from zhike.complaints.services.notice_alarms import watch_notices
from zhike.core.jobs import repeating
from zhike.core.models import Notification
from zhike.desk.models import CaseEvent

pytestmark = pytest.mark.django_db
Freeze = Callable[[datetime], None]
# Chen is VIP: four working hours from Tuesday 14:26.
DUE_DAY = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)


@pytest.fixture
def scene(cast: Cast, frozen_clock: Freeze) -> Scene:
    frozen_clock(AFTERNOON)
    return make_scene(cast)


def bell(person: Staff, kind: str) -> int:
    return Notification.objects.filter(user_id=person.user.pk, kind=f"complaints.{kind}").count()


def watch(at: datetime, frozen_clock: Freeze) -> int:
    frozen_clock(at)
    return watch_notices()


def test_nothing_to_tell_is_nothing_told(scene: Scene) -> None:
    assert watch_notices() == 0
    send(scene)
    assert watch_notices() == 0


def test_the_person_is_warned_once(scene: Scene, frozen_clock: Freeze) -> None:
    notice = send(scene)
    assert notice.due_warn_at is not None
    assert watch(notice.due_warn_at, frozen_clock) == 1
    assert watch(notice.due_warn_at + timedelta(minutes=5), frozen_clock) == 0
    assert bell(scene.zhang, "notice_warn") == 1


def test_when_it_is_overdue_the_person_hears_it_once(scene: Scene, frozen_clock: Freeze) -> None:
    notice = send(scene)
    assert watch(notice.due_at, frozen_clock) == 1
    assert watch(notice.due_at + timedelta(minutes=5), frozen_clock) == 0
    assert (bell(scene.zhang, "notice_warn"), bell(scene.zhang, "notice_overdue")) == (0, 1)
    assert Notice.objects.get(pk=notice.pk).escalated_at is None


def four_hours_late(notice: Notice) -> datetime:
    # The next afternoon lies four working hours and more behind the morning it was due.
    return notice.due_at + timedelta(hours=6)


def test_the_superior_is_told_after_four_working_hours(scene: Scene, frozen_clock: Freeze) -> None:
    keeper = make_staff("4090", "品质总监", scene.quality, "supervisor")
    notice = send(scene)
    watch(notice.due_at + timedelta(hours=1), frozen_clock)
    assert Notice.objects.get(pk=notice.pk).escalated_at is None
    watch(four_hours_late(notice), frozen_clock)
    assert Notice.objects.get(pk=notice.pk).escalated_at == four_hours_late(notice)
    assert bell(keeper, "notice_escalated") == 1
    assert bell(scene.cast.lin, "notice_late") == 1
    assert bell(scene.cast.admin, "notice_escalated") == 0, "somebody nearer was there"
    line = CaseEvent.objects.get(data__line="complaints.notice_escalated")
    assert line.data["told"] == ["品质总监"]
    assert line.actor_kind == "system"
    assert watch(four_hours_late(notice) + timedelta(minutes=5), frozen_clock) == 0
    assert bell(keeper, "notice_escalated") == 1


def test_without_a_keeper_nearby_the_units_above_are_told(
    scene: Scene, frozen_clock: Freeze
) -> None:
    chief = make_staff("4091", "副总陈", scene.cast.company, "department_owner")
    notice = send(scene)
    watch(four_hours_late(notice), frozen_clock)
    assert bell(chief, "notice_escalated") == 1
    # The administrator belongs to the company as well, and answers notices there.
    assert bell(scene.zhang, "notice_escalated") == 0


def test_what_is_answered_or_withdrawn_is_left_in_peace(scene: Scene, frozen_clock: Freeze) -> None:
    done, called_off = send(scene), send(scene)
    answered(scene, done)
    service.withdraw_notice(**scene.cast.lin.acting, number=called_off.number, reason="不用了")
    assert watch(four_hours_late(done), frozen_clock) == 0


def test_an_answer_given_back_is_watched_anew(scene: Scene, frozen_clock: Freeze) -> None:
    notice = send(scene)
    watch(notice.due_at, frozen_clock)
    answered(scene, notice)
    row = service.return_notice(
        **scene.cast.lin.acting, number=notice.number, reason="没有写责任人"
    )
    assert (row.warned_at, row.overdue_told_at) == (None, None)
    assert watch(row.due_at, frozen_clock) == 1
    assert bell(scene.zhang, "notice_overdue") == 2


def test_nobody_is_woken_at_night(scene: Scene, frozen_clock: Freeze) -> None:
    notice = send(scene)
    midnight = notice.due_at.replace(hour=16, minute=0)
    assert watch(midnight, frozen_clock) == 0
    sunday = datetime(2026, 11, 29, 4, 0, tzinfo=UTC)
    assert watch(sunday, frozen_clock) == 0


def test_a_measure_is_to_be_checked_on_its_day(scene: Scene, frozen_clock: Freeze) -> None:
    notice = answered(scene, send(scene))
    assert watch(datetime(2026, 12, 7, 4, 0, tzinfo=UTC), frozen_clock) == 0
    # 2026-12-08, 10:00.
    assert watch(datetime(2026, 12, 8, 2, 0, tzinfo=UTC), frozen_clock) == 1
    assert watch(datetime(2026, 12, 8, 2, 10, tzinfo=UTC), frozen_clock) == 0
    assert bell(scene.cast.lin, "notice_to_check") == 1
    assert bell(scene.zhang, "notice_to_check") == 0
    assert Notice.objects.get(pk=notice.pk).check_told_at is not None


def test_many_are_told_in_bites(scene: Scene, frozen_clock: Freeze, monkeypatch) -> None:
    monkeypatch.setattr("zhike.complaints.services.notice_alarms.AT_ONCE", 2)
    notices = [send(scene) for _each in range(5)]
    assert watch(notices[0].due_at, frozen_clock) == 5
    assert bell(scene.zhang, "notice_overdue") == 5


def test_the_job_repeats_every_few_minutes(scene: Scene) -> None:
    jobs = {job.name: job.every_seconds for job in repeating.all_periodic()}
    assert jobs["zhike.complaints.notice_tasks.watch_notices"] == 300
    notice_tasks.watch_notices.func()
