"""Rules by clicks and over the API, the card at a case, and what the customer is told before they answer."""

import re
from typing import Any

import pytest
from django.test import Client

from tests.api.test_api import Caller
from tests.cast import Cast
from tests.guards import given
from tests.satisfaction.loop_scene import (
    answer,
    answered,
    cap,
    count,
    ended,
    leave,
    loop_rule,
    post_fixture,  # noqa: F401
    questionnaire,
    rule,
)
from tests.surveys.sending_scene import Post, path_in
from zhike.channels.webform.pacing import forget_tries
from zhike.satisfaction.models import Ask, AskRule
from zhike.surveys.models import Invitation, Survey

pytestmark = pytest.mark.django_db


@pytest.fixture
def survey(cast: Cast, post: Post) -> Survey:
    forget_tries()
    with given():
        cap(50)
    return questionnaire(cast)


FORM: dict[str, Any] = {
    "name": "结案回访", "after": "closed", "delay_hours": "0", "share_percent": "100", "purpose": "survey",
    "is_named": "on", "subject": "请您评价", "text": "{name}，请评价：{link}", "reminders": "0",
    "remind_after_days": "3", "loop": "case", "question": "q1", "bad": "at_most", "limit": "2",
    "opens_type": "complaint", "asks_again": "on", "submit_key": "k1",
}  # fmt: skip


def test_made_looked_at_and_paused_by_clicks(cast: Cast, survey: Survey) -> None:
    admin = cast.admin.client()
    assert "还没有规则" in admin.get("/satisfaction/rules/").content.decode()
    assert survey.title in admin.get("/satisfaction/rules/new/").content.decode()
    address = f"/satisfaction/rules/new/?survey={survey.pk}"
    assert "题 q1" in admin.get(address).content.decode()
    refused = admin.post(address, {**FORM, "is_named": ""})
    assert refused.status_code == 422
    assert "只有记名问卷" in refused.content.decode()
    made = admin.post(address, FORM)
    row = AskRule.objects.get()
    assert made.headers["Location"] == f"/satisfaction/rules/{row.pk}/"
    admin.post(address, FORM)
    assert AskRule.objects.count() == 1
    html = admin.get(f"/satisfaction/rules/{row.pk}/").content.decode()
    assert "答 2 或以下" in html
    assert "记名：在工单页上显示" in html
    copy = admin.get(f"/satisfaction/rules/new/?from={row.pk}").content.decode()
    assert "请您评价" in copy
    admin.post(f"/satisfaction/rules/{row.pk}/state/", {"state": "paused"})
    assert "已暂停" in admin.get("/satisfaction/rules/").content.decode()
    admin.post(f"/satisfaction/rules/{row.pk}/state/", {"state": "running"})
    row.refresh_from_db()
    assert row.sending.state == "running"


def test_the_sending_leads_to_its_rule(cast: Cast, survey: Survey) -> None:
    row = rule(cast, survey)
    admin = cast.admin.client()
    for path in ("", "people/"):
        answer_ = admin.get(f"/surveys/sendings/{row.sending_id}/{path}")
        assert answer_.headers["Location"] == f"/satisfaction/rules/{row.pk}/"
    assert "结案回访" in admin.get(f"/surveys/{survey.pk}/sendings/").content.decode()


def test_words_that_are_asked_about_can_be_kept(cast: Cast, survey: Survey) -> None:
    admin = cast.admin.client()
    address = f"/satisfaction/rules/new/?survey={survey.pk}"
    odd = {**FORM, "text": "您可能不太明白。{link}"}
    asked = admin.post(address, odd)
    assert asked.status_code == 422
    assert 'name="why_kept"' in asked.content.decode()
    assert admin.post(address, {**odd, "why_kept": "上级要求原样记录"}).status_code == 302


# What customers are told


def _page(letter: Any) -> str:
    return Client().get(path_in(letter), follow=True).content.decode()


def test_a_named_questionnaire_says_so_in_the_mail_and_before_anybody_answers(
    cast: Cast, survey: Survey, post: Post
) -> None:
    loop_rule(cast, survey)
    ended(cast)
    leave()
    (letter,) = post.letters
    assert "这是记名问卷" in letter.text
    assert "这是记名问卷" in _page(letter)
    english = Client().get(f"{path_in(letter)}?lang=en", follow=True).content.decode()
    assert "we see who answered what" in english


