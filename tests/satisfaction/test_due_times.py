"""A low score is to be seen to within the rule's own time: from the answer to “kept” or “overdue”."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from tests.api.test_api import Caller
from tests.care.conftest import close, visit_of
from tests.cast import Cast
from tests.guards import given
from tests.satisfaction.delivery_scene import delivered, delivery_rule
from tests.satisfaction.loop_scene import (
    LOW,
    answered,
    cap,
    ended,
    leave,
    loop_rule,
    post_fixture,  # noqa: F401
    questionnaire,
)
from tests.satisfaction.test_rule_pages import FORM
from tests.surveys.sending_scene import AFTERNOON, Post
from zhike.care import services as care
from zhike.core.calendar import Due
from zhike.core.errors import RuleError
from zhike.core.models import AuditRow, DuePlan, Notification
from zhike.desk import services as desk
from zhike.desk.models import Case
from zhike.desk.selectors.scope import visible_cases
from zhike.desk.services.alarms import watch_clocks
from zhike.satisfaction.models import Ask, AskRule
from zhike.satisfaction.rule_selectors import asks_of
from zhike.satisfaction.seen_to import seen_to_counts
from zhike.satisfaction.services.ask_rules import Low
from zhike.surveys.models import Survey

pytestmark = pytest.mark.django_db
EIGHT_HOURS = Low(
    "case", "q1", "at_most", 2, (), "request", due_amount=480, due_unit="business_minutes"
)
CALL = replace(EIGHT_HOURS, loop="visit", due_amount=120)
# From Tuesday 14:26: until 17:30, from 8:30 to noon, from 13:30 on.
DUE = datetime(2026, 11, 25, 6, 56, tzinfo=UTC)
IN_TWO_HOURS = AFTERNOON + timedelta(hours=2)


@pytest.fixture
def survey(cast: Cast, post: Post) -> Survey:
    with given():
        cap(50)
    return questionnaire(cast)


def low_answer(cast: Cast, survey: Survey, low: Low = EIGHT_HOURS) -> Ask:
    rule = AskRule.objects.first() or loop_rule(cast, survey, low=low)
    case = ended(cast)
    leave()
    return answered(Ask.objects.get(case=case, rule=rule), 1, "没人回话")


def state_of(cast: Cast, ask: Ask) -> tuple[str, Any]:
    row: Any = asks_of(cast.admin.acting["grants"], ask.rule).get(pk=ask.pk)
    return row.seen_to, row.seen_to_by


def told(cast: Cast, ask: Ask) -> tuple[str, str]:
    admin = cast.admin.client()
    page = admin.get(reverse("satisfaction:rule", args=[ask.rule_id])).content.decode()
    listed = admin.get(reverse("satisfaction:rule-asked", args=[ask.rule_id])).content.decode()
    return page, listed


# A case


def test_from_the_answer_to_a_case_due_within_the_rules_time(cast: Cast, survey: Survey) -> None:
    waiting = desk.open_case(
        **cast.lin.acting, new=desk.NewCase(type_code="request", channel="phone", text="问一下")
    ).case
    ask = low_answer(cast, survey)
    opened = Case.objects.get(pk=ask.opened_id)
    assert opened.resolution_due_at == DUE
    due = Due.from_json((opened.clocks or {})["resolution"])
    assert due.rule == "自动发放“结案回访”遇低分"
    # By the plan it would be three working days, as the one that waits.
    queue = visible_cases(cast.wang.acting["grants"]).filter(closed_at=None).order_by("queue_at")
    assert [case.pk for case in queue] == [opened.pk, waiting.pk]
    assert state_of(cast, ask) == ("to_do", DUE)
    page, listed = told(cast, ask)
    assert "限 8 工作小时内处理" in page
    assert "待处理" in listed
    assert "明天 14:56 前" in listed


def test_kept(cast: Cast, survey: Survey) -> None:
    ask = low_answer(cast, survey)
    close(cast.lin, Case.objects.get(pk=ask.opened_id))
    assert state_of(cast, ask) == ("in_time", DUE)
    page, listed = told(cast, ask)
    assert "1 / 1" in page
    assert "按时处理" in listed


def test_overdue_then_done_late(cast: Cast, survey: Survey, frozen_clock: Any) -> None:
    ask = low_answer(cast, survey)
    frozen_clock(DUE)
    assert watch_clocks() == 1
    told_of = Notification.objects.filter(kind="desk.due_over").values_list("user_id", flat=True)
    assert cast.wang.user.pk in told_of
    assert state_of(cast, ask) == ("overdue", DUE)
    page, listed = told(cast, ask)
    assert "0 / 1" in page
    assert "逾期处理 0，已逾期 1，待处理 0" in page
    assert "已逾期" in listed
    frozen_clock(DUE + timedelta(minutes=1))
    close(cast.lin, Case.objects.get(pk=ask.opened_id))
    assert state_of(cast, ask)[0] == "late"
    assert "逾期处理 1，已逾期 0，待处理 0" in told(cast, ask)[0]


def test_while_it_waits_for_the_customer_no_time_passes(
    cast: Cast, survey: Survey, frozen_clock: Any
) -> None:
    ask = low_answer(cast, survey)
    assert ask.opened_id is not None
    desk.claim(**cast.lin.acting, case_id=ask.opened_id)
    desk.wait_for_customer(**cast.lin.acting, case_id=ask.opened_id, reason="等照片")
    frozen_clock(DUE + timedelta(days=1))
    assert state_of(cast, ask) == ("waiting", None)
    # Ended while the clock stood still, it was not late.
    close(cast.lin, Case.objects.get(pk=ask.opened_id))
    assert state_of(cast, ask)[0] == "in_time"


def test_merged_away_it_is_done_with_the_case_it_went_into(
    cast: Cast, survey: Survey, frozen_clock: Any
) -> None:
    ask = low_answer(cast, survey)
    assert ask.opened is not None
    other = desk.open_case(
        **cast.lin.acting,
        new=desk.NewCase(
            type_code="request", channel="phone", text="同一件事", customer_id=cast.chen.pk
        ),
    ).case
    desk.merge_cases(
        **cast.admin.acting, into_id=other.pk, from_id=ask.opened.pk, reason="同一件事"
    )
    assert state_of(cast, ask) == ("to_do", DUE)
    frozen_clock(DUE + timedelta(hours=1))
    assert state_of(cast, ask) == ("overdue", DUE)
    close(cast.lin, Case.objects.get(pk=other.pk))
    assert state_of(cast, ask) == ("late", DUE)


def test_without_a_time_of_its_own_it_goes_by_the_plans(cast: Cast, survey: Survey) -> None:
    ask = low_answer(cast, survey, replace(LOW, opens_type="request"))
    opened = Case.objects.get(pk=ask.opened_id)
    assert opened.own_time is None
    # Three working days, the first of them tomorrow.
    assert opened.resolution_due_at == datetime(2026, 11, 27, 9, 30, tzinfo=UTC)
    assert "时限按服务时限方案" in told(cast, ask)[0]
    with given():
        DuePlan.objects.filter(purpose="resolution").delete()
    ask = low_answer(cast, survey)
    assert state_of(cast, ask) == ("to_do", None)
    close(cast.lin, Case.objects.get(pk=ask.opened_id))
    assert state_of(cast, ask) == ("done", None)
    assert seen_to_counts(ask.rule) == {
        "in_time": 0, "late": 0, "done": 1, "to_do": 1, "waiting": 0, "overdue": 0, "called_off": 0,
    }  # fmt: skip


# A call-back


def test_a_call_back_within_the_rules_time(cast: Cast, survey: Survey, frozen_clock: Any) -> None:
    ask = low_answer(cast, survey, CALL)
    visit = visit_of(ask.case)
    assert (ask.visit_id, visit.due_at) == (visit.pk, IN_TWO_HOURS)
    assert state_of(cast, ask) == ("to_do", IN_TWO_HOURS)
    record = cast.lin.client().get(reverse("desk:case", args=[ask.case.number])).content.decode()
    assert "须在 11-24 16:26 前完成" in record
    frozen_clock(IN_TWO_HOURS)
    assert state_of(cast, ask)[0] == "overdue"
    care.record_result(
        **cast.lin.acting, follow_up_id=visit.pk, outcome=care.Outcome("content", "好")
    )
    assert state_of(cast, ask) == ("in_time", IN_TWO_HOURS)


def test_one_more_call_back_and_one_called_off(cast: Cast, survey: Survey) -> None:
    loop_rule(cast, survey, low=CALL)
    case = ended(cast)
    leave()
    care.record_result(
        **cast.lin.acting, follow_up_id=visit_of(case).pk, outcome=care.Outcome("content", "好")
    )
    ask = answered(Ask.objects.get(case=case), 1)
    assert ask.visit is not None
    assert (ask.visit.sequence, ask.visit.due_at) == (2, IN_TWO_HOURS)
    desk.reopen(**cast.lin.acting, case_id=case.pk, reason="客户说又坏了")
    assert state_of(cast, ask)[0] == "called_off"


def test_where_no_call_back_can_be_made_the_case_has_the_same_time(
    cast: Cast, survey: Survey
) -> None:
    loop_rule(cast, survey, low=CALL)
    case = ended(cast)
    leave()
    desk.reopen(**cast.lin.acting, case_id=case.pk, reason="客户说又坏了")
    ask = answered(Ask.objects.get(case=case), 1)
    assert ask.opened is not None
    assert ask.opened.resolution_due_at == IN_TWO_HOURS


def test_after_a_delivery_the_case_has_the_rules_time_too(cast: Cast, survey: Survey) -> None:
    delivery_rule(cast, survey=survey, low=EIGHT_HOURS)
    delivered(cast)
    leave()
    ask = answered(Ask.objects.get(delivery__isnull=False), 1, "箱子破了")
    assert ask.opened is not None
    assert ask.opened.resolution_due_at == DUE
    assert state_of(cast, ask) == ("to_do", DUE)
    assert "明天 14:56 前" in told(cast, ask)[1]


# What is given, and what is refused


WRONG = (
    (Low(due_amount=8, due_unit="business_days"), "due_of_nothing", "due_amount"),
    (replace(EIGHT_HOURS, due_amount=None), "due_incomplete", "due_amount"),
    (replace(EIGHT_HOURS, due_unit=""), "due_plan_unit", "due_unit"),
    (replace(EIGHT_HOURS, due_unit="weeks"), "due_plan_unit", "due_unit"),
    (replace(EIGHT_HOURS, due_amount=0), "due_plan_amount", "due_amount"),
    (replace(EIGHT_HOURS, due_amount=366, due_unit="business_days"), "due_plan_amount", "due_amount"),
)  # fmt: skip


@pytest.mark.parametrize(("low", "code", "field"), WRONG)
def test_what_cannot_be_meant_is_refused_and_nothing_is_written(
    cast: Cast, survey: Survey, low: Low, code: str, field: str
) -> None:
    with pytest.raises(RuleError) as caught:
        loop_rule(cast, survey, low=low)
    assert (caught.value.code, caught.value.field) == (code, field)
    assert not AskRule.objects.exists()


@pytest.mark.parametrize(
    "wrong",
    [
        {"due_amount": None},
        {"due_unit": ""},
        {"due_amount": 0},
        {"due_unit": "weeks"},
        {"loop": "nothing", "question": "", "asks_again": False},
    ],
)
def test_the_database_refuses_it_too(cast: Cast, survey: Survey, wrong: dict[str, Any]) -> None:
    rule = loop_rule(cast, survey, low=EIGHT_HOURS)
    with given(), pytest.raises(IntegrityError), transaction.atomic():
        AskRule.objects.filter(pk=rule.pk).update(**wrong)


def test_given_by_clicks_and_carried_into_a_copy(cast: Cast, survey: Survey) -> None:
    admin = cast.admin.client()
    address = f"{reverse('satisfaction:rule-new')}?survey={survey.pk}"
    assert 'value="business_hours" selected' in admin.get(address).content.decode()
    own = {**FORM, "due_amount": "8", "due_unit": "business_hours"}
    refused = admin.post(address, {**own, "loop": "nothing", "asks_again": ""})
    assert refused.status_code == 422
    assert "请先选好低分时做什么" in refused.content.decode()
    days = admin.post(address, {**own, "due_amount": "366", "due_unit": "business_days"})
    assert days.status_code == 422
    assert admin.post(address, {**own, "due_amount": "-1"}).status_code == 422
    assert admin.post(address, {**own, "due_unit": "weeks"}).status_code == 422
    assert not AskRule.objects.exists()
    admin.post(address, own)
    rule = AskRule.objects.get()
    assert (rule.due_amount, rule.due_unit) == (480, "business_minutes")
    copy = admin.get(f"{reverse('satisfaction:rule-new')}?from={rule.pk}").content.decode()
    assert 'name="due_amount" value="8"' in copy
    assert 'value="business_hours" selected' in copy
    audit = AuditRow.objects.get(action="satisfaction.rule.make")
    assert '"due_amount"' in str(audit.payload).replace("'", '"')
    # Left empty, it goes by the plans, whatever unit is chosen.
    admin.post(address, {**own, "due_amount": "", "submit_key": "k2"})
    plain = AskRule.objects.exclude(pk=rule.pk).get()
    assert (plain.due_amount, plain.due_unit) == (None, "")


def test_given_and_told_over_the_api(cast: Cast, survey: Survey) -> None:
    admin = Caller(cast.admin)
    low = {
        "loop": "case", "question": "q1", "bad": "at_most", "limit": 2, "opens_type": "request",
        "due_amount": 480, "due_unit": "business_minutes",
    }  # fmt: skip
    body = {
        "name": "结案回访", "subject": "请您评价", "text": "{link}", "is_named": True, "delay_hours": 0,
        "low": low,
    }  # fmt: skip
    path = f"/surveys/{survey.pk}/ask-rules"
    for wrong in (
        {"due_unit": "hours"}, {"due_amount": 0}, {"due_amount": None}, {"due_unit": ""},
        {"loop": "nothing"},
    ):  # fmt: skip
        assert admin.send("POST", path, {**body, "low": {**low, **wrong}})[0] == 422
    assert not AskRule.objects.exists()
    status, made = admin.send("POST", path, body)
    assert status == 201, made
    assert (made["low"]["due_amount"], made["low"]["due_unit"]) == (480, "business_minutes")
    ended(cast)
    leave()
    answered(Ask.objects.get(), 1)
    assert admin.get(f"/ask-rules/{made['id']}")[1]["seen_to"]["to_do"] == 1
    (row,) = admin.get(f"/ask-rules/{made['id']}/asks")[1]["items"]
    assert row["seen_to"] == "to_do"
    assert datetime.fromisoformat(row["seen_to_by"]) == DUE
