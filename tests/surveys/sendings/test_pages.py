"""The pages and the API of sendings: what they show, refuse, and say when nothing is there."""

import json
import re
from typing import Any

import pytest
from django.test import Client

from tests.api.test_api import Caller
from tests.cast import Cast, Staff
from tests.guards import given
from tests.surveys.sending_scene import (
    TEXT,
    Post,
    everything_leaves,
    people,
    province,
    start,
)
from zhike.core.models import OutboxMessage
from zhike.customers.models import Customer
from zhike.surveys.choices import SurveyState
from zhike.surveys.models import Invitation, Sending, Survey

pytestmark = pytest.mark.django_db


def filled(**changes: Any) -> dict[str, Any]:
    return {
        "name": "十一月回访",
        "purpose": "survey",
        "tier": "",
        "plan": "all",
        "wanted": "",
        "seed": "7",
        "submit_key": "once",
        "subject": "请您评价",
        "text": TEXT,
        "reminders": "1",
        "remind_after_days": "3",
        "go": "look",
        **changes,
    }


def post_form(who: Staff, survey: Survey, **changes: Any) -> Any:
    """`go="send"` sends what was looked at just before, as people do."""
    client, path = who.client(), f"/surveys/{survey.pk}/sendings/new/"
    looked = client.post(path, filled(**{**changes, "go": "look"}))
    if changes.get("go") != "send":
        return looked
    found = re.search(r'name="looked" value="(\w+)"', looked.content.decode())
    return client.post(path, filled(**changes, looked=found[1] if found else ""))


def page(who: Staff, path: str) -> str:
    found = who.client().get(path)
    assert found.status_code == 200, found.status_code
    return str(found.content.decode())


def test_the_list_says_that_nothing_was_sent_yet(cast: Cast, survey: Survey) -> None:
    html = page(cast.wang, f"/surveys/{survey.pk}/sendings/")
    assert "还没有发放过" in html


def test_what_is_lacking_is_said_and_looking_is_possible(
    cast: Cast, survey: Survey, settings: Any
) -> None:
    people(cast, 1)
    settings.ZHIKE_PUBLIC_URL = ""
    assert "ZHIKE_PUBLIC_URL" in page(cast.wang, f"/surveys/{survey.pk}/sendings/")
    looked = post_form(cast.wang, survey)
    assert looked.status_code == 200
    assert "发给 1 人" in looked.content.decode()
    assert "disabled" in looked.content.decode()
    sent = post_form(cast.wang, survey, go="send")
    assert sent.status_code == 422
    assert not Sending.objects.exists()


def test_looking_first_counts_and_writes_nothing(cast: Cast, survey: Survey) -> None:
    people(cast, 2, tier="vip")
    people(cast, 4, tier="key")
    looked = post_form(cast.wang, survey, plan="tier", wanted="3")
    html = looked.content.decode()
    assert looked.status_code == 200
    assert "发给 3 人" in html
    assert "陈女士，您好" in html
    assert not Sending.objects.exists()


def test_what_was_looked_at_is_what_leaves(cast: Cast, survey: Survey, post: Post) -> None:
    people(cast, 8)
    for _press in range(2):
        begun = post_form(cast.wang, survey, plan="random", wanted="3", go="send")
        assert begun.status_code == 302
    sending = Sending.objects.get()
    assert begun["Location"] == f"/surveys/sendings/{sending.pk}/"
    assert (sending.frame, sending.drawn, sending.seed) == (8, 3, 7)
    everything_leaves()
    html = page(cast.wang, f"/surveys/sendings/{sending.pk}/")
    assert "十一月回访" in html
    assert len(post.letters) == 3


def test_what_changed_since_is_looked_at_once_more(cast: Cast, survey: Survey) -> None:
    people(cast, 3)
    client, path = cast.wang.client(), f"/surveys/{survey.pk}/sendings/new/"
    looked = client.post(path, filled()).content.decode()
    digest = re.search(r'name="looked" value="(\w+)"', looked)
    assert digest is not None
    other = filled(go="send", looked=digest[1], plan="random", wanted="1")
    again = client.post(path, other)
    assert again.status_code == 200
    assert "发给 1 人" in again.content.decode()
    assert client.post(path, filled(go="send")).status_code == 200
    assert not Sending.objects.exists()


def test_the_conditions_of_the_list_come_from_the_form(cast: Cast, survey: Survey) -> None:
    north = province("北省")
    people(cast, 2, tier="vip", region_id=north)
    people(cast, 2, tier="vip")
    begun = post_form(cast.wang, survey, tier="vip", region=[str(north)], go="send")
    assert begun.status_code == 302
    sending = Sending.objects.get()
    assert sending.filter == f"tab=vip&region={north}"
    assert sending.drawn == 2
    assert f'href="/customers/?tab=vip&amp;region={north}"' in page(
        cast.wang, f"/surveys/sendings/{sending.pk}/"
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"plan": "all", "tier": "careful"},
        {"plan": "random", "wanted": "99"},
        {"plan": "random", "wanted": ""},
        {"text": "没有网址"},
        {"subject": ""},
        {"seed": "-1"},
        {"reminders": "9"},
    ],
)
def test_a_form_that_cannot_be_sent(cast: Cast, survey: Survey, changes: dict[str, Any]) -> None:
    people(cast, 2)
    for go in ("look", "send"):
        assert post_form(cast.wang, survey, **changes, go=go).status_code == 422
    assert not Sending.objects.exists()


