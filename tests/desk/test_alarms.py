"""Warnings before a due time passes and levels after: to whom, when, once, and never at midnight."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.urls import reverse

from tests.cast import Cast, make_staff
from zhike.core.access import Forbidden, everything
from zhike.core.calendar import Due
from zhike.core.errors import Conflict, RuleError
from zhike.core.models import AuditRow, Notification, WorkCalendar
from zhike.core.work import Actor
from zhike.desk import services
from zhike.desk.models import Case, CaseEvent, EscalationLevel
from zhike.desk.services.alarms import watch_clocks
from zhike.desk.services.escalation import add_level, change_level, remove_level

pytestmark = pytest.mark.django_db
# A Monday, nine o'clock in Zhoukou; the first word is owed at eleven, a warning at half past ten.
MONDAY = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
WARNING, DUE = MONDAY + timedelta(minutes=90), MONDAY + timedelta(hours=2)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def case(cast: Cast, frozen_clock) -> Case:
    frozen_clock(MONDAY)
    return opened(cast)


def opened(cast: Cast, **more: Any) -> Case:
    given: dict[str, Any] = {
        "type_code": "repair",
        "channel": "letter",
        "text": "爬坡断电",
        "customer_id": cast.chen.pk,
    }
    new = services.NewCase(**(given | more))
    return services.open_case(**cast.lin.acting, new=new).case


def watch(frozen_clock, moment: datetime) -> int:
    frozen_clock(moment)
    return watch_clocks()


def told(kind: str) -> list[int]:
    rows = Notification.objects.filter(kind=f"desk.{kind}").order_by("pk")
    return list(rows.values_list("user_id", flat=True))


def test_the_owner_is_warned_once(cast: Cast, case: Case, frozen_clock):
    assert case.alarm_at == WARNING
    assert watch(frozen_clock, WARNING - MINUTE) == 0
    assert watch(frozen_clock, WARNING) == 1
    assert told("due_soon") == [cast.lin.user.pk]
    assert watch(frozen_clock, WARNING) == 0
    assert watch(frozen_clock, WARNING + 5 * MINUTE) == 0
    assert told("due_soon") == [cast.lin.user.pk]
    assert Case.objects.get(pk=case.pk).alarm_at == DUE
    assert AuditRow.objects.filter(action="desk.case.alarm", object_id=case.pk).count() == 1
    [note] = Notification.objects.filter(kind="desk.due_soon")
    assert (note.values["number"], note.values["due"]) == (case.number, "11-23 11:00")


def test_a_round_for_one_clock_leaves_the_warnings_of_the_others(
    cast: Cast, case: Case, frozen_clock
):
    """The first word is warned of on the first day, the end of the case only days later."""
    watch(frozen_clock, WARNING)
    assert told("due_soon") == [cast.lin.user.pk]
    services.reply(**cast.lin.acting, case_id=case.pk, text="已安排", expected_seq=None)
    case = Case.objects.get(pk=case.pk)
    end = Due.from_json(case.clocks["resolution"])
    assert case.alarm_at == end.warn_at
    assert end.warn_at is not None
    assert end.at is not None
    assert WARNING < end.warn_at < end.at
    opening = datetime(2026, 11, 25, 0, 30, tzinfo=UTC)
    watch(frozen_clock, max(end.warn_at, opening))
    assert told("due_soon") == [cast.lin.user.pk] * 2
    assert Case.objects.get(pk=case.pk).alarm_at == end.at


def test_without_an_owner_the_supervisors_of_the_unit_are_warned(cast: Cast, frozen_clock):
    frozen_clock(MONDAY)
    opened(cast, keep=False)
    watch(frozen_clock, WARNING)
    assert told("due_soon") == [cast.wang.user.pk]


def test_the_levels_are_told_one_after_the_other_each_once(cast: Cast, case: Case, frozen_clock):
    boss = make_staff("7001", "赵总", cast.company, role="supervisor")
    chief = make_staff("7002", "钱总", cast.company, role="executive")
    watch(frozen_clock, WARNING)
    watch(frozen_clock, DUE)
    assert told("due_over") == [cast.lin.user.pk, cast.wang.user.pk]
    [line] = CaseEvent.objects.filter(case=case, data__line="desk.escalated")
    assert line.data["told"] == ["林静", "王建国"]
    # Sixty working minutes later: noon.
    assert watch(frozen_clock, DUE + 59 * MINUTE) == 0
    assert watch(frozen_clock, DUE + 60 * MINUTE) in (0, 1)
    # The last minute before the break is open, noon itself is not: heard at half past one.
    watch(frozen_clock, datetime(2026, 11, 23, 5, 30, tzinfo=UTC))
    assert told("due_over")[2:] == [boss.user.pk]
    # One working day later, at its close; heard when the next day opens.
    watch(frozen_clock, datetime(2026, 11, 24, 9, 29, tzinfo=UTC))
    assert len(told("due_over")) == 3
    watch(frozen_clock, datetime(2026, 11, 25, 0, 30, tzinfo=UTC))
    assert set(told("due_over")[3:]) == {chief.user.pk, cast.admin.user.pk}
    before = len(told("due_over"))
    assert watch(frozen_clock, datetime(2026, 11, 25, 8, 0, tzinfo=UTC)) == 0
    assert len(told("due_over")) == before
    assert CaseEvent.objects.filter(case=case, data__line="desk.escalated").count() == 3
    page = cast.lin.client().get(reverse("desk:case", args=[case.number])).content.decode()
    assert "已超时（11-23 11:00 到期），通知：林静" in page


def test_nobody_hears_anything_at_midnight(cast: Cast, given, frozen_clock):
    """The case's own clock runs round the clock, its people do not."""
    with given():
        always = WorkCalendar.objects.create(
            name="全天", zone="Asia/Shanghai", always_open=True, version=9
        )
    from zhike.core.models import DuePlan

    with given():
        DuePlan.objects.filter(purpose="first_reply").update(calendar=always)
    night = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
    frozen_clock(night)
    case = opened(cast)
    assert watch(frozen_clock, night + timedelta(minutes=100)) == 0
    assert watch(frozen_clock, night + timedelta(hours=3)) == 0
    assert not Notification.objects.filter(kind__startswith="desk.due").exists()
    opening = datetime(2026, 11, 24, 0, 30, tzinfo=UTC)
    assert Case.objects.get(pk=case.pk).alarm_at == opening
    watch(frozen_clock, opening)
    # Of the passing only: the warning has outlived itself.
    assert told("due_soon") == []
    assert told("due_over") == [cast.lin.user.pk, cast.wang.user.pk]


