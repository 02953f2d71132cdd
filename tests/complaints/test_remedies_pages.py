"""Remedies and approvals by their pages, as a browser without script sends the forms."""

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from tests.budgets import Budget
from tests.cast import Cast, make_staff
from tests.complaints.conftest import GIVEN, open_complaint
from tests.complaints.test_remedies import YUAN, carry_out, propose
from zhike.accounts.models import Role
from zhike.complaints import services
from zhike.complaints.models import Approval, Complaint, Remedy, RemedyLimit
from zhike.complaints.rules import BEFORE_CLOSING
from zhike.desk.models import Attachment, Case

pytestmark = pytest.mark.django_db
NEW = {"once": "o1", "kind": "refund", "text": "退运费", "amount": "120.50", "why": ""}


def propose_page(case: Case) -> str:
    return reverse("remedies:propose", args=[case.number])


def messages_of(client: Client, answer: Any) -> str:
    return str(client.get(answer.headers["Location"]).content.decode())


def text_of(answer: Any) -> str:
    return str(answer.content.decode())


# Proposing


def test_the_form_says_what_one_may_decide(cast: Cast, complaint: Case) -> None:
    propose(cast.lin, complaint, 120 * YUAN)
    client = cast.lin.client()
    page = client.get(propose_page(complaint))
    part = client.get(propose_page(complaint), headers={"HX-Request": "true"})
    for answer in (page, part):
        assert answer.status_code == 200
        assert "¥200" in text_of(answer)
        assert "¥120" in text_of(answer)
    assert "<html" in text_of(page)
    assert "<html" not in text_of(part)


def test_proposed_within_the_limit(cast: Cast, complaint: Case) -> None:
    client = cast.lin.client()
    answer = client.post(propose_page(complaint), NEW)
    assert answer.status_code == 302
    remedy = Remedy.objects.get()
    assert (remedy.amount_cents, remedy.state) == (12_050, "approved")
    # The same form once more, by the back button.
    client.post(propose_page(complaint), NEW)
    assert Remedy.objects.count() == 1


def test_proposed_above_it_says_who_decides(cast: Cast, complaint: Case) -> None:
    client = cast.lin.client()
    above = NEW | {"amount": "300"}
    refused = client.post(propose_page(complaint), above)
    assert refused.status_code == 422
    assert "请写明理由" in text_of(refused)
    assert "退运费" in text_of(refused), "what was typed is still there"
    assert not Remedy.objects.exists()
    answer = client.post(propose_page(complaint), above | {"why": "停业一天"})
    assert "王建国" in messages_of(client, answer)
    assert Approval.objects.get().why == "停业一天"


def test_when_nobody_may_decide_it_says_so(cast: Cast, complaint: Case, given: Any) -> None:
    with given():
        RemedyLimit.objects.exclude(role__code="agent").delete()
    client = cast.lin.client()
    answer = client.post(propose_page(complaint), NEW | {"amount": "300", "why": "停业一天"})
    assert "请告诉管理员" in messages_of(client, answer)


@pytest.mark.parametrize(
    "wrong",
    [
        {"amount": "-1"}, {"amount": "1.005"}, {"amount": "abc"}, {"amount": "1e30"},
        {"amount": "99999999999999"}, {"amount": "NaN"}, {"amount": "0"}, {"amount": ""},
        {"kind": "bribe"}, {"kind": ""}, {"text": ""}, {"text": "字" * 501},
        {"kind": "apology", "amount": "1"},
    ],
)  # fmt: skip
def test_a_crooked_form_is_refused_with_a_sentence(
    cast: Cast, complaint: Case, wrong: dict[str, str]
) -> None:
    answer = cast.lin.client().post(propose_page(complaint), NEW | wrong)
    assert answer.status_code == 422
    assert "zk-errmsg" in text_of(answer)
    assert not Remedy.objects.exists()


