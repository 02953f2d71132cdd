"""Two at once on one notice: one answers, the other learns of it."""

import pytest
from django.apps import apps

from tests.cast import make_cast, make_staff
from tests.complaints.notice_scene import AFTERNOON, Scene, answered, make_scene, send
from tests.desk.conftest import _planted as _planted
from tests.desk.test_races import at_once, conflicts
from tests.transactions import real_transactions  # noqa: F401
from zhike.complaints.cause_seeds import plant
from zhike.complaints.models import Cause, Complaint, Notice
from zhike.complaints.services import causes as cause_service
from zhike.complaints.services import notices as service
from zhike.complaints.services.notice_alarms import Hours, _tell_overdue
from zhike.core import clock
from zhike.core.errors import Conflict, RuleError
from zhike.core.models import CountRow, Notification
from zhike.desk.models import Case, CaseEvent

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def scene(real_transactions: None, _planted: None, given, frozen_clock) -> Scene:  # noqa: F811
    frozen_clock(AFTERNOON)  # The answers promise something for a day soon after.
    with given():
        plant(apps)
    return make_scene(make_cast())


def lines(kind: str) -> int:
    return CaseEvent.objects.filter(data__line=f"complaints.{kind}").count()


def test_of_two_answers_one_stands(scene: Scene) -> None:
    notice = send(scene)
    deputy = make_staff("4002", "副手", scene.quality, "department_owner")
    results = at_once(
        [
            lambda: answered(scene, notice, action="换密封圈"),
            lambda: answered(scene, notice, by=deputy, action="换控制器"),
        ]
    )
    lost = list(conflicts(results))
    fresh = Notice.objects.get(pk=notice.pk)
    assert [conflict.code for conflict in lost] == ["answered"]
    assert lost[0].extra["answered_by"] == fresh.answered_by_name
    assert lines("notice_answered") == 1
    assert Case.objects.get(pk=scene.case.pk).state == "open"
    assert Complaint.objects.get(pk=scene.case.pk).open_notices == 0
    cells = CountRow.objects.filter(metric="complaints.notice", state="sent")
    assert sum(cells.values_list("n", flat=True)) == 0


def test_an_answer_and_a_withdrawal_at_once_leave_one_of_them(scene: Scene) -> None:
    notice = send(scene)
    who = scene.cast.lin.acting
    results = at_once(
        [
            lambda: answered(scene, notice),
            lambda: service.withdraw_notice(**who, number=notice.number, reason="发错了"),
        ]
    )
    assert len(list(conflicts(results))) == 1
    assert lines("notice_answered") + lines("notice_withdrawn") == 1
    assert Case.objects.get(pk=scene.case.pk).state == "open"


def test_one_form_sent_twice_at_once_makes_one_notice(scene: Scene) -> None:
    results = at_once([lambda: send(scene, submit_key="form") for _each in range(2)])
    assert len({row.pk for row in results}) == 1
    assert Notice.objects.count() == 1


def test_two_jobs_tell_once(scene: Scene, given) -> None:
    notice = send(scene)
    with given():
        Notice.objects.filter(pk=notice.pk).update(due_at=clock.now())
    results = at_once(
        [lambda: _tell_overdue(notice.pk, Hours.at(clock.now())) for _each in range(2)]
    )
    assert sorted(results) == [False, True]
    assert Notification.objects.filter(kind="complaints.notice_overdue").count() == 1


def test_two_causes_moved_below_each_other_at_once_make_no_circle(scene: Scene) -> None:
    who = scene.cast.admin.acting
    one, two = Cause.objects.get(code="product"), Cause.objects.get(code="service")

    def move(cause: Cause, below: Cause) -> object:
        try:
            return cause_service.move_cause(**who, cause_id=cause.pk, parent_id=below.pk)
        except RuleError as refused:
            return Conflict(refused.code, refused.message)

    results = at_once([lambda: move(one, two), lambda: move(two, one)])
    assert [conflict.code for conflict in conflicts(results)] == ["cause_below_itself"]
    for row in Cause.objects.all():
        above = row.parent.path if row.parent else "/"
        assert row.path == f"{above}{row.pk}/"