def test_nothing_after_an_answer_or_the_end(cast: Cast, case: Case, frozen_clock):
    seq = case.seq
    services.reply(**cast.lin.acting, case_id=case.pk, text="已安排", expected_seq=seq)
    assert watch(frozen_clock, DUE + 30 * MINUTE) == 0
    services.close_case(**cast.lin.acting, case_id=case.pk, outcome="solved", text="已修好")
    closed = Case.objects.get(pk=case.pk)
    assert closed.alarm_at is None
    assert watch(frozen_clock, MONDAY + timedelta(days=30)) == 0
    assert not Notification.objects.filter(kind__startswith="desk.due").exists()
    services.receive_message(
        actor=Actor.customer("陈志强"),
        grants=everything("webform"),
        case_id=case.pk,
        text="谢谢",
        channel="tracking",
    )
    assert watch(frozen_clock, MONDAY + timedelta(days=31)) == 0


def test_a_pause_holds_the_alarm_back(cast: Cast, case: Case, frozen_clock):
    services.wait_for_customer(**cast.lin.acting, case_id=case.pk, reason="请补照片")
    assert Case.objects.get(pk=case.pk).alarm_at is None
    assert watch(frozen_clock, DUE) == 0


def test_clocks_that_speak_together_speak_once(cast: Cast, frozen_clock):
    """First word and step one of a complaint are both owed within the hour."""
    frozen_clock(MONDAY)
    opened(cast, type_code="complaint", customer_id=None)
    before = Notification.objects.count()
    watch(frozen_clock, MONDAY + 45 * MINUTE)
    notes = list(Notification.objects.filter(kind="desk.due_soon"))
    assert len(notes) == 1
    assert "、" in notes[0].values["what"]
    assert Notification.objects.count() == before + 1


def test_the_next_word_is_warned_of_anew_each_time(cast: Cast, case: Case, frozen_clock):
    for day in (0, 1):
        start = MONDAY + timedelta(days=day)
        frozen_clock(start)
        seq = Case.objects.get(pk=case.pk).seq
        services.reply(**cast.lin.acting, case_id=case.pk, text="已安排", expected_seq=seq)
        services.receive_message(
            actor=Actor.customer("陈志强"),
            grants=everything("webform"),
            case_id=case.pk,
            text="几点来？",
            channel="tracking",
        )
        # Three of four working hours: from nine to noon.
        watch(frozen_clock, start + timedelta(hours=3) - MINUTE)
        watch(frozen_clock, start + timedelta(hours=4, minutes=30))
    whats = Notification.objects.filter(kind="desk.due_soon").values_list("values", flat=True)
    assert [values["what"] for values in whats] == ["再次答复", "再次答复"]