def test_a_crafted_field_changes_nothing(cast: Cast, complaint: Case) -> None:
    """Nobody approves their own by sending what the form does not ask."""
    crafted = NEW | {
        "amount": "5000", "why": "x", "state": "approved", "limit": "9999999", "amount_cents": "1",
        "remedy.state": "approved", "decision": "grant",
    }  # fmt: skip
    cast.lin.client().post(propose_page(complaint), crafted)
    remedy = Remedy.objects.get()
    assert (remedy.state, remedy.amount_cents) == ("for_approval", 500_000)


# On the case


def test_the_case_shows_its_remedies_and_what_can_be_done(cast: Cast, complaint: Case) -> None:
    carry_out(cast.lin, propose(cast.lin, complaint, 50 * YUAN), proof="单号 SF1001")
    propose(cast.lin, complaint, 30 * YUAN, text="送雨披")
    propose(cast.lin, complaint, 300 * YUAN, text="补偿误工")
    panels = reverse("desk:panels", args=[complaint.number])
    mine = text_of(cast.lin.client().get(panels))
    for words in ("单号 SF1001", "送雨披", "补偿误工", "已落实", "待落实", "待审批", "¥300"):
        assert words in mine
    first, second, third = Remedy.objects.order_by("pk")
    assert reverse("remedies:carry-out", args=[second.pk]) in mine
    assert reverse("remedies:carry-out", args=[third.pk]) not in mine
    assert reverse("remedies:call-off", args=[first.pk]) not in mine
    approval = Approval.objects.get()
    assert reverse("approvals:withdraw", args=[approval.pk]) in mine
    assert f'"{reverse("approvals:decide", args=[approval.pk])}"' not in mine
    theirs = text_of(cast.wang.client().get(panels))
    assert f'"{reverse("approvals:decide", args=[approval.pk])}"' in theirs
    head = text_of(cast.lin.client().get(reverse("desk:case", args=[complaint.number])))
    assert propose_page(complaint) in head
    assert "林静 提出" in head, "the record says it in words"


def test_a_case_without_remedies_shows_no_empty_card(cast: Cast, complaint: Case) -> None:
    panels = text_of(cast.lin.client().get(reverse("desk:panels", args=[complaint.number])))
    assert "remedies-h" not in panels


def test_who_only_reads_gets_no_buttons(cast: Cast, complaint: Case) -> None:
    propose(cast.lin, complaint)
    reader = make_staff("9001", "钱阅", cast.company, "inspector", "all")
    panels = text_of(reader.client().get(reverse("desk:panels", args=[complaint.number])))
    assert "remedies-h" in panels
    assert "/remedies/" not in panels


# Carrying out, calling off


def test_carried_out_with_a_picture(cast: Cast, complaint: Case) -> None:
    remedy = propose(cast.lin, complaint, 120 * YUAN)
    url = reverse("remedies:carry-out", args=[remedy.pk])
    client = cast.lin.client()
    form = text_of(client.get(url))
    assert 'value="120.00"' in form
    assert "multipart/form-data" in form
    picture = SimpleUploadedFile("回单.txt", "转账 120 元".encode(), "text/plain")
    answer = client.post(url, {"cost": "119.99", "proof": "转账单号 1", "file": picture})
    assert answer.status_code == 302
    remedy.refresh_from_db()
    assert (remedy.state, remedy.cost_cents) == ("carried_out", 11_999)
    assert remedy.proof_file == Attachment.objects.get()
    assert remedy.proof_file.name == "回单.txt"
    again = client.post(url, {"cost": "1", "proof": "又一次"})
    assert again.status_code == 409
    assert "已经落实" in text_of(again)
    assert Remedy.objects.get().cost_cents == 11_999


