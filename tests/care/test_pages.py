"""Visits as staff meet them: list, call page, the card beside a case, the settings."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.care.conftest import close, open_other, through_steps, visit_of
from tests.cast import CHEN_PHONE, Cast, make_customer, make_staff
from zhike.care import services
from zhike.care.models import FollowUp, FollowUpAttempt, FollowUpRule
from zhike.care.selectors import script_for
from zhike.care.services import Outcome
from zhike.complaints.models import Complaint, Notice
from zhike.complaints.services.notices import withdraw_notice
from zhike.core import clock
from zhike.core.models import AuditRow
from zhike.customers import services as customers
from zhike.desk.models import Case
from zhike.web.audit_words import ACTIONS, OBJECTS

pytestmark = pytest.mark.django_db
WORDS = "换上三天又断电了。"


def url(name: str, visit: FollowUp) -> str:
    return reverse(f"care:{name}", args=[visit.pk])


def text_of(answer: Any) -> str:
    body = re.sub(r"(?s)<(script|style).*?</\1>", "", answer.content.decode())
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body))


@pytest.fixture
def lin(cast: Cast) -> Client:
    return cast.lin.client()


# The list


def test_the_list_and_its_tabs(cast: Cast, lin: Client, visit: FollowUp, frozen_clock) -> None:
    here = reverse("care:list")
    assert "陈志强" not in text_of(lin.get(here, {"tab": "overdue"}))
    assert "陈志强" in text_of(lin.get(here, {"tab": "mine"}))
    frozen_clock(visit.due_at + timedelta(minutes=1))
    assert "陈志强" in text_of(lin.get(here)), "what is late is to be done today"
    assert "陈志强" in text_of(lin.get(here, {"tab": "overdue"}))
    assert "陈志强" not in text_of(lin.get(here, {"tab": "upcoming"}))
    outcome = Outcome(result="content")
    services.record_result(**cast.lin.acting, follow_up_id=visit.pk, outcome=outcome)
    assert "陈志强" not in text_of(lin.get(here))
    done = text_of(lin.get(here, {"tab": "done"}))
    assert "陈志强" in done
    assert "满意" in done


def test_an_empty_house_says_what_a_visit_is(cast: Cast, lin: Client) -> None:
    page = text_of(lin.get(reverse("care:list")))
    assert "还没有回访" in page
    assert "– 近 30 天应回访 0" in page.replace("  ", " "), "no rate without a base"


def test_the_strip_leads_to_its_rows(
    cast: Cast, lin: Client, visit: FollowUp, frozen_clock
) -> None:
    outcome = Outcome(result="content")
    services.record_result(**cast.lin.acting, follow_up_id=visit.pk, outcome=outcome)
    other = make_customer(cast.zhoukou, "胡来福")
    close(cast.lin, open_other(cast.lin, other.pk))
    frozen_clock(clock.now() + timedelta(days=6))
    page = lin.get(reverse("care:list"))
    tiles = page.context["tiles"]
    assert [tile.value for tile in tiles] == ["1", "50%", "100%", "0", "0"]
    rated = lin.get(tiles[1].url)
    assert len(rated.context["list"].rows) == 2
    assert len(lin.get(tiles[2].url).context["list"].rows) == 1
    assert not rated.context["list"].remarks


@pytest.mark.parametrize(
    "asked",
    [
        {"q": "陈志强"},
        {"type": "complaint", "assigned": "none"},
        {"again": "1", "tried": "1", "tab": "all"},
        {"state": ["due", "done"], "result": "content", "sort": "-done", "tab": "all"},
        {"due": "30d", "unit": "x", "after": "nonsense"},
    ],
    ids=str,
)
def test_every_filter_is_asked_without_a_fall(
    lin: Client, visit: FollowUp, asked: dict[str, Any]
) -> None:
    assert lin.get(reverse("care:list"), asked).status_code == 200


def test_other_units_see_nothing(cast: Cast, visit: FollowUp) -> None:
    zhou = cast.zhou.client()
    assert "陈志强" not in text_of(zhou.get(reverse("care:list"), {"tab": "all"}))
    assert zhou.get(url("visit", visit)).status_code == 404
    for name in ("attempt", "result", "best-time", "assign"):
        assert zhou.post(url(name, visit), {}).status_code == 404
    assert zhou.get(reverse("care:visit", args=[999999])).status_code == 404


def test_export_says_the_same_rows(cast: Cast, visit: FollowUp) -> None:
    wang = cast.wang.client()
    answer = wang.post(reverse("care:export") + "?tab=all", {"format": "csv", "reason": "周会用"})
    data = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]  # a streaming answer
    assert "陈志强" in data
    assert "待回访" in data
    assert cast.lin.client().get(reverse("care:export")).status_code == 403


# The call


def test_the_call_page_leads_through_the_call(
    cast: Cast, lin: Client, visit: FollowUp, complaint: Case
) -> None:
    customers.record_preference(
        **cast.lin.acting, customer_id=cast.chen.pk, topic="联系", value="宜 10:00 后联系"
    )
    answer = lin.get(url("visit", visit))
    page = text_of(answer)
    for words in (
        "控制器进水",
        "换新批次控制器",
        "行，就这么办。",
        "宜 10:00 后联系",
        "我是客服林静",
    ):
        assert words in page
    assert CHEN_PHONE not in answer.content.decode()
    assert "138****6027" in page
    assert "答应您的事都按时做到了吗" in page
    assert "跨 2 天拨打满 3 次后可选" in page
    assert "取消回访" not in page
    assert "取消回访" in text_of(cast.wang.client().get(url("visit", visit)))


def test_a_call_in_vain(lin: Client, visit: FollowUp) -> None:
    sent = {"once": "k1", "note": "关机", "next_try_at": ""}
    assert lin.post(url("attempt", visit), sent).status_code == 302
    assert lin.post(url("attempt", visit), sent).status_code == 302
    assert FollowUpAttempt.objects.count() == 1
    assert "未接通：关机" in text_of(lin.get(url("visit", visit)))
    late = lin.post(url("attempt", visit), {"once": "k2", "next_try_at": "2020-01-01T10:00"})
    assert late.status_code == 422
    assert "下次拨打时间要晚于现在" in text_of(late)
    assert (
        lin.post(url("attempt", visit), {"once": "k3", "next_try_at": "yesterday"}).status_code
        == 422
    )


def test_content_with_answers(lin: Client, visit: FollowUp, complaint: Case) -> None:
    version = script_for("complaint")
    assert version is not None
    given = {"yes_no": "yes", "score": "4", "text": "没有了"}
    sent = {f"q{q.pk}": given[q.kind] for q in version.questions.all()}
    answer = lin.post(
        url("result", visit),
        {"script": version.pk, "result": "content", "words": "不错", **sent},
        follow=True,
    )
    page = text_of(answer)
    assert "客户满意，投诉已归档" in page
    assert "4 分" in page
    assert Complaint.objects.get(pk=complaint.pk).archived_at is not None


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({}, ""),
        ({"result": "unreachable"}, "才算联系不上"),
        ({"result": "partly", "words": "还行"}, "请写明还差什么"),
        ({"result": "not_content"}, "请记下客户怎么说"),
        ({"result": "not_content", "words": WORDS}, "请选择新通知单发给哪个部门"),
        ({"result": "not_content", "words": WORDS, "person": "999"}, ""),
        ({"result": "happy"}, ""),
    ],
    ids=str,
)
def test_what_the_form_lacks_is_said_in_place(
    lin: Client, visit: FollowUp, sent: dict[str, str], sentence: str
) -> None:
    answer = lin.post(url("result", visit), sent)
    assert answer.status_code == 422
    assert sentence in text_of(answer)
    if sent.get("words"):
        assert sent["words"] in answer.content.decode(), "what was typed is still there"
    visit.refresh_from_db()
    assert visit.state == "due"


def test_not_content_on_the_page(cast: Cast, lin: Client, visit: FollowUp, complaint: Case) -> None:
    sent = {"result": "not_content", "words": WORDS, "person": cast.wang.user.pk}
    page = text_of(lin.post(url("result", visit), sent, follow=True))
    assert "投诉已进入下一轮，通知单已发出" in page
    assert Notice.objects.get(case=complaint).person_id == cast.wang.user.pk
    beside = text_of(lin.get(reverse("desk:panels", args=[complaint.number])))
    assert WORDS in beside


def test_the_next_notice_goes_where_the_last_one_went(
    cast: Cast, lin: Client, visit: FollowUp, complaint: Case
) -> None:
    sent = {"result": "not_content", "words": WORDS, "person": cast.wang.user.pk}
    lin.post(url("result", visit), sent)
    notice = Notice.objects.get(case=complaint)
    withdraw_notice(**cast.lin.acting, number=notice.number, reason="已当面说清")
    through_steps(cast.lin, Case.objects.get(pk=complaint.pk))
    page = lin.get(url("visit", visit_of(complaint))).content.decode()
    assert f'<option value="{cast.wang.user.pk}" selected>' in page


def test_recorded_twice_on_the_page(cast: Cast, lin: Client, visit: FollowUp) -> None:
    lin.post(url("result", visit), {"result": "content", "words": "好"})
    answer = cast.wang.client().post(url("result", visit), {"result": "content", "words": "好"})
    assert answer.status_code == 409
    page = text_of(answer)
    assert "林静 已在" in page
    assert "您的内容没有保存" in page


def test_calling_off_and_giving_away(cast: Cast, lin: Client, visit: FollowUp) -> None:
    other = make_staff("1003", "赵磊", cast.zhoukou)
    assert lin.post(url("call-off", visit), {"reason": "不想打"}).status_code == 403
    page = text_of(lin.post(url("assign", visit), {"person": other.user.pk}, follow=True))
    assert "这次回访由 赵磊 来做" in page
    assert lin.post(url("assign", visit), {"person": "x"}).status_code == 422
    wang = cast.wang.client()
    assert wang.post(url("call-off", visit), {"reason": ""}).status_code == 422
    page = text_of(wang.post(url("call-off", visit), {"reason": "客户要求勿扰"}, follow=True))
    assert "主管取消" in page
    assert "客户要求勿扰" in page


def test_the_best_time_is_noted(lin: Client, visit: FollowUp) -> None:
    lin.post(url("best-time", visit), {"best_time": "晚上 7 点后"})
    assert "晚上 7 点后" in text_of(lin.get(url("visit", visit)))
    assert lin.post(url("best-time", visit), {"best_time": "长" * 121}).status_code == 422


def test_readers_without_the_permission_read(cast: Cast, visit: FollowUp) -> None:
    inspector = make_staff("1020", "李婷", cast.zhoukou, "inspector")
    answer = inspector.client().get(url("visit", visit))
    assert answer.status_code == 200
    assert "记录回访" not in text_of(answer)
    assert inspector.client().post(url("result", visit), {"result": "content"}).status_code == 403


def test_the_card_beside_the_case(lin: Client, visit: FollowUp, complaint: Case) -> None:
    beside = lin.get(reverse("desk:panels", args=[complaint.number]))
    assert "记录回访" in text_of(beside)
    assert url("visit", visit) in beside.content.decode()


def test_the_record_and_the_file_tell_of_it(
    cast: Cast, lin: Client, repair_visit: FollowUp, repair: Case
) -> None:
    services.record_attempt(**cast.lin.acting, follow_up_id=repair_visit.pk, note="占线")
    outcome = Outcome(result="content", words="修得不错")
    services.record_result(**cast.lin.acting, follow_up_id=repair_visit.pk, outcome=outcome)
    page = text_of(lin.get(reverse("desk:case", args=[repair.number])))
    assert "林静 回访未接通" in page
    assert "林静 记录了回访：满意" in page
    file = text_of(lin.get(reverse("customers:file", args=[cast.chen.pk])))
    assert "回访" in file


def test_names_are_escaped(cast: Cast, lin: Client) -> None:
    odd = make_customer(cast.zhoukou, "A&B <b>物流</b>")
    row = visit_of(close(cast.lin, open_other(cast.lin, odd.pk)))
    services.record_attempt(
        **cast.lin.acting, follow_up_id=row.pk, note="<script>alert(1)</script>"
    )
    for answer in (lin.get(url("visit", row)), lin.get(reverse("care:list"), {"tab": "all"})):
        assert b"<script>alert" not in answer.content
        assert "A&amp;B &lt;b&gt;" in answer.content.decode()


# Settings


def test_rules_on_their_page(cast: Cast) -> None:
    admin = cast.admin.client()
    assert cast.wang.client().get(reverse("care:settings")).status_code == 403
    assert "答应您" not in text_of(admin.get(reverse("care:settings")))
    sent = {"on": ["complaint", "inquiry"]}
    assert admin.post(reverse("care:settings"), sent).status_code == 302
    on = FollowUpRule.objects.filter(is_on=True).values_list("type__code", flat=True)
    assert sorted(on) == ["complaint", "inquiry"]
    assert admin.post(reverse("care:settings"), {"on": ["x"]}).status_code == 422


def test_a_script_on_its_page(cast: Cast) -> None:
    admin = cast.admin.client()
    here = reverse("care:script", args=["return"])
    page = admin.get(here)
    sent = {
        "version": page.context["form"]["version"].value(),
        "opening": "{customer}您好，我是{name}。",
        "text1": "退款收到了吗？",
        "kind1": "yes_no",
        "text3": "打几分？",
        "kind3": "score",
    }
    assert admin.post(here, sent).status_code == 302
    version = script_for("return")
    assert version is not None
    assert [(q.kind, q.text) for q in version.questions.all()] == [
        ("yes_no", "退款收到了吗？"),
        ("score", "打几分？"),
    ]
    assert admin.post(here, sent).status_code == 409, "it has changed meanwhile"
    assert admin.post(here, {"version": 1, "text1": ""}).status_code in (409, 422)
    assert admin.get(reverse("care:script", args=["nonsense"])).status_code == 404
    assert admin.post(reverse("care:script-drop", args=["return"])).status_code == 302
    again = script_for("return")
    assert again is not None
    assert again.script.is_default
    assert admin.get(reverse("care:script-default")).status_code == 200


# Guards


def test_every_act_has_its_words_in_the_log(
    cast: Cast, visit: FollowUp, repair_visit: FollowUp
) -> None:
    wang = cast.wang.acting
    services.record_attempt(**wang, follow_up_id=visit.pk)
    services.set_best_time(**wang, follow_up_id=visit.pk, text="上午")
    services.reassign(**wang, follow_up_id=visit.pk, user_id=cast.wang.user.pk)
    outcome = Outcome(result="content")
    services.record_result(**wang, follow_up_id=visit.pk, outcome=outcome)
    services.call_off(**wang, follow_up_id=repair_visit.pk, reason="勿扰")
    services.set_rules(**cast.admin.acting, on=[])
    written = set(AuditRow.objects.values_list("action", "object_type"))
    mine = {(action, kind) for action, kind in written if "follow_up" in action or "care" in action}
    assert len(mine) >= 10
    assert {action for action, _kind in mine} - set(ACTIONS) == set()
    assert {kind for _action, kind in mine if kind} - set(OBJECTS) == set()


def test_query_budgets(cast: Cast, lin: Client, visit: FollowUp, query_budget) -> None:
    for number in range(5):
        other = make_customer(cast.zhoukou, f"客户{number}")
        close(cast.lin, open_other(cast.lin, other.pk))
    lin.get(reverse("care:list"))
    with query_budget("care:list"):
        lin.get(reverse("care:list"), {"tab": "all"})
    with query_budget("care:visit"):
        lin.get(url("visit", visit))
    with query_budget("care.record_attempt"):
        services.record_attempt(**cast.lin.acting, follow_up_id=visit.pk)
    outcome = Outcome(result="not_content", words=WORDS, person_id=cast.wang.user.pk)
    acting = cast.lin.acting
    with query_budget("care.record_result"):
        services.record_result(**acting, follow_up_id=visit.pk, outcome=outcome)
