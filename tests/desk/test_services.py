"""What the desk's services do, seen on the case, its record, the customer's file and the counters."""

from typing import Any

import pytest

from tests.cast import Cast
from tests.desk.conftest import OpenCase
from zhike.core.errors import Conflict, Forbidden, NotFound, RuleError
from zhike.core.models import AuditRow, LiveEvent, LiveTopic, Notification, OutboxMessage
from zhike.core.work import Actor
from zhike.customers.models import TimelineEntry
from zhike.desk import services
from zhike.desk.models import Case, CaseEvent, Draft
from zhike.desk.rules import CaseState
from zhike.desk.selectors import load_case, record_of


def kinds(case: Case) -> list[str]:
    return [e.kind for e in CaseEvent.objects.filter(case=case).order_by("seq")]


def test_opening_gives_number_owner_clock_record_and_timeline(cast: Cast, open_case: OpenCase):
    case = open_case()
    assert case.number.startswith("TS")
    assert len(case.number) == 14
    assert (case.state, case.owner_name, case.customer_name) == ("open", "林静", "陈志强")
    assert case.customer_tier == "vip"
    assert case.title == "爬坡时突然断电，控制器已换过一次仍复发。"
    assert kinds(case) == ["opened", "message_in"]
    assert case.seq == 2 == LiveTopic.objects.get(name=case.topic).seq
    # On the phone the first word has been said.
    assert (case.due_what, case.first_reply_at) == ("step_listen", case.opened_at)
    assert case.due_at is not None
    assert case.queue_at == case.due_at
    assert case.clocks["resolution"]["rule"] == "VIP 投诉"
    entry = TimelineEntry.objects.get(kind="desk.opened")
    assert (entry.customer_id, entry.object_id) == (cast.chen.pk, case.pk)
    assert AuditRow.objects.filter(action="desk.case.open", object_id=case.pk).count() == 1


def test_the_whole_way_of_a_case(cast: Cast, open_case: OpenCase):
    me = cast.lin.acting
    waiting_case = open_case(type_code="repair", keep=False, channel="letter")
    case_id = waiting_case.pk
    assert waiting_case.state == "new"
    assert waiting_case.unread_count == 1
    services.claim(**me, case_id=case_id)
    event = services.reply(**me, case_id=case_id, text="您受惊了，我来跟进。", expected_seq=3)
    case = load_case(cast.lin.grants, case_id)
    assert case.first_reply_at == event.at
    assert case.waiting_since is None
    assert (case.due_what, case.last_from, case.unread_count) == ("resolution", "staff", 0)
    services.wait_for_customer(**me, case_id=case_id, reason="请补拍故障码")
    case = load_case(cast.lin.grants, case_id)
    assert case.is_paused
    assert case.due_at is None
    services.receive_message(
        actor=Actor.customer("陈志强"),
        grants=cast.admin.grants,
        case_id=case_id,
        text="照片发了",
        channel="tracking",
    )
    case = load_case(cast.lin.grants, case_id)
    assert not case.is_paused
    assert case.state == "open"
    assert case.due_at is not None
    assert len(case.pauses) == 1
    assert case.pauses[0]["reason"] == "请补拍故障码"
    services.hand_over(
        **me,
        case_id=case_id,
        to_user_id=cast.wang.user.pk,
        reason="要主管定",
        expected_owner_id=cast.lin.user.pk,
    )
    services.close_case(
        **cast.wang.acting, case_id=case_id, outcome="solved", text="换新批次控制器"
    )
    case = load_case(cast.lin.grants, case_id)
    assert (case.state, case.handover_count, case.due_at) == ("closed", 1, None)
    assert kinds(case)[2:] == [
        "claim", "reply", "paused", "message_in", "handover", "closed",
    ]  # fmt: skip
    assert Notification.objects.get(user_id=cast.wang.user.pk).kind == "desk.handover"
    assert [e.seq for e in record_of(case).events] == list(range(1, case.seq + 1))