@pytest.mark.parametrize(
    "wrong", [{"cost": "-1"}, {"cost": "abc"}, {"cost": ""}, {"cost": "200.01"}, {"proof": " "}]
)
def test_what_does_not_do_as_proof(cast: Cast, complaint: Case, wrong: dict[str, str]) -> None:
    remedy = propose(cast.lin, complaint, 120 * YUAN)
    url = reverse("remedies:carry-out", args=[remedy.pk])
    answer = cast.lin.client().post(url, {"cost": "120", "proof": "单号"} | wrong)
    assert answer.status_code == 422
    assert "zk-errmsg" in text_of(answer)
    assert Remedy.objects.get().state == "approved"


def test_not_before_it_is_approved_by_no_address(cast: Cast, complaint: Case) -> None:
    remedy = propose(cast.lin, complaint, 300 * YUAN)
    url = reverse("remedies:carry-out", args=[remedy.pk])
    answer = cast.lin.client().post(url, {"cost": "300", "proof": "单号"})
    assert answer.status_code == 422
    assert Remedy.objects.get().state == "for_approval"


def test_called_off_with_a_reason(cast: Cast, complaint: Case) -> None:
    remedy = propose(cast.lin, complaint)
    url = reverse("remedies:call-off", args=[remedy.pk])
    client = cast.lin.client()
    assert client.get(url).status_code == 200
    assert client.post(url, {"reason": ""}).status_code == 422
    assert client.post(url, {"reason": "客户想换货"}).status_code == 302
    assert client.post(url, {"reason": "再来"}).status_code == 409
    assert Remedy.objects.get().end_reason == "客户想换货"


@pytest.mark.parametrize("what", ["remedy", "approval"])
def test_closing_is_refused_while_something_is_open(cast: Cast, complaint: Case, what: str) -> None:
    services.record_steps(
        **cast.lin.acting,
        case_id=complaint.pk,
        given=[(step, GIVEN[step]) for step in BEFORE_CLOSING],
    )
    propose(cast.lin, complaint, (100 if what == "remedy" else 300) * YUAN)
    url = reverse("desk:case-act", args=[complaint.number, "close"])
    answer = cast.lin.client().post(url, {"outcome": "solved", "text": "好"})
    assert answer.status_code == 422
    assert ("补救" if what == "remedy" else "审批") in text_of(answer)
    assert Case.objects.get(pk=complaint.pk).closed_at is None


# Deciding


@pytest.fixture
def asked(cast: Cast, complaint: Case) -> Approval:
    propose(cast.lin, complaint, 300 * YUAN, text="补偿误工一天")
    return Approval.objects.get()


def decide_page(approval: Approval) -> str:
    return reverse("approvals:decide", args=[approval.pk])


def test_the_list_says_what_is_asked(cast: Cast, asked: Approval, query_budget: Budget) -> None:
    client = cast.wang.client()
    with query_budget("approvals:list"):
        answer = client.get(reverse("approvals:list"))
    for words in ("补偿误工一天", "¥300", "¥200", "客户为此停业一天", "林静", "已等"):
        assert words in text_of(answer)
    assert re.search(r"zk-nav-count[^>]*>\s*1\s*<", text_of(answer)), "beside the menu entry"
    assert "还没有" not in text_of(client.get(reverse("approvals:list") + "?tab=decided"))


def test_decided_from_the_list(cast: Cast, asked: Approval) -> None:
    client = cast.wang.client()
    page = client.get(decide_page(asked))
    part = client.get(decide_page(asked), headers={"HX-Request": "true"})
    assert page.status_code == part.status_code == 200
    for words in ("¥2,000", "补偿误工一天", "客户为此停业一天"):
        assert words in text_of(page)
    assert 'value="list"' in text_of(page)
    assert 'value="case"' in text_of(part)
    bare = client.post(decide_page(asked), {"decision": "refuse", "note": "", "back": "list"})
    assert bare.status_code == 422
    assert "请写明不批准的原因" in text_of(bare)
    answer = client.post(decide_page(asked), {"decision": "grant", "note": "", "back": "list"})
    assert answer.headers["Location"] == reverse("approvals:list")
    assert Remedy.objects.get().state == "approved"


