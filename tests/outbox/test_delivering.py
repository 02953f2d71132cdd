"""A reply goes out by its channel: claimed first, called outside of transactions, never twice unawares."""

import itertools
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from tests.cast import SETUP, Cast
from tests.outbox.conftest import A_DAY
from zhike.core import clock, counts, work
from zhike.core.access import everything
from zhike.core.models import AuditRow, Notification, OutboxMessage
from zhike.core.models import OutboxState as S
from zhike.core.outbox import Away, Later, Refused, Sent, Uncertain, note_delivery, put
from zhike.core.outbox.claiming import claim_next, lapse
from zhike.core.outbox.delivering import note_answer, send_due
from zhike.core.outbox.tasks import send_messages, wake_outbox
from zhike.core.sealing import destroy_key
from zhike.desk import services
from zhike.desk.models import CaseEvent
from zhike.desk.selectors.news import missed_news

pytestmark = pytest.mark.django_db


def say(cast: Cast, case, text: str, by: str = "pigeon") -> OutboxMessage:
    event = services.reply(
        **cast.lin.acting, case_id=case.pk, text=text, expected_seq=None, delivery=by
    )
    return OutboxMessage.objects.get(subject_id=event.pk)


def send() -> int:
    return send_due(linger_seconds=0)


def state_of(row: OutboxMessage) -> str:
    row.refresh_from_db()
    return row.state


def later(seconds: float):
    return clock.override(clock.now() + timedelta(seconds=seconds))


def test_a_reply_is_handed_over_once_with_its_address_in_clear(cast: Cast, open_case, channel):
    pigeon = channel()
    row = say(cast, open_case(), "明天上午到。")
    assert send() == 1
    assert send() == 0
    (call,) = pigeon.calls
    assert (call.address, call.text, call.dedup_key) == ("loft 7", "明天上午到。", row.dedup_key)
    assert "loft" not in row.address
    assert state_of(row) == S.SENT
    assert (row.receipt, row.attempts, row.claim) == ("r-1", 1, "")


def test_the_claim_is_committed_before_the_channel_is_called(cast: Cast, open_case, channel):
    pigeon = channel()
    row = say(cast, open_case(), "好")
    seen = []

    def look() -> Sent:
        # The tests' own transaction is the only one open.
        seen.append((OutboxMessage.objects.get(pk=row.pk).state, work.current(), _depth()))
        return Sent()

    before = _depth()
    pigeon.answers = [look]
    send()
    assert seen == [(S.SENDING, None, before)]


def _depth() -> int:
    return len(connection.savepoint_ids)


def test_without_a_key_an_interrupted_message_waits_for_a_person(cast: Cast, open_case, channel):
    pigeon = channel()
    case = open_case()
    row = say(cast, case, "第一句")
    behind = say(cast, case, "第二句")
    # Claimed, and the process died there.
    from zhike.core.outbox import CARRIERS

    assert claim_next(CARRIERS.get("pigeon")) == row
    assert lapse() == 0, "it may still be at work"
    with later(60):
        assert lapse() == 1
        assert send() == 0
    assert pigeon.calls == []
    assert state_of(row) == S.UNKNOWN
    assert state_of(behind) == S.WAITING, "what comes after it does not overtake it"
    told = Notification.objects.get(kind="desk.delivery_unknown")
    assert (told.user_id, told.values["number"]) == (cast.lin.user.pk, case.number)
    line = CaseEvent.objects.filter(case=case).order_by("-seq")[0]
    assert (line.data["line"], line.data["to"]) == ("delivery", "unknown")
    assert missed_news(case, line.seq - 1, cast.wang.user.pk) == [], "it holds nobody's reply"
    assert AuditRow.objects.filter(action="outbox.unknown", object_id=row.pk).count() == 1
    assert counts.totals_by_state("core.outbox", everything("t")) == {"unknown": 1}


def test_with_a_key_an_interrupted_message_is_sent_again_under_the_same_key(
    cast: Cast, open_case, channel
):
    from zhike.core.outbox import CARRIERS

    courier = channel("courier", key_kept=A_DAY)
    row = say(cast, open_case(), "好", "courier")
    assert claim_next(CARRIERS.get("courier")) == row
    with later(60):
        assert send() == 1
    assert [call.dedup_key for call in courier.calls] == [row.dedup_key]
    assert state_of(row) == S.SENT
    assert [one.result for one in row.tries.order_by("pk")] == ["lost", "sent"]


