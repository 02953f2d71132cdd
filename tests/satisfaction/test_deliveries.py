"""After a delivery: told once, asked about once, and a low score opens a case."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from tests.api.test_api import Caller
from tests.care.conftest import close
from tests.cast import SETUP, Cast, everybody, make_customer
from tests.guards import given
from tests.satisfaction.delivery_scene import (
    AFTER_DELIVERY,
    LOW_OPENS,
    delivered,
    delivery_rule,
    hours_ago,
    state_of,
    told,
)
from tests.satisfaction.loop_scene import (
    answered,
    cap,
    ended,
    leave,
    loop_rule,
    post_fixture,  # noqa: F401
    questionnaire,
    reopen,
    rule,
)
from tests.surveys.sending_scene import AFTERNOON, Post, deliver, invite
from zhike.core import clock
from zhike.core.errors import Conflict, NotFound, RuleError
from zhike.core.models import AuditRow, OutboxMessage
from zhike.customers import services as customers
from zhike.customers.models import TimelineEntry
from zhike.desk import services as desk
from zhike.desk.models import Case
from zhike.desk.services.types import add_type
from zhike.satisfaction.models import Ask, AskRule, Delivery
from zhike.satisfaction.rules import draw_of
from zhike.satisfaction.services.ask_rules import Low, When, pause_rule
from zhike.satisfaction.services.deliveries import withdraw_delivery

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def often(cast: Cast, post: Post) -> None:
    with given():
        cap(50)


# Asked


def test_asked_some_hours_after_it_and_a_low_score_opens_a_case(
    cast: Cast, post: Post, frozen_clock: Any
) -> None:
    delivery_rule(cast, when=When("delivery", delay_hours=3))
    delivery = delivered(cast, delivered_at=hours_ago(1))
    leave()
    assert state_of(delivery) == ("waiting", "")
    # The hours count from the delivery.
    frozen_clock(AFTERNOON + timedelta(hours=2))
    leave()
    leave()
    (letter,) = post.letters
    assert "这是记名问卷" in letter.text
    ask = answered(Ask.objects.get(delivery=delivery), 1, "箱子破了")
    assert ask.opened is not None
    assert (ask.opened.customer_id, ask.opened.unit_id) == (cast.chen.pk, cast.zhoukou.pk)
    assert ask.opened.type_id == "complaint"
    assert "SO-113" in ask.opened.title
    assert Case.objects.count() == 1
    assert TimelineEntry.objects.filter(customer=cast.chen, room="satisfaction").count() == 1
    card = cast.lin.client().get(f"/cases/{ask.opened.number}/panels/").content.decode()
    assert "箱子破了" in card
    assert "SO-113" in card


def test_once_seen_to_the_same_customer_is_asked_again(cast: Cast) -> None:
    made = delivery_rule(cast)
    delivered(cast)
    leave()
    first = answered(Ask.objects.get(), 1)
    assert first.opened is not None
    with given():
        Case.objects.filter(pk=first.opened.pk).update(type="repair")
    case = close(cast.lin, Case.objects.get(pk=first.opened.pk))
    second = Ask.objects.get(first=first)
    assert second.delivery_id == first.delivery_id
    # Reopened before its mail left: it waits until the case is closed again.
    reopen(cast, case)
    leave()
    second.refresh_from_db()
    assert second.invitation is not None
    assert second.invitation.refusal == "overtaken"
    desk.close_case(**cast.lin.acting, case_id=case.pk, outcome="solved", text="好了")
    leave()
    answered(second, 5)
    assert Case.objects.count() == 1
    page = cast.admin.client().get(f"/satisfaction/rules/{made.pk}/").content.decode()
    assert "SO-113" in page
    record = cast.lin.client().get(f"/cases/{case.number}/").content.decode()
    assert "再次" in record


def test_in_a_unit_of_its_own(cast: Cast) -> None:
    low = Low("case", "q1", "at_most", 2, (), "complaint", cast.shangqiu.pk)
    delivery_rule(cast, low=low)
    delivered(cast)
    leave()
    ask = answered(Ask.objects.get(), 1)
    assert ask.opened is not None
    assert ask.opened.unit_id == cast.shangqiu.pk


def test_within_a_time_the_rule_sets(cast: Cast) -> None:
    made = delivery_rule(cast, low=replace(LOW_OPENS, due_amount=2, due_unit="calendar_days"))
    delivered(cast)
    leave()
    ask = answered(Ask.objects.get(), 1)
    assert ask.opened is not None
    due = ask.opened.resolution_due_at
    assert due is not None
    assert clock.local(due).date() == clock.local(AFTERNOON).date() + timedelta(days=2)
    html = cast.admin.client().get(f"/satisfaction/rules/{made.pk}/asked/").content.decode()
    assert "SO-113" in html
    assert ask.opened.number in html


def test_only_of_the_unit_and_those_below_and_a_share_of_them(cast: Cast) -> None:
    survey = questionnaire(cast)
    here = rule(cast, survey, when=When("delivery", unit_id=cast.zhoukou.pk, share_percent=50))
    rule(cast, survey, when=When("delivery", unit_id=cast.shangqiu.pk))
    whole = rule(cast, survey, when=When("delivery", unit_id=cast.company.pk))
    rows = [delivered(cast, f"SO-{n}") for n in range(24)]
    assert {one.rule_id for one in Ask.objects.all()} == {here.pk, whole.pk}
    asks = {one.delivery_id: one for one in here.asks.all()}
    for row in rows:
        one = asks[row.pk]
        assert one.draw == draw_of(here.seed, row.pk)
        assert one.is_drawn == (one.draw < 5000) == (one.invitation_id is not None)
    assert {one.is_drawn for one in asks.values()} == {True, False}


def test_only_recent_ones_are_asked_about_and_the_list_says_why(cast: Cast) -> None:
    delivery_rule(cast)
    old = delivered(cast, "SO-1", delivered_at=clock.now() - timedelta(days=31))
    ahead = delivered(cast, "SO-2", delivered_at=clock.now() + timedelta(hours=2))
    # A clock that goes before ours is no delivery still to come.
    now = delivered(cast, "SO-3", delivered_at=clock.now() + timedelta(minutes=5))
    assert (old.left_out, ahead.left_out, now.left_out) == ("old", "future", "")
    assert Ask.objects.get().delivery_id == now.pk
    html = cast.admin.client().get("/satisfaction/rules/deliveries/").content.decode()
    assert "30 天" in html
    assert "尚未送达" in html


def test_a_rule_that_rests_asks_nobody(cast: Cast) -> None:
    made = delivery_rule(cast)
    waiting = delivered(cast, "SO-1")
    pause_rule(**cast.admin.acting, rule_id=made.pk)
    delivered(cast, "SO-2")
    leave()
    assert Ask.objects.count() == 1
    assert state_of(waiting) == ("refused", "stopped")


def test_other_rules_do_not_meet_deliveries_nor_this_one_cases(cast: Cast) -> None:
    survey = questionnaire(cast)
    of_cases = loop_rule(cast, survey)
    of_deliveries = loop_rule(cast, survey, when=AFTER_DELIVERY)
    case, delivery = ended(cast), delivered(cast)
    assert list(of_cases.asks.values_list("case_id", "delivery_id")) == [(case.pk, None)]
    assert list(of_deliveries.asks.values_list("case_id", "delivery_id")) == [(None, delivery.pk)]


# Told


def test_told_twice_it_is_one(cast: Cast) -> None:
    delivery_rule(cast)
    first, again = told(cast), told(cast)
    assert (first.is_new, again.is_new) == (True, False)
    assert first.delivery.pk == again.delivery.pk
    assert Ask.objects.count() == 1
    assert AuditRow.objects.filter(action="satisfaction.delivery.tell").count() == 1
    # Another program may count alike.
    assert told(cast, source="门店系统").is_new


def test_told_otherwise_is_refused_and_nothing_changes(cast: Cast) -> None:
    row = delivered(cast)
    other = make_customer(cast.zhoukou)
    for changes in (
        {"customer_id": other.pk},
        {"delivered_at": hours_ago(5)},
        {"unit_id": cast.shangqiu.pk},
    ):
        with pytest.raises(Conflict) as refused:
            told(cast, **changes)
        assert refused.value.code == "told_otherwise"
    assert list(Delivery.objects.values_list("pk", "customer_id")) == [(row.pk, cast.chen.pk)]


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"reference": "  "}, "reference_missing", "reference"),
        ({"reference": "1" * 81}, "text_too_long", "reference"),
        ({"what": "件" * 201}, "text_too_long", "what"),
        ({"customer_id": None}, "customer_missing", "customer"),
        ({"customer_id": None, "customer": "13900000000"}, "customer_unknown", "customer"),
        ({"unit_id": 999_999}, "unit_unknown", "unit_id"),
    ],
)
def test_what_lacks_or_is_unknown_is_told_by_field(
    cast: Cast, changes: dict[str, Any], code: str, field: str
) -> None:
    with pytest.raises(RuleError) as refused:
        told(cast, **{"reference": "SO-1", **changes})
    assert (refused.value.code, refused.value.field) == (code, field)
    assert not Delivery.objects.exists()


def test_the_customer_is_found_by_phone_or_number_and_followed_after_a_merge(cast: Cast) -> None:
    numbered = make_customer(cast.zhoukou, "周大海", external_id="KH-7")
    by_phone = delivered(cast, "SO-1", customer_id=None, customer="138-1234-6027")
    by_number = delivered(cast, "SO-2", customer_id=None, customer=" KH-7 ")
    assert (by_phone.customer_id, by_number.customer_id) == (cast.chen.pk, numbered.pk)
    waiting = delivery_rule(cast)
    old = delivered(cast, "SO-3", customer_id=numbered.pk)
    customers.merge_customers(
        actor=SETUP, grants=everybody(), keep_id=cast.chen.pk, drop_id=numbered.pk
    )
    assert delivered(cast, "SO-4", customer_id=numbered.pk).customer_id == cast.chen.pk
    old.refresh_from_db()
    assert old.customer_id == cast.chen.pk
    leave()
    ask = answered(Ask.objects.get(delivery=old), 1)
    assert ask.rule_id == waiting.pk
    assert ask.opened is not None
    assert ask.opened.customer_id == cast.chen.pk


def test_what_is_out_of_reach_is_as_if_it_were_not(cast: Cast) -> None:
    row = delivered(cast)
    elsewhere = make_customer(cast.shangqiu, "许红梅", external_id="KH-9")
    zhou = Caller(cast.zhou)
    assert zhou.get(f"/deliveries/{row.pk}")[0] == 403
    with pytest.raises(NotFound):
        told(cast, "SO-2", customer_id=999_999)
    assert told(cast, "SO-3", customer_id=None, customer="KH-9").delivery.customer_id == (
        elsewhere.pk
    )


# Withdrawn


def test_withdrawn_before_its_mail_left_nobody_is_asked_and_it_can_be_told_again(
    cast: Cast, post: Post
) -> None:
    delivery_rule(cast)
    row = delivered(cast)
    withdraw_delivery(**cast.admin.acting, delivery_id=row.pk)
    withdraw_delivery(**cast.admin.acting, delivery_id=row.pk)
    leave()
    assert not post.letters
    assert state_of(row) == ("refused", "overtaken")
    assert AuditRow.objects.filter(action="satisfaction.delivery.withdraw").count() == 1
    again = told(cast, delivered_at=hours_ago(3))
    assert again.is_new
    leave()
    assert len(post.letters) == 1


def test_in_the_outbox_it_is_called_off_too(cast: Cast, post: Post) -> None:
    delivery_rule(cast)
    row = delivered(cast)
    invite()
    assert OutboxMessage.objects.filter(state="waiting").count() == 1
    withdraw_delivery(**cast.admin.acting, delivery_id=row.pk)
    deliver()
    assert not post.letters


def test_once_its_mail_left_it_stays(cast: Cast) -> None:
    delivery_rule(cast)
    row = delivered(cast)
    leave()
    with pytest.raises(Conflict):
        withdraw_delivery(**cast.admin.acting, delivery_id=row.pk)
    row.refresh_from_db()
    assert row.withdrawn_at is None
    html = cast.admin.client().get(f"/satisfaction/rules/deliveries/{row.pk}/").content.decode()
    assert "withdraw" not in html


# The rule


@pytest.mark.parametrize(
    ("when", "low", "code"),
    [
        (When("delivery", case_types=["repair"]), Low(), "delivery_without_cases"),
        (When("delivery", channels=["phone"]), Low(), "delivery_without_cases"),
        (
            When("delivery"),
            Low("visit", "q1", "at_most", 2, (), "complaint"),
            "delivery_without_visit",
        ),
    ],
)
def test_what_only_cases_have_is_refused(cast: Cast, when: When, low: Low, code: str) -> None:
    with pytest.raises(RuleError) as refused:
        loop_rule(cast, questionnaire(cast), when=when, low=low)
    assert refused.value.code == code
    assert not AskRule.objects.exists()


def test_the_database_refuses_it_too(cast: Cast) -> None:
    made = delivery_rule(cast)
    delivery, case = delivered(cast), ended(cast)
    wrong: list[dict[str, Any]] = [
        {"case": case, "delivery": delivery},
        {"case": None, "delivery": None},
        {"case": None, "delivery": delivery, "first": None},
    ]
    for about in wrong:
        with given(), pytest.raises(IntegrityError), transaction.atomic():
            Ask.objects.create(rule=made, made_at=clock.now(), draw=1, is_drawn=False, **about)
    with given(), pytest.raises(IntegrityError), transaction.atomic():
        AskRule.objects.filter(pk=made.pk).update(loop="visit")
    with given(), pytest.raises(IntegrityError), transaction.atomic():
        Delivery.objects.create(
            reference="SO-113", customer=cast.chen, unit=cast.zhoukou,
            delivered_at=clock.now(), told_at=clock.now(),
        )  # fmt: skip


# The older way


def test_a_case_of_an_own_type_still_does(cast: Cast, post: Post) -> None:
    """Opened and closed by another program, for those who want a case per delivery."""
    add_type(**cast.admin.acting, code="delivery", name="送货", prefix="SH")
    only = When("closed", case_types=["delivery"], delay_hours=0)
    loop_rule(cast, questionnaire(cast), when=only, low=LOW_OPENS)
    program = Caller(cast.lin)
    note = {"type": "delivery", "text": "送货单 SO-113，后桥一件", "customer_id": cast.chen.pk}
    # Told twice by a program that is not sure, it is one delivery.
    (status, made), (again, same) = (
        program.post("/cases", {**note, "external_id": "SO-113"}, key="SO-113")
        for _time in range(2)
    )
    assert (status, again, same["number"]) == (201, 200, made["number"])
    done = {"outcome": "solved", "text": "已送到，客户签收。"}
    status, _closed = program.post(f"/cases/{made['number']}/close", done)
    assert status == 200
    leave()
    (message,) = OutboxMessage.objects.all()
    assert message.subject_type == "surveys.invitation"
    ask = answered(Ask.objects.get(), 1, "等了三天")
    assert ask.case is not None
    assert ask.case.number == made["number"]
    assert ask.opened is not None
    # Another kind of case is none of this rule's.
    repair = {"type": "repair", "text": "异响", "customer_id": cast.chen.pk}
    _status, other = program.post("/cases", repair)
    program.post(f"/cases/{other['number']}/close", {"outcome": "solved", "text": "已修好。"})
    assert not Ask.objects.filter(case__number=other["number"]).exists()