def test_the_second_sees_who_was_first(cast: Cast, asked: Approval) -> None:
    cast.wang.client().post(decide_page(asked), {"decision": "refuse", "note": "先查原因"})
    late = cast.admin.client().post(decide_page(asked), {"decision": "grant", "note": ""})
    assert late.status_code == 409
    assert "王建国" in text_of(late)
    assert "先查原因" in text_of(late)
    assert Remedy.objects.get().state == "refused"
    later = cast.admin.client().get(decide_page(asked))
    assert 'name="decision"' not in text_of(later)


@pytest.mark.parametrize("decision", ["", "maybe", "granted"])
def test_a_decision_is_one_of_two(cast: Cast, asked: Approval, decision: str) -> None:
    answer = cast.wang.client().post(decide_page(asked), {"decision": decision})
    assert answer.status_code == 422
    assert Approval.objects.get().state == "open"


def test_nobody_is_offered_their_own_or_more_than_they_may(cast: Cast, complaint: Case) -> None:
    propose(cast.wang, complaint, 3_000 * YUAN)
    approval = Approval.objects.get()
    client = cast.wang.client()
    assert 'name="decision"' not in text_of(client.get(decide_page(approval)))
    assert client.post(decide_page(approval), {"decision": "grant"}).status_code == 422
    second = make_staff("1004", "孙主管", cast.zhoukou, "supervisor")
    assert 'name="decision"' not in text_of(second.client().get(decide_page(approval)))
    answer = second.client().post(decide_page(approval), {"decision": "grant"})
    assert answer.status_code == 422
    assert "¥3,000" in text_of(answer)
    assert Approval.objects.get().state == "open"


def test_a_request_is_taken_back_by_who_asked(cast: Cast, asked: Approval) -> None:
    url = reverse("approvals:withdraw", args=[asked.pk])
    assert cast.wang.client().post(url, {"reason": "x"}).status_code == 422
    client = cast.lin.client()
    assert client.get(url).status_code == 200
    assert client.post(url, {"reason": ""}).status_code == 422
    assert client.post(url, {"reason": "不用了"}).status_code == 302
    assert client.post(url, {"reason": "再来"}).status_code == 409


def test_a_prank_is_decided_on_its_page(cast: Cast, complaint: Case) -> None:
    services.take_way_out(**cast.lin.acting, case_id=complaint.pk, way="prank", why="都在笑")
    approval = Approval.objects.get()
    client = cast.wang.client()
    assert "恶作剧" in text_of(client.get(reverse("approvals:list")))
    assert "恶作剧" in text_of(client.get(decide_page(approval)))
    panel = text_of(client.get(reverse("desk:panels", args=[complaint.number])))
    assert decide_page(approval) in panel
    client.post(decide_page(approval), {"decision": "grant", "note": ""})
    assert Complaint.objects.get(pk=complaint.pk).way_out == "prank"


# Who may


def test_another_unit_and_a_missing_one_look_alike(cast: Cast, asked: Approval) -> None:
    other = make_staff("2002", "李主管", cast.shangqiu, "supervisor").client()
    for pk in (asked.pk, 10**9):
        for url in (
            reverse("approvals:decide", args=[pk]),
            reverse("approvals:withdraw", args=[pk]),
            reverse("remedies:carry-out", args=[pk]),
            reverse("remedies:call-off", args=[pk]),
        ):
            assert other.get(url).status_code == 404
            assert other.post(url, {"decision": "grant", "reason": "x"}).status_code == 404
    assert other.get(propose_page(asked.case)).status_code == 404
    for url in (reverse("approvals:list"), reverse("remedies:list")):
        page = text_of(other.get(url))
        assert "补偿误工" not in page
        assert asked.case.number not in page