def test_a_key_the_receiver_has_forgotten_meanwhile_is_no_key(cast: Cast, open_case, channel):
    courier = channel("courier", key_kept=A_DAY)
    courier.answers = [OSError("reset")]
    row = say(cast, open_case(), "好", "courier")
    send()
    assert state_of(row) == S.WAITING
    # The house was down for a day and a half.
    with later(36 * 3600):
        assert send() == 0
    assert len(courier.calls) == 1
    assert state_of(row) == S.UNKNOWN


def test_an_answer_that_comes_late_still_settles_what_nobody_knew(cast: Cast, open_case, channel):
    from zhike.core.outbox import CARRIERS

    channel()
    case = open_case()
    row = say(cast, case, "好")
    carrier = CARRIERS.get("pigeon")
    held = claim_next(carrier)
    with later(60):
        lapse()
        note_answer(carrier, held, Sent("late"), clock.now())
    assert state_of(row) == S.SENT
    assert counts.totals_by_state("core.outbox", everything("t")).get("unknown", 0) == 0
    assert CaseEvent.objects.filter(case=case).order_by("-seq")[0].data["to"] == "sent"


def test_what_the_channel_raises_is_uncertain_and_its_words_stay_out_of_the_log(
    cast: Cast, open_case, channel, caplog
):
    pigeon = channel()
    pigeon.answers = [ValueError("13812346027 refused by peer")]
    row = say(cast, open_case(), "好")
    send()
    assert state_of(row) == S.UNKNOWN
    assert "13812346027" not in caplog.text
    assert "13812346027" not in row.answer


def test_temporary_failures_back_off_and_end(cast: Cast, open_case, channel):
    pigeon = channel(attempts=3)
    pigeon.answers = [Later("信箱已满")]
    row = say(cast, open_case(), "好")
    at = clock.now()
    waits = []
    for _try in range(3):
        with clock.override(at):
            assert send() == 1
            assert send() == 0, "not before its time"
        row.refresh_from_db()
        waits.append((row.due_at - at).total_seconds())
        at = row.due_at
    assert waits[:2] == [5, 20]
    assert (row.state, row.answer) == (S.FAILED, "信箱已满")
    assert Notification.objects.filter(kind="desk.delivery_failed").count() == 1
    assert len(pigeon.calls) == 3


def test_a_receiver_that_is_away_rests_as_a_whole_and_the_others_go_on(
    cast: Cast, open_case, channel
):
    pigeon, courier = channel(), channel("courier")
    pigeon.answers = [Away("连接被拒绝")]
    rows = [say(cast, open_case(), f"第 {n} 句") for n in range(3)]
    say(cast, open_case(), "走快递", "courier")
    assert send() == 2
    assert (len(pigeon.calls), len(courier.calls)) == (1, 1)
    assert {state_of(row) for row in rows} == {S.WAITING}
    assert rows[0].attempts == 0, "no fault of the message"
    pigeon.answers = [Sent()]
    with later(6):
        assert send() == 3


def test_the_rate_of_a_channel_holds_for_all_workers(cast: Cast, open_case, channel):
    pigeon = channel(per_minute=6)
    for n in range(3):
        say(cast, open_case(), f"第 {n} 句")
    at, sent = clock.now(), []
    for second in range(0, 35, 5):
        with clock.override(at + timedelta(seconds=second)):
            send()
            send()
        sent.append(len(pigeon.calls))
    assert sent[-1] == 3
    assert all(after - before <= 1 for before, after in itertools.pairwise(sent))
    assert sent[1] <= 1, "ten seconds between two"


def test_words_of_one_conversation_keep_their_order_others_do_not_wait(
    cast: Cast, open_case, channel
):
    pigeon = channel()
    one, other = open_case(), open_case()
    say(cast, one, "一")
    say(cast, one, "二")
    say(cast, other, "别的工单")
    pigeon.answers = [Later("忙"), Sent()]
    send()
    assert pigeon.texts == ["一", "别的工单"]
    with later(6):
        send()
    assert pigeon.texts == ["一", "别的工单", "一", "二"]


def test_an_erased_address_is_refused_before_anybody_is_called(cast: Cast, open_case, channel):
    pigeon = channel()
    row = say(cast, open_case(), "好")
    with work.unit(SETUP):
        destroy_key(cast.chen.key_id, clock.now())
    send()
    assert pigeon.calls == []
    assert state_of(row) == S.FAILED


