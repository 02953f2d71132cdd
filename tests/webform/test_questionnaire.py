"""Answering a questionnaire as a customer does: no script, no sign-in, one page after the other."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.cast import Cast
from tests.guards import given
from tests.surveys.scene import (
    AFTER_CONTACT,
    EVERY_KIND,
    ZH,
    document,
    options,
    page,
    published,
    question,
)
from zhike.channels.webform.pacing import forget_tries
from zhike.core import clock
from zhike.core.models import AuditRow
from zhike.surveys.choices import SurveyState
from zhike.surveys.models import Link, Response, Survey

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh() -> None:
    forget_tries()


@pytest.fixture
def link(cast: Cast) -> Link:
    return published(cast.zhoukou, AFTER_CONTACT)


def phone(**more: Any) -> Client:
    return Client(enforce_csrf_checks=True, **more)


def hidden(html: str) -> dict[str, str]:
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', html))


def opened(browser: Client, link: Link, path: str = "") -> str:
    found = browser.get(f"/q/{link.token}/{path}")
    assert found.status_code == 200, found.status_code
    return found.content.decode()


def send(browser: Client, link: Link, html: str, **fields: Any) -> Any:
    named = {name.replace("__", "."): value for name, value in fields.items()}
    return browser.post(f"/q/{link.token}/", hidden(html) | named)


def test_one_click_and_thanks(link: Link) -> None:
    browser = phone()
    done = send(browser, link, opened(browser, link), q1="5")
    assert (done.status_code, done.headers["Location"]) == (303, f"/q/{link.token}/thanks/")
    assert "谢谢您,您的话我们逐条看。" in opened(browser, link, "thanks/")
    assert Response.objects.get().answers == {"q1": 5}


def test_the_question_why_comes_with_what_was_answered(link: Link) -> None:
    browser = phone()
    on = send(browser, link, opened(browser, link), q1="2")
    assert on.headers["Location"] == f"/q/{link.token}/2/"
    html = opened(browser, link, "2/")
    assert "您给了 2 分,哪里没有做好?" in html
    assert "第 2 页，共 2 页" in html
    done = send(browser, link, html, why="等了太久")
    assert done.headers["Location"] == f"/q/{link.token}/thanks/"
    assert Response.objects.get().answers == {"q1": 2, "why": "等了太久"}


def test_going_back_keeps_what_was_written_and_shows_what_was_answered(link: Link) -> None:
    browser = phone()
    send(browser, link, opened(browser, link), q1="2")
    back = send(browser, link, opened(browser, link, "2/"), why="等了太久", go="back")
    assert back.headers["Location"] == f"/q/{link.token}/1/"
    assert re.search(r'name="q1" value="2" checked', opened(browser, link, "1/"))
    assert "等了太久" in opened(browser, link, "2/")


def test_a_missing_answer_comes_back_with_a_sentence_and_what_was_filled_in(cast: Cast) -> None:
    link = published(
        cast.zhoukou,
        document(page("s1", question("q1", "scale", required=True), question("w", "text"))),
    )
    browser = phone()
    back = send(browser, link, opened(browser, link), w="先写了这句")
    html = back.content.decode()
    assert back.status_code == 422
    assert "请回答这一题" in html
    assert 'href="#q-q1"' in html
    assert "先写了这句" in html
    assert not Response.objects.exists()
    # The secret of the page stays, so that sending it once more is the same response.
    assert send(browser, link, html, q1="3", w="先写了这句").status_code == 303


def test_whoever_went_away_goes_on_where_they_were(link: Link) -> None:
    browser = phone()
    send(browser, link, opened(browser, link), q1="1")
    again = browser.get(f"/q/{link.token}/")
    assert again.headers["Location"] == f"/q/{link.token}/2/"
    assert phone().get(f"/q/{link.token}/2/").headers["Location"] == f"/q/{link.token}/"


def test_answers_may_be_changed_and_stay_one_response(link: Link) -> None:
    browser = phone()
    send(browser, link, opened(browser, link), q1="5")
    assert browser.get(f"/q/{link.token}/").headers["Location"] == f"/q/{link.token}/thanks/"
    assert f"/q/{link.token}/1/" in opened(browser, link, "thanks/")
    html = opened(browser, link, "1/")
    assert "这是您之前的回答" in html
    send(browser, link, html, q1="4")
    assert Response.objects.get().answers == {"q1": 4}


def test_settled_answers_are_told_so(link: Link, frozen_clock: Any) -> None:
    browser = phone()
    html = opened(browser, link)
    send(browser, link, html, q1="5")
    frozen_clock(clock.now() + timedelta(hours=49))
    assert "/1/" not in opened(browser, link, "thanks/")
    assert browser.get(f"/q/{link.token}/1/").status_code == 409
    late = send(browser, link, html, q1="1")
    assert late.status_code == 409
    assert "不能再改" in late.content.decode()
    assert Response.objects.get().answers == {"q1": 5}


def test_a_tablet_on_the_counter_begins_anew_after_each(cast: Cast) -> None:
    link = published(cast.zhoukou, AFTER_CONTACT, is_counter=True)
    tablet = phone()
    for value in ("5", "4"):
        send(tablet, link, opened(tablet, link), q1=value)
        html = opened(tablet, link, "thanks/")
        assert f'content="10; url=/q/{link.token}/"' in html
        assert "/1/" not in html
    assert [row.answers["q1"] for row in Response.objects.order_by("id")] == [5, 4]


def test_the_page_speaks_the_phones_language_and_the_chosen_one(link: Link) -> None:
    english = phone(headers={"accept-language": "en-US"})
    assert "Were you content?" in opened(english, link)
    html = opened(english, link, "?lang=zh-hans")
    assert "这次服务,您还满意吗?" in html
    assert "提交" in html
    send(english, link, html, q1="5")
    assert Response.objects.get().language == ZH
    # A language the questionnaire does not speak.
    assert "这次服务,您还满意吗?" in opened(phone(), link, "?lang=zh-hant")


def test_every_kind_travels_through_the_form(cast: Cast) -> None:
    link = published(cast.zhoukou, EVERY_KIND)
    browser = phone()
    answers = {
        "one": "other",
        "one__words": "<b>别的</b>",
        "several": ["a", "b"],
        "five": "5",
        "ten": "10",
        "nps": "9",
        "ces": "1",
        "grid__x": "2",
        "gap__x__e": "7",
        "gap__x__p": "5",
        "rival__x__us": "6",
        "rival__x__them": "7",
        "share__x": "50",
        "share__y": "50",
        "order__a": "2",
        "order__b": "1",
        "order__c": "3",
        "words": "很好",
        "age": "35",
        "day": "2026-05-01",
    }
    assert send(browser, link, opened(browser, link), **answers).status_code == 303
    row = Response.objects.get()
    assert row.answers["one.words"] == "<b>别的</b>"
    assert row.answers["gap"] == {"x": [7, 5]}
    html = opened(browser, link, "1/")
    assert "&lt;b&gt;别的&lt;/b&gt;" in html
    # As it stands on the page it can be sent again: the same answers.
    fields = {name: values for name, values in filled(html).items() if name not in hidden(html)}
    browser.post(f"/q/{link.token}/", hidden(html) | fields)
    row.refresh_from_db()
    assert (row.revision, row.answers["order"], row.answers["age"]) == (2, ["b", "a", "c"], 35.0)


def filled(html: str) -> dict[str, list[str]]:
    """What a browser would send of this page as it stands."""
    found: dict[str, list[str]] = {}
    for tag in re.findall(r"<input[^>]*>", html):
        facts = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        kind = facts.get("type", "text")
        if kind in ("radio", "checkbox") and " checked" not in tag:
            continue
        if facts.get("name"):
            found.setdefault(facts["name"], []).append(facts.get("value", ""))
    for name, text in re.findall(r'<textarea[^>]*name="(\w+)"[^>]*>([^<]*)</textarea>', html):
        found[name] = [text]
    for name, body in re.findall(r'<select[^>]*name="([\w.]+)"[^>]*>(.*?)</select>', html, re.S):
        found[name] = re.findall(r'<option value="(\w+)" selected', body)
    return found


def test_the_page_needs_no_script_and_stays_small(cast: Cast) -> None:
    link = published(cast.zhoukou, EVERY_KIND)
    browser = phone()
    html = opened(browser, link)
    assert "<script" not in html
    assert "csrfmiddlewaretoken" not in html
    size = len(html.encode())
    for path in re.findall(r'<link rel="(?:stylesheet|icon)" href="/static/([^"?]+)', html):
        from django.contrib.staticfiles.finders import find

        plain = re.sub(r"\.[0-9a-f]{12}(?=\.)", "", path)
        with open(str(find(plain)), "rb") as file:
            size += len(file.read())
    assert size < 100_000
    assert settings.SESSION_COOKIE_NAME not in browser.cookies


def test_an_answer_asks_neither_session_nor_user(
    link: Link, django_assert_num_queries: Any
) -> None:
    browser = phone()
    html = opened(browser, link)
    # Where the link leads, and the row.
    with django_assert_num_queries(2):
        send(browser, link, html, q1="5")


def test_a_page_asks_for_its_link_and_the_company_alone(link: Link) -> None:
    browser = phone()
    opened(browser, link)
    with CaptureQueriesContext(connection) as asked:
        opened(browser, link)
    # Not the other units: a house may have hundreds of them, and hundreds open this page at once.
    where, whose = (one["sql"] for one in asked.captured_queries)
    assert "surveys_link" in where
    assert "accounts_unit" in whose
    assert "LIMIT 1" in whose


def test_large_type(link: Link) -> None:
    browser = phone()
    assert 'class="is-large"' in opened(browser, link, "?large=1")
    assert 'class="is-large"' in opened(browser, link)


@pytest.mark.parametrize(
    "fields",
    [
        {"ref": ""},
        {"ref": "x" * 32},
        {"page": "7"},
        {"page": "-1"},
        {"page": "１"},
        {"page": "9" * 30},
        {"version": "0"},
        {"version": "abc"},
        {"version": "9" * 11},
        {"page": "1"},
    ],
)
def test_a_form_that_is_none_of_ours_writes_nothing(link: Link, fields: dict[str, str]) -> None:
    browser = phone()
    form = hidden(opened(browser, link)) | {"q1": "5"} | fields
    assert browser.post(f"/q/{link.token}/", form).status_code in (302, 404)
    assert not Response.objects.exists()


def test_no_such_questionnaire(link: Link, given: Any) -> None:
    for path in ("nothing00000", "%27", "a" * 300):
        assert phone().get(f"/q/{path}/").status_code == 404
        assert phone().get(f"/q/{path}/2/").status_code == 404
        assert phone().get(f"/q/{path}/thanks/").status_code == 404
    with given():
        link.survey.state = SurveyState.CLOSED
        link.survey.save()
    closed = phone().get(f"/q/{link.token}/")
    assert closed.status_code == 410
    assert "不再收集回答" in closed.content.decode()


def test_what_fills_in_the_hidden_field_is_asked_again(link: Link) -> None:
    browser = phone()
    caught = send(browser, link, opened(browser, link), q1="5", homepage="http://spam")
    assert caught.status_code == 422
    assert not Response.objects.exists()
    assert send(browser, link, caught.content.decode(), q1="5").status_code == 303


def test_whoever_sends_hundreds_an_hour_is_stopped(link: Link, settings: Any) -> None:
    settings.PUBLIC_LIMITS = settings.PUBLIC_LIMITS | {"answers": 3}
    browser = phone()
    html = opened(browser, link)
    for _number in range(3):
        assert send(browser, link, html, q1="5").status_code == 303
    refused = send(browser, link, html, q1="1")
    assert refused.status_code == 429
    assert refused.headers["Retry-After"]
    assert send(browser, link, html, q1="1").status_code == 429
    assert AuditRow.objects.filter(action="webform.limit").count() == 1
    assert Response.objects.get().answers == {"q1": 5}


def test_choices_in_ones_own_order(cast: Cast) -> None:
    link = published(
        cast.zhoukou,
        document(page("s1", question("q1", "single", shuffle=True, options=options(*"abcdefgh")))),
    )
    orders = {
        tuple(re.findall(r'name="q1" value="(\w)"', opened(phone(), link))) for _number in range(6)
    }
    assert len(orders) > 1
    assert {frozenset(one) for one in orders} == {frozenset("abcdefgh")}


def test_who_answers_is_told_that_results_wait_for_the_closing(link: Link) -> None:
    assert "关闭" not in opened(phone(), link)
    with given():
        Survey.objects.filter(pk=link.survey_id).update(kept_since=clock.now())
    page_ = opened(phone(), link)
    assert "问卷关闭之前，谁也看不到任何结果" in page_
    assert "48 小时内、问卷关闭之前" in page_