def test_who_lacks_the_right_is_refused(cast: Cast, asked: Approval) -> None:
    lin = cast.lin.client()
    assert lin.get(reverse("approvals:list")).status_code == 403
    assert lin.get(decide_page(asked)).status_code == 403
    assert lin.post(decide_page(asked), {"decision": "grant"}).status_code == 403
    assert lin.get(reverse("remedies:limits")).status_code == 403
    assert lin.post(reverse("remedies:limit-change", args=[1]), {"limit": "9"}).status_code == 403
    assert lin.get(reverse("remedies:export")).status_code == 403
    for url in (reverse("remedies:list"), decide_page(asked), reverse("remedies:limits")):
        assert Client().get(url).status_code in (302, 403)
    assert Approval.objects.get().state == "open"


# The ledger


def test_the_ledger_sums_what_it_shows(cast: Cast, complaint: Case, query_budget: Budget) -> None:
    carry_out(cast.lin, propose(cast.lin, complaint, 50 * YUAN), 40 * YUAN)
    propose(cast.lin, complaint, 30 * YUAN, kind="gift", text="一箱水果")
    propose(cast.lin, complaint, 900 * YUAN)
    client = cast.lin.client()
    with query_budget("remedies:list"):
        page = text_of(client.get(reverse("remedies:list")))
    for amount in ("¥40", "¥30", "¥900"):
        assert f'<b class="num">{amount}</b>' in page
    gifts = text_of(client.get(reverse("remedies:list") + "?kind=gift"))
    assert '<b class="num">¥30</b>' in gifts
    assert '<b class="num">¥40</b>' not in gifts
    done = text_of(client.get(reverse("remedies:list") + "?tab=carried_out&done=today"))
    assert "一箱水果" not in done
    assert '<b class="num">¥40</b>' in done
    unit = f"?unit={cast.zhoukou.pk}&q=陈志强&sort=-cost"
    assert "一箱水果" in text_of(client.get(reverse("remedies:list") + unit))


def test_nothing_there_yet(cast: Cast) -> None:
    assert "还没有补救" in text_of(cast.lin.client().get(reverse("remedies:list")))
    assert "没有待您审批" in text_of(cast.wang.client().get(reverse("approvals:list")))


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_the_ledger_leaves_as_a_file(cast: Cast, complaint: Case, form: str) -> None:
    carry_out(cast.lin, propose(cast.lin, complaint, 50 * YUAN), 40_50, proof="打 13812346027 确认")
    url = reverse("remedies:export") + "?tab=carried_out"
    client = cast.wang.client()
    assert client.get(url).status_code == 200
    answer = client.post(url, {"format": form, "reason": "月底对账"})
    assert answer.status_code == 200
    body = b"".join(answer.streaming_content)  # type: ignore[attr-defined]  # both are streamed
    if form == "csv":
        text = body.decode("utf-8-sig")
        assert "40.5" in text
        assert "陈志强" in text
        assert "13812346027" not in text


def test_a_case_of_another_unit_is_in_no_sum(cast: Cast) -> None:
    theirs = open_complaint(cast.zhou)
    carry_out(cast.zhou, propose(cast.zhou, theirs, 77 * YUAN))
    assert "¥77" not in text_of(cast.lin.client().get(reverse("remedies:list")))


# The limits of roles


def test_limits_are_set_per_role(cast: Cast) -> None:
    client = cast.admin.client()
    page = text_of(client.get(reverse("remedies:limits")))
    assert 'value="200.00"' in page
    assert 'value="2000.00"' in page
    agent = Role.objects.get(code="agent")
    url = reverse("remedies:limit-change", args=[agent.pk])
    for wrong in ("-5", "abc", "", "99999999999"):
        answer = client.post(url, {"limit": wrong})
        assert answer.status_code == 422
        assert "zk-errmsg" in text_of(answer)
    assert RemedyLimit.objects.get(role=agent).limit_cents == 200 * YUAN
    assert client.post(url, {"limit": "350.50"}).status_code == 302
    assert RemedyLimit.objects.get(role=agent).limit_cents == 35_050
    assert (
        client.post(reverse("remedies:limit-change", args=[10**9]), {"limit": "1"}).status_code
        == 404
    )