def test_a_warning_does_not_stir_the_queue(cast: Cast, case: Case, frozen_clock):
    from zhike.core.models import LiveTopic

    topic = LiveTopic.objects.get(name=f"queue:{cast.zhoukou.pk}").seq
    watch(frozen_clock, WARNING)
    assert LiveTopic.objects.get(name=f"queue:{cast.zhoukou.pk}").seq == topic
    assert Case.objects.get(pk=case.pk).seq == case.seq


# Levels


def level(**more: Any) -> dict[str, Any]:
    return {"amount": 30, "unit": "business_minutes", "receivers": ["owner"]} | more


def test_a_level_added_later_tells_what_is_over_and_nothing_twice(
    cast: Cast, case: Case, frozen_clock
):
    watch(frozen_clock, DUE)
    assert len(told("due_over")) == 2
    frozen_clock(DUE + 40 * MINUTE)
    add_level(**cast.admin.acting, **level())
    assert watch_clocks() == 1
    assert told("due_over")[2:] == [cast.lin.user.pk]
    assert watch_clocks() == 0


@pytest.mark.parametrize(
    "wrong",
    [
        {"amount": -1},
        {"amount": 10_081},
        {"amount": 0, "unit": "business_days"},
        {"unit": "calendar_days"},
        {"unit": "x"},
        {"receivers": []},
        {"receivers": ["owner", "'; --"]},
    ],
)
def test_what_makes_no_level_is_refused(cast: Cast, wrong: dict[str, Any]):
    before = list(EscalationLevel.objects.values())
    with pytest.raises(RuleError):
        add_level(**cast.admin.acting, **level(**wrong))
    address = reverse("desk:escalation")
    posted = level(**wrong)
    assert cast.admin.client().post(address, posted).status_code == 422
    assert list(EscalationLevel.objects.values()) == before


def test_levels_are_kept_by_who_may_change_settings(cast: Cast):
    admin, first = cast.admin.client(), EscalationLevel.objects.all()[0]
    with pytest.raises(Conflict):
        add_level(**cast.admin.acting, **level(amount=0))
    for call in (
        lambda: add_level(**cast.wang.acting, **level()),
        lambda: change_level(**cast.wang.acting, level_id=first.pk, **level()),
        lambda: remove_level(**cast.wang.acting, level_id=first.pk),
    ):
        with pytest.raises(Forbidden):
            call()
    assert cast.wang.client().get(reverse("desk:escalation")).status_code == 403
    assert admin.post(reverse("desk:escalation"), level()).status_code == 302
    made = EscalationLevel.objects.get(after_amount=30)
    address = reverse("desk:escalation-level", args=[made.pk])
    assert admin.get(address).status_code == 200
    assert admin.post(address, level(receivers=["executives", "owner"])).status_code == 302
    made.refresh_from_db()
    assert made.receivers == ["owner", "executives"]
    assert admin.post(reverse("desk:escalation-remove", args=[made.pk])).status_code == 302
    assert admin.get(address).status_code == 404
    assert AuditRow.objects.filter(action__startswith="desk.escalation.").count() == 3


def test_what_an_import_brings_late_is_told_to_nobody_what_follows_is(cast: Cast, frozen_clock):
    """Three days late already; the end is still to come."""
    frozen_clock(MONDAY)
    case = opened(cast, opened_at=MONDAY - timedelta(days=5), import_run_id=1)
    assert case.first_reply_due_at is not None
    assert case.first_reply_due_at < MONDAY
    end = case.resolution_due_at
    assert end is not None
    assert end > MONDAY
    watch(frozen_clock, MONDAY + MINUTE)
    assert told("due_over") == []
    assert not CaseEvent.objects.filter(case=case, data__line="desk.escalated").exists()
    # A level nobody had when it came, but reached before: passed over as well.
    add_level(**cast.admin.acting, amount=2, unit="business_days", receivers=["administrators"])
    watch(frozen_clock, MONDAY + 2 * MINUTE)
    assert told("due_over") == []
    # The end was five in the afternoon; she hears of it in the morning.
    watch(frozen_clock, end)
    watch(frozen_clock, end + timedelta(hours=16))
    assert cast.lin.user.pk in told("due_over")