def test_topic_numbers_are_the_versions_of_the_case(cast: Cast, open_case: OpenCase):
    case = open_case()
    services.add_note(**cast.lin.acting, case_id=case.pk, text="备件已到")
    services.set_priority(**cast.lin.acting, case_id=case.pk, priority=4)
    told = LiveEvent.objects.filter(topic=case.topic).order_by("seq")
    assert [(e.seq, e.payload["seq"]) for e in told] == [(n, n) for n in range(1, 5)]


def test_a_reply_on_an_old_version_is_held_with_the_news(cast: Cast, open_case: OpenCase):
    case = open_case()
    services.reply(**cast.wang.acting, case_id=case.pk, text="明早上门", expected_seq=case.seq)
    with pytest.raises(Conflict) as held:
        services.reply(**cast.lin.acting, case_id=case.pk, text="下午上门", expected_seq=case.seq)
    assert held.value.code == "news"
    assert [n["text"] for n in held.value.extra["news"]] == ["明早上门"]
    assert CaseEvent.objects.filter(kind="reply").count() == 1
    seq = held.value.extra["seq"]
    services.reply(**cast.lin.acting, case_id=case.pk, text="那就明早", expected_seq=seq)


def test_own_notes_are_no_news(cast: Cast, open_case: OpenCase):
    case = open_case()
    services.add_note(**cast.lin.acting, case_id=case.pk, text="记一下")
    services.reply(**cast.lin.acting, case_id=case.pk, text="好的", expected_seq=case.seq)


def test_a_form_sent_twice_makes_one_case_and_one_reply(cast: Cast, open_case: OpenCase):
    first = open_case(submit_key="form-1")
    again = open_case(submit_key="form-1")
    assert first.pk == again.pk
    assert Case.objects.count() == 1
    for _ in range(2):
        services.reply(
            **cast.lin.acting,
            case_id=first.pk,
            text="收到",
            expected_seq=first.seq,
            submit_key="r1",
        )
    assert kinds(first).count("reply") == 1
    # Somebody else's form of the same key is another form.
    assert open_case(by=cast.wang, submit_key="form-1").pk != first.pk


def test_who_comes_second_learns_who_has_it(cast: Cast, waiting_case: Case):
    services.claim(**cast.lin.acting, case_id=waiting_case.pk)
    with pytest.raises(Conflict) as refused:
        services.claim(**cast.wang.acting, case_id=waiting_case.pk)
    assert refused.value.extra["owner_name"] == "林静"
    # One's own again is no error.
    services.claim(**cast.lin.acting, case_id=waiting_case.pk)
    assert kinds(waiting_case).count("claim") == 1


def test_handing_over_needs_a_reason_and_the_owner_one_saw(cast: Cast, open_case: OpenCase):
    case = open_case()
    wang, lin = cast.wang.user.pk, cast.lin.user.pk
    with pytest.raises(RuleError) as refused:
        services.hand_over(
            **cast.lin.acting, case_id=case.pk, to_user_id=wang, reason=" ", expected_owner_id=lin
        )
    assert refused.value.code == "reason_missing"
    with pytest.raises(Conflict) as changed:
        services.hand_over(
            **cast.lin.acting, case_id=case.pk, to_user_id=wang, reason="x", expected_owner_id=None
        )
    assert changed.value.code == "owner_changed"


def test_a_receiver_of_another_unit_takes_the_case_along(cast: Cast, open_case: OpenCase):
    case = open_case()
    services.hand_over(
        **cast.wang.acting,
        case_id=case.pk,
        to_user_id=cast.zhou.user.pk,
        reason="商丘客户",
        expected_owner_id=cast.lin.user.pk,
    )
    assert load_case(cast.zhou.grants, case.number).unit_id == cast.shangqiu.pk
    with pytest.raises(NotFound):
        load_case(cast.lin.grants, case.number)


def test_agents_do_not_take_what_is_somebody_elses(cast: Cast, open_case: OpenCase):
    case = open_case(by=cast.wang)
    with pytest.raises(Forbidden):
        services.hand_over(
            **cast.lin.acting,
            case_id=case.pk,
            to_user_id=cast.lin.user.pk,
            reason="急",
            expected_owner_id=cast.wang.user.pk,
        )
    with pytest.raises(RuleError) as refused:
        services.close_case(**cast.lin.acting, case_id=case.pk, outcome="solved", text="好了")
    assert refused.value.code == "not_the_owner"
    # A colleague may answer and note.
    services.reply(**cast.lin.acting, case_id=case.pk, text="同事稍后回您", expected_seq=2)


