"""Notices: sent, answered by the right people alone, reminded of, given back, withdrawn, checked."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from tests.cast import Cast, Staff, make_staff, make_unit
from tests.complaints.conftest import open_complaint
from tests.complaints.notice_scene import (
    AFTERNOON,
    ANSWER,
    Scene,
    answered,
    make_scene,
    send,
)
from zhike.complaints.models import Cause, Complaint, Notice
from zhike.complaints.services import causes as cause_service
from zhike.complaints.services import notices as service
from zhike.complaints.services.notice_answers import answer_notice
from zhike.core import clock
from zhike.core.access import Forbidden
from zhike.core.errors import Conflict, NotFound, RuleError
from zhike.core.models import AuditRow, CountRow, Notification
from zhike.customers.models import TimelineEntry
from zhike.desk import services as desk
from zhike.desk.models import Case, CaseEvent

pytestmark = pytest.mark.django_db
Freeze = Callable[[datetime], None]


@pytest.fixture
def scene(cast: Cast, frozen_clock: Freeze) -> Scene:
    frozen_clock(AFTERNOON)
    return make_scene(cast)


def state_of(scene: Scene) -> str:
    return Case.objects.get(pk=scene.case.pk).state


def bell(person: Staff) -> list[str]:
    rows = Notification.objects.filter(user_id=person.user.pk).order_by("pk")
    return list(rows.values_list("kind", flat=True))


def owed(person: Staff) -> int:
    rows = CountRow.objects.filter(
        metric="complaints.notice", state="sent", owner_id=person.user.pk
    )
    return sum(rows.values_list("n", flat=True))


# Sending


def test_a_notice_makes_the_case_wait_and_tells_the_person(scene: Scene) -> None:
    notice = send(scene)
    assert notice.number.startswith("TZ20261124")
    assert (notice.state, notice.unit_id) == ("sent", scene.quality.pk)
    assert state_of(scene) == "waiting_department"
    assert Complaint.objects.get(pk=scene.case.pk).open_notices == 1
    assert bell(scene.zhang) == ["complaints.notice_sent"]
    line = CaseEvent.objects.get(case=scene.case, data__line="complaints.notice_sent")
    assert (line.text, line.data["person"]) == ("控制器进水，请查明。", "张工")
    assert TimelineEntry.objects.filter(kind="complaints.notice").count() == 1
    assert AuditRow.objects.filter(action="complaints.notice.send").count() == 1
    assert owed(scene.zhang) == 1


def test_the_due_time_follows_the_tier_and_explains_itself(scene: Scene) -> None:
    notice = send(scene)
    # Chen is VIP: four working hours from Tuesday 14:26 reach into Wednesday morning.
    assert clock.local(notice.due_at).date() == date(2026, 11, 25)
    assert notice.due_explanation is not None
    assert notice.due_explanation["purpose"] == "notice"
    assert notice.due_warn_at is not None
    assert AFTERNOON < notice.due_warn_at < notice.due_at


def test_any_case_can_have_one(scene: Scene) -> None:
    cast = scene.cast
    case = desk.open_case(
        **cast.lin.acting, new=desk.NewCase(type_code="repair", channel="phone", text="后桥异响")
    ).case
    notice = send(scene, case=case)
    assert Case.objects.get(pk=case.pk).state == "waiting_department"
    answered(scene, notice)
    assert Case.objects.get(pk=case.pk).state == "open"


def test_sent_twice_by_one_form_is_one(scene: Scene) -> None:
    first, second = send(scene, submit_key="form-1"), send(scene, submit_key="form-1")
    assert first.pk == second.pk
    assert send(scene, submit_key="form-2").pk != first.pk
    assert Notice.objects.count() == 2


def test_who_may_not_send(scene: Scene) -> None:
    with pytest.raises(NotFound):
        send(scene, by=scene.cast.zhou)
    with pytest.raises(Forbidden):
        send(scene, by=make_staff("3001", "培训赵", scene.cast.company, "trainer"))
    colleague = make_staff("1007", "高翔", scene.cast.zhoukou)
    with pytest.raises(RuleError):
        send(scene, by=colleague)
    assert not Notice.objects.exists()
    assert send(scene, by=scene.cast.wang).sent_by_id == scene.cast.wang.user.pk


def test_whom_one_cannot_address(scene: Scene, given) -> None:
    cast = scene.cast
    gone = make_staff("4003", "离职者", scene.quality, "department_owner")
    with given():
        gone.user.is_active = False
        gone.user.save()
    trainer = make_staff("3001", "培训赵", scene.quality, "trainer")
    for asked, code in (
        ({"person_id": 999_999}, "person_unknown"),
        ({"person_id": gone.user.pk}, "person_unknown"),
        ({"person_id": cast.lin.user.pk}, "person_self"),
        ({"person_id": trainer.user.pk}, "person_may_not"),
        ({"unit_id": 999_999}, "unit_unknown"),
        ({"unit_id": cast.shangqiu.pk}, "person_elsewhere"),
        ({"text": " \n "}, "text_missing"),
        ({"text": "长" * 5001}, "text_too_long"),
    ):
        with pytest.raises(RuleError) as refused:
            send(scene, **asked)
        assert refused.value.code == code
    assert not Notice.objects.exists()
    assert state_of(scene) == "open"


def test_a_unit_above_or_below_the_persons_own_will_do(scene: Scene) -> None:
    lab = make_unit("检测室", scene.quality, "department")
    assert send(scene, unit_id=lab.pk).unit_id == lab.pk
    assert send(scene, unit_id=scene.cast.company.pk).unit_id == scene.cast.company.pk


# Answering


def test_an_answer_brings_the_case_back_and_tells_who_asked(scene: Scene) -> None:
    notice = answered(scene, send(scene))
    assert (notice.state, notice.answered_by_name) == ("answered", "张工")
    assert (notice.action_due, notice.check_due) == (date(2026, 12, 1), date(2026, 12, 8))
    assert state_of(scene) == "open"
    complaint = Complaint.objects.get(pk=scene.case.pk)
    assert complaint.open_notices == 0
    assert complaint.cause_id == notice.cause_id, "nobody had named one before"
    assert "complaints.notice_answered" in bell(scene.cast.lin)
    assert owed(scene.zhang) == 0
    case = Case.objects.get(pk=scene.case.pk)
    assert case.owner_id == scene.cast.lin.user.pk
    event = CaseEvent.objects.get(case=case, data__line="complaints.notice_answered")
    assert event.actor_name == "张工", "the real actor is kept"


def test_the_time_to_the_answer_is_working_time(scene: Scene, frozen_clock: Freeze) -> None:
    notice = send(scene)
    frozen_clock(AFTERNOON + timedelta(minutes=64))
    assert answered(scene, notice).answer_minutes == 64


def test_the_case_waits_until_the_last_answer(scene: Scene) -> None:
    first, second = send(scene), send(scene)
    answered(scene, first)
    assert state_of(scene) == "waiting_department"
    answered(scene, second)
    assert state_of(scene) == "open"


def test_whose_answer_it_is(scene: Scene) -> None:
    notice = send(scene)
    deputy = make_staff("4002", "副手", scene.quality, "department_owner")
    stranger = make_staff(
        "4009", "仓储马", make_unit("仓储部", scene.cast.company), "department_owner"
    )
    with pytest.raises(NotFound):
        answered(scene, notice, by=stranger)
    # Lin sees the notice she sent, and is not the one to answer it.
    with pytest.raises(Forbidden):
        answered(scene, notice, by=scene.cast.lin)
    inspector = make_staff("3002", "质检李", scene.cast.company, "inspector")
    with pytest.raises(Forbidden):
        answered(scene, notice, by=inspector)
    fresh = Notice.objects.get(pk=notice.pk)
    assert (fresh.state, fresh.answered_at) == ("sent", None)
    assert answered(scene, notice, by=deputy).answered_by_name == "副手"


def test_the_sender_does_not_answer_for_the_department_even_within_reach(scene: Scene) -> None:
    notice = send(scene, person_id=scene.cast.wang.user.pk, unit_id=scene.cast.zhoukou.pk)
    with pytest.raises(Forbidden):
        answered(scene, notice, by=scene.cast.lin)
    assert answered(scene, notice, by=scene.cast.wang).state == "answered"


def test_a_second_answer_is_told_who_was_first(scene: Scene) -> None:
    notice = answered(scene, send(scene))
    with pytest.raises(Conflict) as second:
        answered(scene, notice)
    assert second.value.code == "answered"
    assert second.value.extra["answered_by"] == "张工"


BAD_ANSWERS: list[tuple[dict[str, Any], str]] = [
    ({"cause_id": None}, "cause_missing"),
    ({"cause_id": None, "cause_text": "  "}, "cause_missing"),
    ({"cause_id": 999_999}, "cause_unknown"),
    ({"action": " "}, "text_missing"),
    ({"action": "长" * 5001}, "text_too_long"),
    ({"responsible": "\t"}, "text_missing"),
    ({"responsible": "人" * 61}, "text_too_long"),
    ({"action_due": None}, "date_missing"),
    ({"action_due": date(2026, 11, 23)}, "date_past"),
    ({"action_due": date(9999, 12, 31)}, "date_far"),
    ({"check_due": date(2026, 11, 30)}, "check_before_action"),
    ({"check_due": date(9999, 12, 31)}, "date_far"),
]


@pytest.mark.parametrize(("wrong", "code"), BAD_ANSWERS)
def test_an_answer_that_does_not_do_changes_nothing(
    scene: Scene, wrong: dict[str, Any], code: str
) -> None:
    notice = send(scene)
    lines = CaseEvent.objects.count()
    with pytest.raises(RuleError) as refused:
        answered(scene, notice, **wrong)
    assert refused.value.code == code
    assert Notice.objects.get(pk=notice.pk).state == "sent"
    assert CaseEvent.objects.count() == lines
    assert state_of(scene) == "waiting_department"


def test_a_cause_of_ones_own_words_will_do_and_one_switched_off_will_not(scene: Scene) -> None:
    top = Cause.objects.get(code="product")
    cause_service.offer_cause(**scene.cast.admin.acting, cause_id=top.pk, offered=False)
    below = Cause.objects.get(code="product.part")
    notice = send(scene)
    with pytest.raises(RuleError) as refused:
        answered(scene, notice, cause_id=below.pk)
    assert refused.value.code == "cause_unknown"
    row = answered(scene, notice, cause_id=None, cause_text="密封圈老化")
    assert (row.cause_id, row.cause_text) == (None, "密封圈老化")


def test_today_is_not_the_past(scene: Scene) -> None:
    assert answered(scene, send(scene), action_due=date(2026, 11, 24)).state == "answered"


def test_whoever_answers_does_not_become_owner_of_a_case_given_back(scene: Scene) -> None:
    first, second = send(scene), send(scene)
    answered(scene, first)
    answered(scene, second)
    desk.give_back(**scene.cast.lin.acting, case_id=scene.case.pk, reason="换人处理")
    third = service.send_notice(
        **scene.cast.wang.acting,
        case_id=scene.case.pk,
        unit_id=None,
        person_id=scene.zhang.user.pk,
        text="再问一次",
    )
    case = Case.objects.get(pk=scene.case.pk)
    assert case.owner_id == scene.cast.wang.user.pk, "whoever asks has taken it up"
    answered(scene, third)
    assert Case.objects.get(pk=scene.case.pk).owner_id == scene.cast.wang.user.pk


def test_closing_waits_for_the_answer(scene: Scene) -> None:
    notice = send(scene)
    with pytest.raises(RuleError):
        desk.close_case(
            **scene.cast.lin.acting, case_id=scene.case.pk, outcome="solved", text="好了"
        )
    answered(scene, notice)
    desk.merge_cases(
        **scene.cast.wang.acting,
        from_id=scene.case.pk,
        into_id=open_complaint(scene.cast.lin, scene.cast.chen.pk).pk,
        reason="同一件事",
    )
    assert Notice.objects.get(pk=notice.pk).case_id != scene.case.pk


# What the asking side does


def test_a_reminder_goes_out_once_an_hour_and_is_counted(
    scene: Scene, frozen_clock: Freeze
) -> None:
    notice = send(scene)
    press = {**scene.cast.lin.acting, "number": notice.number}
    assert service.remind(**press).reminders == 1
    with pytest.raises(Conflict) as early:
        service.remind(**press)
    assert early.value.code == "reminded"
    frozen_clock(AFTERNOON + timedelta(hours=1))
    assert service.remind(**press).reminders == 2
    assert bell(scene.zhang).count("complaints.notice_reminded") == 2
    with pytest.raises(Forbidden):
        service.remind(**scene.zhang.acting, number=notice.number)
    answered(scene, notice)
    with pytest.raises(Conflict):
        service.remind(**press)


def test_a_withdrawn_notice_is_owed_by_nobody(scene: Scene) -> None:
    notice = send(scene)
    who = {**scene.cast.lin.acting, "number": notice.number}
    with pytest.raises(RuleError):
        service.withdraw_notice(**who, reason=" ")
    with pytest.raises(Forbidden):
        service.withdraw_notice(**scene.zhang.acting, number=notice.number, reason="不想答")
    with pytest.raises(NotFound):
        service.withdraw_notice(**scene.cast.zhou.acting, number=notice.number, reason="别人的")
    row = service.withdraw_notice(**who, reason="发错了部门")
    assert (row.state, row.close_reason) == ("withdrawn", "发错了部门")
    assert state_of(scene) == "open"
    assert owed(scene.zhang) == 0
    assert bell(scene.zhang)[-1] == "complaints.notice_withdrawn"
    with pytest.raises(Conflict) as late:
        answered(scene, notice)
    assert late.value.code == "withdrawn"
    with pytest.raises(Conflict):
        service.withdraw_notice(**who, reason="再撤一次")


def test_an_answered_one_is_not_withdrawn(scene: Scene) -> None:
    notice = answered(scene, send(scene))
    with pytest.raises(Conflict):
        service.withdraw_notice(**scene.cast.lin.acting, number=notice.number, reason="晚了")


def test_an_answer_given_back_is_asked_again_and_kept_in_the_record(
    scene: Scene, frozen_clock: Freeze
) -> None:
    notice = send(scene)
    first_due = notice.due_at
    answered(scene, notice, action="换一批密封圈")
    frozen_clock(AFTERNOON + timedelta(days=1))
    row = service.return_notice(
        **scene.cast.lin.acting, number=notice.number, reason="没有说原因在哪"
    )
    assert (row.state, row.answered_at, row.action, row.cause_id) == ("sent", None, "", None)
    assert row.due_at > first_due
    assert state_of(scene) == "waiting_department"
    assert owed(scene.zhang) == 1
    found = CaseEvent.objects.filter(data__notice=notice.pk).order_by("seq")
    texts = list(found.values_list("text", flat=True))
    assert texts == ["控制器进水，请查明。", "换一批密封圈", "没有说原因在哪"]
    again = answered(scene, row, action="换供应商")
    assert again.answer_minutes == 0, "counted from when it was given back"
    with pytest.raises(Forbidden):
        service.return_notice(**scene.zhang.acting, number=notice.number, reason="自己退")


def test_only_an_answer_nobody_checked_is_given_back(scene: Scene) -> None:
    notice = send(scene)
    back = {**scene.cast.lin.acting, "number": notice.number, "reason": "再想想"}
    with pytest.raises(Conflict):
        service.return_notice(**back)
    answered(scene, notice)
    service.check_notice(**scene.cast.lin.acting, number=notice.number, held=True)
    with pytest.raises(Conflict):
        service.return_notice(**back)


def test_whether_a_measure_holds_is_said_by_others(scene: Scene) -> None:
    notice = answered(scene, send(scene))
    for nobody in (scene.zhang, make_staff("4002", "副手", scene.quality, "department_owner")):
        with pytest.raises(Forbidden):
            service.check_notice(**nobody.acting, number=notice.number, held=True)
    who = {**scene.cast.lin.acting, "number": notice.number}
    with pytest.raises(RuleError):
        service.check_notice(**who, held=False, note=" ")
    row = service.check_notice(**who, held=False, note="上周又进水一台")
    assert (row.state, row.checked_by_name) == ("failed", "林静")
    assert bell(scene.zhang)[-1] == "complaints.notice_failed"
    with pytest.raises(Conflict) as twice:
        service.check_notice(**who, held=True)
    assert twice.value.code == "checked"


def test_a_keeper_who_answered_does_not_check(scene: Scene) -> None:
    notice = send(scene, person_id=scene.cast.wang.user.pk)
    answered(scene, notice, by=scene.cast.wang)
    with pytest.raises(Forbidden):
        service.check_notice(**scene.cast.wang.acting, number=notice.number, held=True)
    assert (
        service.check_notice(**scene.cast.admin.acting, number=notice.number, held=True).state
        == "held"
    )


def test_nothing_is_checked_before_the_answer(scene: Scene) -> None:
    notice = send(scene)
    with pytest.raises(Conflict) as early:
        service.check_notice(**scene.cast.lin.acting, number=notice.number, held=True)
    assert early.value.code == "not_answered"


def test_every_act_is_in_the_log(scene: Scene) -> None:
    notice = send(scene)
    service.remind(**scene.cast.lin.acting, number=notice.number)
    answered(scene, notice)
    service.check_notice(**scene.cast.lin.acting, number=notice.number, held=True)
    done = AuditRow.objects.filter(action__startswith="complaints.notice.").order_by("pk")
    assert [row.action.rpartition(".")[2] for row in done] == ["send", "remind", "answer", "check"]
    assert "控制器" not in "".join(row.payload for row in done), "no words in the log"
    assert set(done.values_list("unit_id", flat=True)) == {scene.quality.pk}


def test_a_measure_that_failed_after_closing_leads_to_a_new_notice(scene: Scene) -> None:
    case = desk.open_case(
        **scene.cast.lin.acting, new=desk.NewCase(type_code="inquiry", channel="phone", text="问")
    ).case
    notice = answered(scene, send(scene, case=case))
    desk.close_case(**scene.cast.lin.acting, case_id=case.pk, outcome="solved", text="好了")
    service.check_notice(**scene.cast.lin.acting, number=notice.number, held=False, note="又来")
    again = send(scene, case=case)
    assert Case.objects.get(pk=case.pk).state == "closed"
    assert answered(scene, again).state == "answered"


def test_an_answer_is_checked_by_the_service_too(scene: Scene) -> None:
    notice = send(scene)
    row = answer_notice(
        **scene.zhang.acting,
        number=notice.number.lower(),
        answer=replace(ANSWER, cause_id=None, cause_text="来料不良", check_due=date(2026, 12, 3)),
    )
    assert row.check_due == date(2026, 12, 3)
    assert AFTERNOON.tzinfo is UTC