def test_an_anonymous_one_promises_that_nobody_is_named(
    cast: Cast, survey: Survey, post: Post
) -> None:
    rule(cast, survey)
    ended(cast)
    leave()
    (letter,) = post.letters
    assert "记名问卷" not in letter.text
    page = _page(letter)
    assert "不会带姓名给任何人看" in page
    assert "记名问卷" not in page


# The card at a case


def panels(cast: Cast, number: str, by: Any = None) -> str:
    return (by or cast.lin).client().get(f"/cases/{number}/panels/").content.decode()


def test_the_case_shows_both_measurements_to_who_may_see_it(cast: Cast, survey: Survey) -> None:
    loop_rule(cast, survey)
    case = ended(cast)
    leave()
    ask = answered(Ask.objects.get(case=case), 1, "等了 <三> 天")
    html = panels(cast, case.number)
    assert "客户评价" in html
    assert "等了 &lt;三&gt; 天" in html
    assert ask.opened is not None
    assert ask.opened.number in html
    there = panels(cast, ask.opened.number)
    assert case.number in there
    assert cast.zhou.client().get(f"/cases/{case.number}/panels/").status_code == 404
    record = cast.lin.client().get(f"/cases/{case.number}/").content.decode()
    assert "客户打了低分" in record


def test_of_an_anonymous_rule_the_case_tells_only_that_it_was_asked_about(
    cast: Cast, survey: Survey
) -> None:
    made = rule(cast, survey)
    case = ended(cast)
    leave()
    before = panels(cast, case.number)
    answer(Ask.objects.get(), 1, "太慢了")
    count()
    assert Invitation.objects.get().state == "answered"
    after = panels(cast, case.number)
    assert "太慢了" not in after
    assert re.sub(r"\s", "", before) == re.sub(r"\s", "", after)
    admin = cast.admin.client()
    listed = admin.get(f"/satisfaction/rules/{made.pk}/asked/").content.decode()
    assert case.number in listed
    assert "已答" not in re.sub(r"(?s)<header.*?</header>", "", listed)


def test_cases_out_of_reach_are_not_listed(cast: Cast, survey: Survey) -> None:
    made = loop_rule(cast, survey)
    case = ended(cast)
    html = cast.admin.client().get(f"/satisfaction/rules/{made.pk}/asked/").content.decode()
    assert case.number in html
    assert cast.zhou.client().get(f"/satisfaction/rules/{made.pk}/asked/").status_code in (403, 404)


# Over the API


def test_a_rule_over_the_api(cast: Cast, survey: Survey) -> None:
    admin = Caller(cast.admin)
    body = {
        "name": "结案回访", "subject": "请您评价", "text": "{link}", "is_named": True, "delay_hours": 0,
        "low": {"loop": "case", "question": "q1", "bad": "at_most", "limit": 2, "opens_type": "repair",
                "asks_again": True},
    }  # fmt: skip
    status, made = admin.send("POST", f"/surveys/{survey.pk}/ask-rules", body)
    assert status == 201, made
    pk = made["id"]
    ended(cast)
    leave()
    ask = answered(Ask.objects.get(), 1)
    _status, found = admin.get(f"/ask-rules/{pk}")
    assert (found["met"], found["sent"], found["answered"], found["opened"]) == (1, 1, 1, 1)
    assert found["low"]["limit"] == 2
    assert found["measured_twice"] is None
    (row,) = admin.get(f"/ask-rules/{pk}/asks")[1]["items"]
    assert ask.opened is not None
    assert (row["state"], row["opened"]) == ("answered", ask.opened.number)
    assert admin.send("POST", f"/ask-rules/{pk}/pause")[1]["state"] == "stopped"
    assert admin.send("POST", f"/ask-rules/{pk}/resume")[1]["state"] == "running"
    assert admin.get("/ask-rules")[1]["items"][0]["id"] == pk
    status, wrong = admin.send(
        "POST", f"/surveys/{survey.pk}/ask-rules", {**body, "is_named": False}
    )
    assert (status, wrong["error"]["code"]) == (422, "not_named")


def test_of_an_anonymous_rule_the_api_names_nobody_who_answered(cast: Cast, survey: Survey) -> None:
    made = rule(cast, survey)
    ended(cast)
    leave()
    answer(Ask.objects.get(), 5)
    count()
    (row,) = Caller(cast.admin).get(f"/ask-rules/{made.pk}/asks")[1]["items"]
    assert row["state"] == "sent"