def test_mentioned_people_are_told_and_outsiders_refused(cast: Cast, open_case: OpenCase):
    case = open_case()
    services.add_note(
        **cast.lin.acting, case_id=case.pk, text="@王建国 看一下", mentions=[cast.wang.user.pk]
    )
    note = Notification.objects.get(user_id=cast.wang.user.pk, kind="desk.mention")
    assert case.number in note.url
    with pytest.raises(RuleError) as refused:
        services.add_note(
            **cast.lin.acting, case_id=case.pk, text="@周敏", mentions=[cast.zhou.user.pk]
        )
    assert refused.value.code == "mention_out_of_reach"
    assert kinds(case).count("note") == 1


def test_thanks_after_the_end_do_not_reopen_but_words_do(cast: Cast, open_case: OpenCase):
    case = open_case(type_code="repair")
    services.close_case(**cast.lin.acting, case_id=case.pk, outcome="answered", text="已说明")
    chen: dict[str, Any] = {
        "actor": Actor.customer("陈志强"),
        "grants": cast.admin.grants,
        "case_id": case.pk,
    }
    services.receive_message(**chen, text="好的，谢谢您！", channel="tracking")
    assert load_case(cast.lin.grants, case.pk).state == "closed"
    services.receive_message(**chen, text="又断电了", channel="tracking")
    again = load_case(cast.lin.grants, case.pk)
    assert (again.state, again.reopened_count, again.due_what) == ("open", 1, "next_reply")


def test_not_content_reopens_and_tells_the_owner(cast: Cast, open_case: OpenCase):
    case = open_case(type_code="repair")
    services.close_case(**cast.lin.acting, case_id=case.pk, outcome="solved", text="换好了")
    services.dissatisfied(
        actor=Actor.customer(), grants=cast.admin.grants, case_id=case.pk, text="没修好"
    )
    assert load_case(cast.lin.grants, case.pk).state == "open"
    assert Notification.objects.filter(user_id=cast.lin.user.pk, kind="desk.dissatisfied").exists()


def test_urging_is_heard_once_an_hour(cast: Cast, open_case: OpenCase):
    case = open_case()
    chen: dict[str, Any] = {
        "actor": Actor.customer(),
        "grants": cast.admin.grants,
        "case_id": case.pk,
    }
    services.urge(**chen)
    services.urge(**chen)
    assert kinds(case).count("urge") == 1


def test_closing_waits_for_open_children(cast: Cast, open_case: OpenCase):
    above, below = open_case(type_code="repair"), open_case(type_code="repair")
    services.set_parent(**cast.lin.acting, case_id=below.pk, parent=above.number)
    with pytest.raises(RuleError) as refused:
        services.close_case(**cast.lin.acting, case_id=above.pk, outcome="solved", text="好")
    assert refused.value.code == "closing_refused"
    assert len(refused.value.extra["reasons"]) == 1
    with pytest.raises(RuleError) as circle:
        services.set_parent(**cast.lin.acting, case_id=above.pk, parent=below.number)
    assert circle.value.code == "parent_circle"


def test_the_number_stays_when_the_type_changes(cast: Cast, open_case: OpenCase):
    case = open_case()
    services.change_type(**cast.lin.acting, case_id=case.pk, type_code="inquiry")
    again = load_case(cast.lin.grants, case.pk)
    assert again.number == case.number
    assert again.type_id == "inquiry"
    with pytest.raises(RuleError):
        services.change_type(**cast.lin.acting, case_id=case.pk, type_code="nonsense")


def test_a_case_is_named_later_by_phone(cast: Cast, open_case: OpenCase):
    case = open_case(customer_id=None)
    assert case.customer_id is None
    assert case.customer_name == ""
    services.name_customer(
        **cast.lin.acting, case_id=case.pk, caller=services.Caller("138 1234 6027")
    )
    named = load_case(cast.lin.grants, case.pk)
    assert (named.customer_id, named.customer_name) == (cast.chen.pk, "陈志强")
    fresh = open_case(customer_id=None, caller=services.Caller("13900001111", "鲁班师傅"))
    assert fresh.customer_name == "鲁班师傅"


