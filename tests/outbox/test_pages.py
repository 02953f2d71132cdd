"""A person finds uncertain messages and says what became of them: on the case, in the outbox, with a reason."""

import pytest
from django.urls import reverse

from tests.cast import Cast, make_staff
from tests.outbox.test_delivering import say, send, state_of
from zhike.core.models import AuditRow, OutboxMessage
from zhike.core.models import OutboxState as S
from zhike.core.outbox import Refused, Sent, Uncertain
from zhike.desk.models import CaseEvent

pytestmark = pytest.mark.django_db
MENU_LINK = 'href="/outbox/"'


@pytest.fixture
def uncertain(cast: Cast, open_case, channel):
    pigeon = channel()
    pigeon.answers = [Uncertain("连接中断"), Sent("r-2")]
    case = open_case()
    row = say(cast, case, "明天上午到。")
    send()
    assert state_of(row) == S.UNKNOWN
    return pigeon, case, row


def decide(client, row: OutboxMessage, decision: str, reason: str = "已与客户核对"):
    return client.post(
        reverse("web:outbox-message", args=[row.pk]), {"decision": decision, "reason": reason}
    )


def test_without_a_channel_the_menu_does_not_speak_of_it(cast: Cast):
    page = cast.wang.client().get(reverse("web:outbox"))
    assert page.status_code == 200
    assert "还没有接通任何渠道" in page.content.decode()
    assert MENU_LINK not in cast.wang.client().get("/notifications/").content.decode()


def test_the_outbox_shows_what_needs_somebody_first(cast: Cast, uncertain):
    _pigeon, case, row = uncertain
    page = cast.wang.client().get(reverse("web:outbox")).content.decode()
    assert MENU_LINK in page
    assert row.text in page
    assert case.number in page
    assert "不确定" in page
    assert cast.lin.client().get(reverse("web:outbox")).status_code == 403


def test_the_case_says_how_far_a_reply_is_and_leads_to_the_decision(cast: Cast, uncertain):
    _pigeon, case, row = uncertain
    page = cast.lin.client().get(reverse("desk:case", args=[case.number])).content.decode()
    address = reverse("web:outbox-message", args=[row.pk])
    assert address in page
    assert f"delivery:{case.pk}" in page
    part = cast.lin.client().get(reverse("desk:delivery", args=[case.number, row.subject_id]))
    assert "不确定" in part.content.decode()
    assert cast.lin.client().get(address).status_code == 200
    for stranger in (cast.zhou, make_staff("3001", "赵磊", cast.company, "trainer")):
        if stranger is cast.zhou:
            assert stranger.client().get(address).status_code == 404
            assert decide(stranger.client(), row, "resend").status_code == 404
    assert state_of(row) == S.UNKNOWN


def test_who_only_looks_at_cases_does_not_decide(cast: Cast, uncertain):
    _pigeon, _case, row = uncertain
    inspector = make_staff("5001", "孙晴", cast.company, "inspector").client()
    page = inspector.get(reverse("web:outbox-message", args=[row.pk]))
    assert page.status_code == 200
    assert 'name="decision"' not in page.content.decode()
    assert decide(inspector, row, "drop").status_code == 403
    assert state_of(row) == S.UNKNOWN


@pytest.mark.parametrize(
    ("decision", "state"), [("delivered", S.DELIVERED), ("drop", S.VOID), ("resend", S.WAITING)]
)
def test_a_person_decides_and_the_record_and_the_log_say_who_and_why(
    cast: Cast, uncertain, decision: str, state: S
):
    pigeon, case, row = uncertain
    answer = decide(cast.lin.client(), row, decision)
    assert answer.status_code == 302
    assert state_of(row) == state
    line = CaseEvent.objects.filter(case=case).order_by("-seq")[0]
    assert (line.actor_name, line.data["to"]) == ("林静", state)
    assert line.data["reason"] == "已与客户核对"
    log = AuditRow.objects.get(action="outbox.decide")
    assert (log.actor_id, log.reason) == (cast.lin.user.pk, "已与客户核对")
    assert send() == (1 if decision == "resend" else 0)
    assert len(pigeon.calls) == (2 if decision == "resend" else 1)
    page = cast.lin.client().get(reverse("desk:case", args=[case.number])).content.decode()
    assert "林静" in page


def test_of_two_who_decide_the_second_is_told(cast: Cast, uncertain):
    pigeon, _case, row = uncertain
    decide(cast.lin.client(), row, "delivered")
    answer = decide(cast.wang.client(), row, "resend")
    assert answer.status_code == 302
    assert state_of(row) == S.DELIVERED
    assert send() == 0
    assert len(pigeon.calls) == 1


@pytest.mark.parametrize(
    "posted",
    [
        {"decision": "resend", "reason": "  "},
        {"decision": "burn", "reason": "好"},
        {"decision": "", "reason": "好"},
        {"decision": "resend", "reason": "长" * 301},
    ],
)
def test_a_decision_without_sense_is_refused(cast: Cast, uncertain, posted):
    _pigeon, _case, row = uncertain
    answer = cast.wang.client().post(reverse("web:outbox-message", args=[row.pk]), posted)
    assert answer.status_code == 422
    assert state_of(row) == S.UNKNOWN


def test_a_refused_message_can_be_sent_once_more_but_not_called_arrived(
    cast: Cast, open_case, channel
):
    pigeon = channel()
    pigeon.answers = [Refused("查无此人"), Sent()]
    row = say(cast, open_case(), "好")
    send()
    assert decide(cast.wang.client(), row, "delivered").status_code == 422
    assert decide(cast.wang.client(), row, "resend").status_code == 302
    send()
    assert state_of(row) == S.SENT


def test_a_message_that_is_not_there_looks_like_a_foreign_one(cast: Cast):
    assert cast.wang.client().get("/outbox/999999/").status_code == 404
    assert cast.wang.client().post("/outbox/999999/", {}).status_code == 404


def test_the_api_names_the_channel(cast: Cast, open_case, channel):
    from zhike.accounts.services.tokens import create_token

    channel()
    case = open_case()
    scopes = ["read", "write"]
    _row, secret = create_token(**cast.admin.acting, user=cast.lin.user, label="t", scopes=scopes)
    body = {"text": "好", "expected_seq": case.seq, "delivery": "pigeon"}
    headers = {"Authorization": f"Bearer {secret}"}
    address = f"/api/v1/cases/{case.number}/replies"
    client = cast.lin.client()
    answer = client.post(address, body, content_type="application/json", headers=headers)
    assert answer.status_code == 201, answer.content
    assert answer.json()["delivered"] == "outbox"
    unknown = body | {"delivery": "telegraph"}
    refused = client.post(address, unknown, content_type="application/json", headers=headers)
    assert refused.status_code == 422
    assert refused.json()["error"]["code"] == "delivery_unknown"