def test_undoing_an_import_calls_off_what_has_not_left(cast: Cast, open_case, channel, given):
    from zhike.core import outbox

    pigeon = channel()
    case = open_case()
    row = say(cast, case, "好")
    with work.unit(SETUP) as unit:
        assert outbox.void(unit, conversation=f"case:{case.pk}") == 1
    send()
    assert pigeon.calls == []
    assert state_of(row) == S.VOID


def test_a_report_settles_what_was_sent_or_uncertain(cast: Cast, open_case, channel):
    channel()
    row = say(cast, open_case(), "好")
    send()

    def told(receipt: str) -> bool:
        return note_delivery(actor=SETUP, kind="pigeon", receipt=receipt, arrived=True)

    assert not told("")
    assert not told("another")
    assert told("r-1")
    assert not told("r-1"), "told twice, noted once"
    assert state_of(row) == S.DELIVERED


def test_a_message_moves_with_its_case_and_so_does_the_count(cast: Cast, open_case, channel):
    from zhike.core import outbox

    pigeon = channel()
    pigeon.answers = [Refused("查无此人")]
    case = open_case()
    row = say(cast, case, "好")
    send()
    with work.unit(SETUP) as unit:
        outbox.move_to_unit(unit, conversation=f"case:{case.pk}", unit_id=cast.shangqiu.pk)
    assert state_of(row) == S.FAILED
    assert counts.totals_by_state("core.outbox", cast.zhou.grants) == {"failed": 1}
    assert counts.totals_by_state("core.outbox", cast.wang.grants).get("failed", 0) == 0


def test_the_look_out_starts_one_job_when_something_is_due(cast: Cast, open_case, channel):
    from django_tasks_db.models import DBTaskResult

    def queued() -> int:
        return DBTaskResult.objects.filter(task_path=send_messages.module_path).count()

    pigeon = channel()
    wake_outbox.func()
    assert queued() == 0
    pigeon.answers = [Uncertain("?")]
    case = open_case()
    say(cast, case, "好")
    wake_outbox.func()
    wake_outbox.func()
    assert queued() == 1
    send()
    say(cast, case, "等前一条")
    DBTaskResult.objects.all().delete()
    wake_outbox.func()
    assert queued() == 0, "what is held by an uncertain one is not due"


def test_nobody_writes_to_a_channel_there_is_not(cast: Cast):
    with pytest.raises(ValueError, match="telegraph"), work.unit(SETUP) as unit:
        put(unit, kind="telegraph", address="", text="x", dedup_key="k")


def test_a_message_being_sent_is_always_held_by_somebody(cast: Cast, open_case, channel):
    channel()
    row = say(cast, open_case(), "好")
    with pytest.raises(IntegrityError), transaction.atomic(), work.unit(SETUP):
        OutboxMessage.objects.filter(pk=row.pk).update(state=S.SENDING)


def test_a_case_that_moves_during_the_call_takes_the_count_along(cast: Cast, open_case, channel):
    case = open_case()
    pigeon = channel()
    row = say(cast, case, "明天上午到。")

    def moved_meanwhile() -> Uncertain:
        services.set_unit(
            **cast.admin.acting, case_id=case.pk, unit_id=cast.shangqiu.pk, reason="属商丘"
        )
        return Uncertain("no answer")

    pigeon.answers = [moved_meanwhile]
    send()
    assert state_of(row) == S.UNKNOWN
    assert row.unit_id == cast.shangqiu.pk
    assert counts.totals_by_state("core.outbox", cast.zhou.grants) == {"unknown": 1}
    assert counts.totals_by_state("core.outbox", cast.wang.grants).get("unknown", 0) == 0


def test_who_settles_a_message_holds_its_case_first(cast: Cast, open_case, channel):
    """Who moves the case holds it and then its messages; the other way round each would wait for the other."""
    case = open_case()
    channel().answers = [Refused("no such loft")]
    row = say(cast, case, "明天上午到。")
    with CaptureQueriesContext(connection) as asked:
        send()
    assert state_of(row) == S.FAILED
    told = [one["sql"] for one in asked.captured_queries]
    settled = next(
        place
        for place, sql in enumerate(told)
        if sql.startswith('UPDATE "core_outboxmessage"') and "'failed'" in sql
    )
    looks = [
        place
        for place, sql in enumerate(told)
        if sql.startswith("SELECT") and 'FROM "desk_case"' in sql and place < settled
    ]
    assert looks
    if connection.vendor == "postgresql":
        assert "FOR UPDATE" in told[looks[-1]]