def test_a_customer_out_of_reach_is_missing_unless_their_number_is_given(
    cast: Cast, open_case: OpenCase
):
    with pytest.raises(NotFound):
        open_case(by=cast.zhou, customer_id=cast.chen.pk)
    assert Case.objects.count() == 0
    case = open_case(by=cast.zhou, customer_id=cast.chen.pk, caller=services.Caller("13812346027"))
    assert case.customer_id == cast.chen.pk
    assert case.unit_id == cast.shangqiu.pk


def test_bad_input_is_refused_and_leaves_nothing(cast: Cast, open_case: OpenCase):
    for wrong, code in (
        ({"type_code": "x"}, "type_unknown"),
        ({"channel": "smoke"}, "channel_unknown"),
        ({"text": " \n"}, "text_missing"),
        ({"text": "长" * 20001}, "text_too_long"),
        ({"title": "长" * 201}, "text_too_long"),
        ({"priority": 9}, "priority_unknown"),
        ({"unit_id": cast.shangqiu.pk}, "unit_unknown"),
        ({"unit_id": 10**12}, "unit_unknown"),
    ):
        with pytest.raises(RuleError) as refused:
            open_case(**wrong)
        assert refused.value.code == code
    assert Case.objects.count() == 0
    assert LiveTopic.objects.filter(name__startswith="case").count() == 0


def test_text_is_kept_as_it_was_written(cast: Cast, open_case: OpenCase):
    nasty = "<script>alert('退款')</script> =1+1\x00 & 乾隆"
    case = open_case(text=nasty)
    stored = CaseEvent.objects.get(case=case, kind="message_in")
    assert stored.text == "<script>alert('退款')</script> =1+1 & 乾隆"


def test_drafts_are_kept_per_person_and_gone_once_sent(cast: Cast, open_case: OpenCase):
    case = open_case()
    services.save_draft(**cast.lin.acting, case_id=case.pk, text="您好", seq=2)
    services.save_draft(**cast.lin.acting, case_id=case.pk, text="您好，陈先生", seq=2)
    services.save_draft(**cast.wang.acting, case_id=case.pk, text="我的", seq=2)
    assert Draft.objects.get(user=cast.lin.user).text == "您好，陈先生"
    services.reply(**cast.lin.acting, case_id=case.pk, text="您好，陈先生", expected_seq=2)
    assert [d.user_id for d in Draft.objects.all()] == [cast.wang.user.pk]


def test_reading_by_the_owner_takes_the_mark_away(cast: Cast, open_case: OpenCase):
    case = open_case()
    services.receive_message(
        actor=Actor.customer(),
        grants=cast.admin.grants,
        case_id=case.pk,
        text="在吗",
        channel="tracking",
    )
    services.mark_read(**cast.wang.acting, case_id=case.pk)
    assert load_case(cast.lin.grants, case.pk).unread_count == 1
    services.mark_read(**cast.lin.acting, case_id=case.pk)
    assert load_case(cast.lin.grants, case.pk).unread_count == 0


def test_without_a_channel_nothing_lies_in_the_outbox(cast: Cast, open_case: OpenCase):
    case = open_case()
    services.reply(
        **cast.lin.acting,
        case_id=case.pk,
        text="电话里说了",
        expected_seq=2,
        delivery="told_by_phone",
    )
    assert OutboxMessage.objects.count() == 0
    with pytest.raises(RuleError) as refused:
        services.reply(
            **cast.lin.acting,
            case_id=case.pk,
            text="微信发您",
            expected_seq=None,
            delivery="wechat",
        )
    assert refused.value.code == "delivery_unknown"


def test_giving_back_puts_it_into_the_queue(cast: Cast, open_case: OpenCase):
    case = open_case()
    services.give_back(**cast.lin.acting, case_id=case.pk, reason="下班")
    again = load_case(cast.lin.grants, case.pk)
    assert (again.state, again.owner_id, again.handover_count) == ("new", None, 1)
    services.claim(**cast.wang.acting, case_id=case.pk)
    assert load_case(cast.lin.grants, case.pk).case_state is CaseState.OPEN
