"""Deliveries as they are seen and told: by clicks, over the API, in a person's data, and never who answered."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.api.test_api import Caller
from tests.cast import CHEN_PHONE, Cast
from tests.guards import given
from tests.satisfaction.delivery_scene import (
    anonymous_rule,
    delivered,
    delivery_rule,
    told,
)
from tests.satisfaction.loop_scene import (
    answer,
    answered,
    cap,
    count,
    leave,
    post_fixture,  # noqa: F401
    questionnaire,
)
from tests.satisfaction.test_rule_pages import FORM
from tests.surveys.sending_scene import AFTERNOON, Post
from zhike.core.errors import NotFound
from zhike.core.jobs.inline import run_pending_jobs
from zhike.core.retention import CLASSES
from zhike.customers.services.erasing import erase_customer
from zhike.desk.models import Case
from zhike.satisfaction import personal_data
from zhike.satisfaction.models import Ask, AskRule, Delivery
from zhike.satisfaction.services.closing_loop import judge
from zhike.satisfaction.services.deliveries import withdraw_delivery

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def often(cast: Cast, post: Post) -> None:
    with given():
        cap(50)


# Pages


def test_noted_looked_at_and_withdrawn_by_clicks(cast: Cast) -> None:
    admin = cast.admin.client()
    assert "还没有送达记录" in admin.get("/satisfaction/rules/deliveries/").content.decode()
    made = delivery_rule(cast)
    form = {
        "reference": "SO-113", "customer": "13800000001", "delivered_at": "2026-11-24T10:00",
        "unit_id": cast.zhoukou.pk, "what": "后桥 <一> 件", "submit_key": "k1",
    }  # fmt: skip
    assert "查不到" in admin.post("/satisfaction/rules/deliveries/new/", form).content.decode()
    form["customer"] = CHEN_PHONE
    for _press in range(2):
        saved = admin.post("/satisfaction/rules/deliveries/new/", form)
        row = Delivery.objects.get()
        assert saved.headers["Location"] == f"/satisfaction/rules/deliveries/{row.pk}/"
    html = admin.get("/satisfaction/rules/deliveries/").content.decode()
    assert "后桥 &lt;一&gt; 件" in html
    assert made.name in html
    page = admin.get(f"/satisfaction/rules/deliveries/{row.pk}/").content.decode()
    assert cast.chen.name in page
    admin.post(f"/satisfaction/rules/deliveries/{row.pk}/withdraw/")
    assert "已撤回" in admin.get("/satisfaction/rules/deliveries/?tab=withdrawn").content.decode()


def test_a_rule_made_in_the_form_leaves_aside_what_cases_have(cast: Cast) -> None:
    survey = questionnaire(cast)
    address = f"/satisfaction/rules/new/?survey={survey.pk}"
    admin = cast.admin.client()
    form = {**FORM, "after": "delivery", "case_types": ["repair"], "channels": ["phone"]}
    owed = admin.post(address, {**form, "loop": "visit"})
    assert owed.status_code == 422
    assert "电话回访" in owed.content.decode() or "回访" in owed.content.decode()
    admin.post(address, form)
    made = AskRule.objects.get()
    assert (made.after, made.case_types, made.channels) == ("delivery", [], [])
    html = admin.get(f"/satisfaction/rules/{made.pk}/").content.decode()
    assert "哪些送达" in html
    assert "送达" in admin.get(f"/satisfaction/rules/{made.pk}/asked/").content.decode()


def test_of_an_anonymous_rule_nothing_tells_which_delivery_answered(cast: Cast) -> None:
    made = anonymous_rule(cast)
    row = delivered(cast)
    delivered(cast, "SO-114")
    leave()
    admin, program = cast.admin.client(), Caller(cast.admin)
    pages = (
        "/satisfaction/rules/deliveries/",
        "/satisfaction/rules/deliveries/?tab=asked",
        f"/satisfaction/rules/deliveries/{row.pk}/",
        f"/satisfaction/rules/{made.pk}/asked/",
    )

    def seen() -> list[str]:
        return [plain(admin.get(path).content.decode()) for path in pages] + [
            str(program.get(path)[1])
            for path in ("/deliveries", f"/deliveries/{row.pk}", f"/ask-rules/{made.pk}/asks")
        ]

    before = seen()
    answer(Ask.objects.get(delivery=row), 1, "太慢了")
    count()
    assert seen() == before


def plain(html: str) -> str:
    """Without the form tokens, which differ from one answer to the next."""
    return re.sub(r"[A-Za-z0-9]{64}", "", html)


# The person


def erase(cast: Cast) -> None:
    erase_customer(**cast.admin.acting, customer_id=cast.chen.pk, reason="本人要求")
    run_pending_jobs()


def test_who_is_erased_is_asked_no_more_and_nothing_tells_what_came(cast: Cast, post: Post) -> None:
    delivery_rule(cast)
    row = delivered(cast)
    erase(cast)
    leave()
    assert not post.letters
    row.refresh_from_db()
    assert (row.reference, row.what) == ("", "")
    admin = cast.admin.client()
    for path in ("", f"{row.pk}/"):
        html = admin.get(f"/satisfaction/rules/deliveries/{path}")
        assert html.status_code == 200
        assert "SO-113" not in html.content.decode()
    # Told again, there is nobody it could be about.
    with pytest.raises(NotFound):
        told(cast)


def test_erased_after_a_low_answer_no_case_is_opened(cast: Cast) -> None:
    delivery_rule(cast)
    delivered(cast)
    leave()
    ask = Ask.objects.get()
    answer(ask, 1, "箱子破了")
    erase(cast)
    count()
    judge(ask.pk)
    assert not Case.objects.exists()


def test_a_copy_of_their_data_tells_what_was_delivered(cast: Cast) -> None:
    delivered(cast)
    gone = delivered(cast, "SO-114")
    withdraw_delivery(**cast.admin.acting, delivery_id=gone.pk)
    rows = list(personal_data._deliveries([cast.chen.pk]))
    assert [(row["reference"], row["what"]) for row in rows] == [("SO-113", "后桥一件")]


def test_after_the_time_that_was_set_number_and_goods_go(cast: Cast) -> None:
    row = delivered(cast)
    kind = CLASSES.get("satisfaction.deliveries")
    assert kind is not None
    assert kind.rows is not None
    assert kind.end is not None
    assert not kind.rows(AFTERNOON - timedelta(days=1)).exists()
    with given():
        kind.end(list(kind.rows(AFTERNOON + timedelta(days=1))), None)
    row.refresh_from_db()
    assert (row.reference, row.what) == ("", "")
    assert not kind.rows(AFTERNOON + timedelta(days=1)).exists()


# Over the API


def test_over_the_api(cast: Cast) -> None:
    delivery_rule(cast)
    program = Caller(cast.admin)
    body = {
        "reference": "SO-113", "source": "erp", "delivered_at": "2026-11-24T10:00:00+08:00",
        "customer": CHEN_PHONE, "unit_id": cast.zhoukou.pk, "what": "后桥一件",
    }  # fmt: skip
    status, made = program.post("/deliveries", body, key="SO-113")
    assert status == 201, made
    again, same = program.post("/deliveries", body)
    assert (again, same["id"]) == (200, made["id"])
    by_key, same = program.post("/deliveries", {**body, "reference": "x"}, key="SO-113")
    assert (by_key, same["id"]) == (200, made["id"])
    status, wrong = program.post("/deliveries", {**body, "what": "", "unit_id": cast.company.pk})
    assert (status, wrong["error"]["code"]) == (409, "told_otherwise")
    assert made["asks"][0]["state"] == "waiting"
    leave()
    ask = answered(Ask.objects.get(), 1)
    assert ask.opened is not None
    (row,) = program.get("/deliveries?reference=SO-113&source=erp")[1]["items"]
    assert row["asks"][0]["opened"] == ask.opened.number
    status, refused = program.post(f"/deliveries/{made['id']}/withdraw")
    assert (status, refused["error"]["code"]) == (409, "delivery_asked_about")
    (listed,) = program.get(f"/ask-rules/{ask.rule_id}/asks")[1]["items"]
    assert (listed["case"], listed["delivery_id"]) == (None, made["id"])
    _status, other = program.post("/deliveries", {**body, "reference": "SO-114"})
    assert program.post(f"/deliveries/{other['id']}/withdraw")[1]["withdrawn_at"]


def test_a_rule_over_the_api_refuses_what_cases_have(cast: Cast) -> None:
    survey = questionnaire(cast)
    program = Caller(cast.admin)
    body = {
        "name": "送达后评价", "subject": "请您评价", "text": "{link}", "after": "delivery",
    }  # fmt: skip
    status, wrong = program.post(
        f"/surveys/{survey.pk}/ask-rules", {**body, "case_types": ["repair"]}
    )
    assert (status, wrong["error"]["code"]) == (422, "delivery_without_cases")
    assert program.post(f"/surveys/{survey.pk}/ask-rules", body)[0] == 201


def test_pages_cost_the_same_however_many_there_are(cast: Cast) -> None:
    made = delivery_rule(cast)
    admin, program = cast.admin.client(), Caller(cast.admin)

    def cost() -> list[int]:
        counted = []
        for ask in (
            lambda: admin.get("/satisfaction/rules/deliveries/"),
            lambda: admin.get(f"/satisfaction/rules/{made.pk}/asked/"),
            lambda: program.get("/deliveries"),
        ):
            ask()
            with CaptureQueriesContext(connection) as found:
                ask()
            counted.append(len(found))
        return counted

    delivered(cast, "SO-0")
    few = cost()
    for n in range(1, 9):
        delivered(cast, f"SO-{n}")
    assert cost() == few