def test_flagged_words_can_be_kept_with_a_reason(cast: Cast, survey: Survey) -> None:
    people(cast, 1)
    text = "陈先生，您可能不太明白。{link}"
    refused = post_form(cast.wang, survey, text=text, go="send")
    assert refused.status_code == 422
    assert 'name="why_kept"' in refused.content.decode()
    kept = post_form(cast.wang, survey, text=text, go="send", why_kept="原话如此")
    assert kept.status_code == 302


def test_the_people_are_listed_by_state(cast: Cast, survey: Survey) -> None:
    people(cast, 2)
    sending = start(cast, survey)
    with given():
        Invitation.objects.filter(pk=Invitation.objects.order_by("pk")[0].pk).update(
            state="refused", refusal="withdrawn", due_at=None
        )
    html = page(cast.wang, f"/surveys/sendings/{sending.pk}/people/?tab=refused")
    assert "客户" in html
    assert html.count("data-row=") == 1
    assert "不同意" in html or "拒绝" in html or "不" in html


def test_nobody_sees_the_mail_of_a_unit_that_is_not_theirs(cast: Cast, survey: Survey) -> None:
    people(cast, 1)
    sending = start(cast, survey)
    for path in ("", "people/"):
        assert cast.lin.client().get(f"/surveys/sendings/{sending.pk}/{path}").status_code == 403
    assert cast.lin.client().post(f"/surveys/sendings/{sending.pk}/stop/").status_code == 403
    assert cast.admin.client().get("/surveys/sendings/999999/").status_code == 404


def test_the_button_stops(cast: Cast, survey: Survey, post: Post) -> None:
    people(cast, 1)
    sending = start(cast, survey)
    assert cast.wang.client().post(f"/surveys/sendings/{sending.pk}/stop/").status_code == 302
    everything_leaves()
    assert not post.letters
    assert "已停止" in page(cast.wang, f"/surveys/sendings/{sending.pk}/")


def test_the_outbox_leads_to_the_sending(cast: Cast, survey: Survey, post: Post) -> None:
    people(cast, 1)
    sending = start(cast, survey)
    everything_leaves()
    message = OutboxMessage.objects.get()
    html = page(cast.admin, f"/outbox/{message.pk}/")
    assert f"/surveys/sendings/{sending.pk}/" in html
    assert "{link}" in html


def test_an_awkward_name_stays_words(cast: Cast, survey: Survey, post: Post) -> None:
    (one,) = people(cast, 1)
    with given():
        Customer.objects.filter(pk=one.pk).update(name="<b>王</b> {stop} {link}")
    sending = start(cast, survey)
    everything_leaves()
    assert "<b>王</b>" not in page(cast.wang, f"/surveys/sendings/{sending.pk}/people/")
    assert len(post.letters) == 1


# The API


def body(**changes: Any) -> dict[str, Any]:
    return {"name": "接口发放", "subject": "请您评价", "text": TEXT, **changes}


def test_the_api_begins_reads_and_stops(cast: Cast, survey: Survey, post: Post) -> None:
    people(cast, 6)
    caller = Caller(cast.wang)
    path = f"/surveys/{survey.pk}/sendings"
    status, made = caller.post(path, body(plan="random", wanted=4, seed=11))
    assert status == 201, made
    assert (made["frame"], made["drawn"], made["seed"], made["plan"]) == (6, 4, 11, "random")
    assert made["by_state"] == {"waiting": 4}
    everything_leaves()
    status, found = caller.get(f"/sendings/{made['id']}")
    assert (status, found["sent"], found["rate"]["answered"]) == (200, 4, 0)
    status, listed = caller.get(path)
    assert [row["id"] for row in listed["items"]] == [made["id"]]
    status, stopped = caller.post(f"/sendings/{made['id']}/stop", {})
    assert (status, stopped["state"]) == (200, "stopped")
    assert "客户" not in json.dumps(found, ensure_ascii=False)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"filter": "tire=vip"}, "filter_unknown"),
        ({"filter": "q=陈"}, "filter_words"),
        ({"plan": "random"}, "sample_size"),
        ({"text": "没有网址"}, "text_link"),
        ({"purpose": "nothing"}, "purpose_unknown"),
        ({"plan": "quota"}, "invalid_input"),
        ({"colour": "red"}, "invalid_input"),
        ({"text": "您可能不太明白。{link}"}, "phrases_flagged"),
    ],
)
def test_the_api_refuses_with_a_code(
    cast: Cast, survey: Survey, changes: dict[str, Any], code: str
) -> None:
    people(cast, 3)
    status, said = Caller(cast.wang).post(f"/surveys/{survey.pk}/sendings", body(**changes))
    assert status == 422
    assert said["error"]["code"] == code
    assert not Sending.objects.exists()


def test_the_api_refuses_while_the_questionnaire_is_closed(cast: Cast, survey: Survey) -> None:
    people(cast, 1)
    with given():
        Survey.objects.update(state=SurveyState.CLOSED)
    status, said = Caller(cast.wang).post(f"/surveys/{survey.pk}/sendings", body())
    assert (status, said["error"]["code"]) == (409, "survey_not_open")


def test_a_stranger_finds_nothing(cast: Cast, survey: Survey) -> None:
    people(cast, 1)
    sending = start(cast, survey)
    assert Caller(cast.zhou).get(f"/sendings/{sending.pk}")[0] == 404
    assert Client().get(f"/surveys/sendings/{sending.pk}/").status_code == 302
