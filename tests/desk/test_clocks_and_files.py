"""Due times with their explanation; files; what other rooms are told."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.cast import Cast, make_staff
from tests.desk.conftest import OpenCase
from zhike.core import events as wires
from zhike.core.calendar.due import LineKind
from zhike.core.errors import NotFound, RuleError
from zhike.core.files import file_path, store_file
from zhike.core.work import Actor
from zhike.desk import events, selectors, services
from zhike.desk.models import Attachment, Case
from zhike.desk.services.clocks import NEVER, explained
from zhike.desk.slots import ADAPTERS, GATES, ClosingGate, DeliveryAdapter

# Monday 2026-11-23, 09:00 in Shanghai; the desk is open 8:30–12:00 and 13:30–17:30.
MONDAY = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)

Freeze = Callable[[datetime], None]


def again(cast: Cast, case: Case) -> Case:
    return selectors.load_case(cast.admin.grants, case.pk)


def test_a_letter_is_owed_a_first_word_within_working_time(
    cast: Cast, open_case: OpenCase, frozen_clock: Freeze
):
    frozen_clock(MONDAY)
    case = open_case(customer_id=None, channel="letter")
    # Complaints: one working hour.
    assert case.due_at == MONDAY + timedelta(hours=1)
    assert case.due_warn_at == MONDAY + timedelta(minutes=45)
    due = explained(case)
    assert due is not None
    assert (due.rule, due.at, due.amount) == ("投诉", case.due_at, 60)
    assert sum(line.minutes for line in due.explanation) == 60


def test_waiting_for_the_customer_is_a_pause_in_the_account(
    cast: Cast, open_case: OpenCase, frozen_clock: Freeze
):
    frozen_clock(MONDAY)
    case = open_case(type_code="inquiry", channel="letter", customer_id=None)
    me = {**cast.lin.acting, "case_id": case.pk}
    before = case.due_at
    assert before == MONDAY + timedelta(hours=2)
    frozen_clock(MONDAY + timedelta(minutes=30))
    services.wait_for_customer(**me, reason="请补拍故障码")
    paused = again(cast, case)
    assert (paused.due_at, paused.queue_at) == (None, NEVER)
    assert not selectors.my_day_rows(cast.lin.grants, "overdue").exists()
    frozen_clock(MONDAY + timedelta(minutes=75))
    services.receive_message(
        actor=Actor.customer(), grants=cast.admin.grants, case_id=case.pk, text="照片在此",
        channel="tracking",
    )  # fmt: skip
    resumed = again(cast, case)
    assert resumed.due_at == before + timedelta(minutes=45)
    due = explained(resumed)
    assert due is not None
    (pause,) = [line for line in due.explanation if line.kind is LineKind.PAUSE]
    assert pause.label == "请补拍故障码"


def test_the_end_stops_the_clock_and_a_new_round_starts_it_anew(
    cast: Cast, open_case: OpenCase, frozen_clock: Freeze
):
    frozen_clock(MONDAY)
    case = open_case(type_code="inquiry")
    services.close_case(**cast.lin.acting, case_id=case.pk, outcome="answered", text="已说明")
    closed = again(cast, case)
    assert (closed.due_at, closed.due_what, explained(closed)) == (None, "", None)
    frozen_clock(MONDAY + timedelta(days=7))
    services.reopen(**cast.lin.acting, case_id=case.pk, reason="客户又来电")
    reopened = again(cast, case)
    assert reopened.due_from == MONDAY + timedelta(days=7)
    assert reopened.due_at is not None
    assert reopened.due_at > reopened.due_from


def test_another_kind_may_have_another_due_time(cast: Cast, open_case: OpenCase):
    case = open_case(customer_id=None)
    services.change_type(**cast.lin.acting, case_id=case.pk, type_code="return")
    assert again(cast, case).clocks["resolution"]["rule"] == "退货"


def stored(name: str, content: bytes) -> services.NewFile:
    return services.NewFile(store_file(SimpleUploadedFile(name, content)), name)


def test_files_hang_on_their_line_under_a_plain_name(cast: Cast, open_case: OpenCase):
    case = open_case(files=[stored("..\\..\\照片 <1>.png", b"\x89PNG\r\n\x1a\n123")])
    (file,) = Attachment.objects.all()
    assert (file.name, file.content_type, file.size_bytes) == ("照片 <1>.png", "image/png", 11)
    assert file.event.kind == "message_in"
    assert Path(file_path(file.file.digest)).read_bytes().endswith(b"123")
    assert selectors.attachment_of(cast.lin.grants, file.pk).pk == file.pk
    with pytest.raises(NotFound):
        selectors.attachment_of(cast.zhou.grants, file.pk)
    assert selectors.public_attachment(case, file.pk).pk == file.pk


def test_internal_files_are_not_the_customers(cast: Cast, open_case: OpenCase):
    case = open_case()
    services.add_note(
        **cast.lin.acting, case_id=case.pk, text="内部", files=[stored("a.txt", b"secret")]
    )
    services.add_attachment(
        **cast.lin.acting, case_id=case.pk, files=[stored("b.txt", b"shown")], public=True
    )
    hidden, shown = Attachment.objects.order_by("pk")
    assert selectors.public_attachment(case, shown.pk).pk == shown.pk
    with pytest.raises(NotFound):
        selectors.public_attachment(case, hidden.pk)


def test_empty_and_too_many_files_are_refused(cast: Cast, open_case: OpenCase):
    with pytest.raises(RuleError) as empty:
        stored("leer.txt", b"")
    assert empty.value.code == "file_empty"
    with pytest.raises(RuleError) as many:
        open_case(files=[stored(f"{n}.txt", b"x") for n in range(11)])
    assert many.value.code == "too_many_files"
    assert Case.objects.count() == 0


@pytest.fixture
def told() -> Iterator[list[Any]]:
    """What the desk publishes, in order."""
    heard: list[Any] = []
    kinds = [
        value
        for value in vars(events).values()
        if isinstance(value, type) and value.__module__ == events.__name__
    ]

    def hear(event: Any, work: Any) -> None:
        heard.append(event)

    for kind in kinds:
        wires.subscribe(kind, hear)
    yield heard
    for kind in kinds:
        wires.handlers_of(kind).remove(hear)


def test_other_rooms_hear_of_everything_that_matters(
    cast: Cast, open_case: OpenCase, told: list[Any]
):
    case = open_case(type_code="repair", customer_id=None, keep=False, channel="letter")
    me = {**cast.lin.acting, "case_id": case.pk}
    services.reply(**me, text="收到", expected_seq=None)
    services.reply(**me, text="还在查", expected_seq=None)
    services.name_customer(**me, customer_id=cast.chen.pk)
    services.hand_over(
        **me, to_user_id=cast.wang.user.pk, reason="定责", expected_owner_id=cast.lin.user.pk
    )
    services.close_case(**cast.wang.acting, case_id=case.pk, outcome="solved", text="好")
    services.dissatisfied(
        actor=Actor.customer(), grants=cast.admin.grants, case_id=case.pk, text="不行"
    )
    assert [type(event).__name__ for event in told] == [
        "CaseOpened", "ReplySent", "ReplySent", "CustomerNamed", "CaseHandedOver", "CaseClosed",
        "CaseReopened", "MessageReceived",
    ]  # fmt: skip
    assert [e.is_first for e in told if isinstance(e, events.ReplySent)] == [True, False]
    assert told[3] == events.CustomerNamed(case.pk, cast.chen.pk, None)


def test_a_gate_of_a_higher_room_holds_the_end(cast: Cast, open_case: OpenCase):
    case = open_case(type_code="repair")
    GATES.fill(ClosingGate("test", lambda case, grants: ["还有 1 张通知单未答复。"]))
    try:
        with pytest.raises(RuleError) as refused:
            services.close_case(**cast.lin.acting, case_id=case.pk, outcome="solved", text="好")
        assert refused.value.extra["reasons"] == ["还有 1 张通知单未答复。"]
        assert again(cast, case).state == "open"
    finally:
        GATES._items.pop("test")


def test_a_channel_of_a_higher_room_carries_replies_through_the_outbox(
    cast: Cast, open_case: OpenCase
):
    from zhike.core.models import OutboxMessage
    from zhike.core.outbox import CARRIERS, Carrier, Sent

    case = open_case()
    ADAPTERS.fill(DeliveryAdapter("pigeon", "Pigeon", lambda case: "sealed:loft"))
    CARRIERS.fill(Carrier("pigeon", "Pigeon", lambda message: Sent()))
    try:
        event = services.reply(
            **cast.lin.acting, case_id=case.pk, text="飞去了", expected_seq=None, delivery="pigeon"
        )
    finally:
        ADAPTERS._items.pop("pigeon")
        CARRIERS._items.pop("pigeon")
    row = OutboxMessage.objects.get()
    assert (row.kind, row.address, row.text) == ("pigeon", "sealed:loft", "飞去了")
    assert (row.subject_id, row.dedup_key) == (event.pk, f"case-event:{event.pk}")
    assert event.delivered == "outbox"


def test_an_engineer_answers_the_case_they_own(cast: Cast, open_case: OpenCase):
    engineer = make_staff("4002", "高翔", cast.zhoukou, "engineer")
    case = open_case(type_code="repair")
    services.hand_over(
        **cast.lin.acting, case_id=case.pk, to_user_id=engineer.user.pk, reason="上门",
        expected_owner_id=cast.lin.user.pk,
    )  # fmt: skip
    services.reply(**engineer.acting, case_id=case.pk, text="明早九点到", expected_seq=None)
    services.close_case(**engineer.acting, case_id=case.pk, outcome="solved", text="修好")


def test_types_of_ones_own(cast: Cast, open_case: OpenCase):
    services.add_type(**cast.admin.acting, code="recall", name="召回", prefix="zh")
    case = open_case(type_code="recall")
    assert case.number.startswith("ZH")
    wrongs: tuple[dict[str, Any], ...] = (
        {"code": "recall", "name": "又一个"},
        {"code": "Ä", "name": "x"},
        {"code": "ok_code", "name": ""},
        {"code": "ok_code", "name": "x", "prefix": "1"},
    )
    for wrong in wrongs:
        with pytest.raises(RuleError):
            services.add_type(**cast.admin.acting, **wrong)
    services.change_type_entry(**cast.admin.acting, code="recall", active=False)
    with pytest.raises(RuleError):
        open_case(type_code="recall")
    assert "recall" in {kind.code for kind in selectors.case_types()}
    assert "recall" not in {kind.code for kind in selectors.active_types()}
