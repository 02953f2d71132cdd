"""A rule asks after a case was closed: whom, when, once, and never who must not be asked."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from tests.care.conftest import visit_of
from tests.cast import Cast, make_customer
from tests.guards import given
from tests.satisfaction.loop_scene import (
    LOW,
    answer,
    cap,
    count,
    ended,
    leave,
    loop_rule,
    post_fixture,  # noqa: F401
    questionnaire,
    reopen,
    rule,
)
from tests.surveys.sending_scene import Post
from zhike.care import services as care
from zhike.core import clock
from zhike.core.errors import Conflict, NotFound, RuleError
from zhike.core.models import AuditRow, OutboxMessage, OutboxState
from zhike.customers import services as customers
from zhike.customers.models import Outreach
from zhike.desk import services as desk
from zhike.desk.models import Case
from zhike.satisfaction.models import Ask, AskRule
from zhike.satisfaction.rule_selectors import asked_about, visible_rules
from zhike.satisfaction.services.ask_rules import Low, When, pause_rule, resume_rule
from zhike.surveys.models import Invitation, Sending, Survey
from zhike.surveys.services import sendings
from zhike.surveys.services.taking_back import take_back

pytestmark = pytest.mark.django_db


@pytest.fixture
def survey(cast: Cast, post: Post) -> Survey:
    return questionnaire(cast)


def state(case: Case) -> tuple[str, str]:
    invitation = Ask.objects.get(case=case, first=None).invitation
    assert invitation is not None
    return invitation.state, invitation.refusal


# When it asks


def test_closing_asks_once_the_hours_have_passed(
    cast: Cast, survey: Survey, post: Post, frozen_clock: Any
) -> None:
    rule(cast, survey, when=When("closed", delay_hours=2))
    case = ended(cast)
    leave()
    assert state(case) == ("waiting", "")
    assert not post.letters
    frozen_clock(clock.now() + timedelta(hours=2))
    leave()
    leave()
    assert state(case) == ("sent", "")
    assert len(post.letters) == 1
    assert Outreach.objects.count() == 1


def test_only_cases_that_fit_are_met(cast: Cast, survey: Survey) -> None:
    rule(cast, survey, name="投诉", when=When("closed", case_types=["complaint"]))
    rule(cast, survey, name="网上来的", when=When("closed", channels=["web"]))
    rule(cast, survey, name="别的部门", when=When("closed", unit_id=cast.shangqiu.pk))
    fits = rule(
        cast,
        survey,
        when=When("closed", case_types=["repair"], channels=["phone"], unit_id=cast.zhoukou.pk),
    )
    ended(cast)
    assert [one.rule_id for one in Ask.objects.all()] == [fits.pk]


def test_a_share_is_drawn_by_chance_and_the_same_each_time(cast: Cast, survey: Survey) -> None:
    half = rule(cast, survey, when=When("closed", share_percent=50))
    cases = [ended(cast) for _number in range(24)]
    asks = {one.case_id: one for one in half.asks.all()}
    assert len(asks) == 24
    for case in cases:
        one = asks[case.pk]
        assert one.is_drawn == (one.draw < 5000) == (one.invitation_id is not None)
    assert {one.is_drawn for one in asks.values()} == {True, False}
    reopen(cast, cases[0])
    again = desk.close_case(**cast.lin.acting, case_id=cases[0].pk, outcome="solved", text="好了")
    assert Ask.objects.get(case=again).draw == asks[cases[0].pk].draw


def test_after_a_follow_up_visit(cast: Cast, survey: Survey) -> None:
    rule(cast, survey, when=When("visited", delay_hours=0))
    case = ended(cast)
    assert not Ask.objects.exists()
    care.record_result(
        **cast.lin.acting, follow_up_id=visit_of(case).pk, outcome=care.Outcome("content", "好")
    )
    leave()
    assert state(case) == ("sent", "")


def test_who_said_no_on_the_phone_is_not_asked_by_mail(cast: Cast, survey: Survey) -> None:
    rule(cast, survey, when=When("visited", delay_hours=0))
    case = ended(cast)
    unhappy = care.Outcome("not_content", "又坏了")
    care.record_result(**cast.lin.acting, follow_up_id=visit_of(case).pk, outcome=unhappy)
    assert not Ask.objects.filter(case=case).exists()


def test_what_ended_long_ago_elsewhere_is_not_asked_about(cast: Cast, survey: Survey) -> None:
    rule(cast, survey)
    new = desk.NewCase(
        type_code="repair", channel="phone", text="旧", customer_id=cast.chen.pk, external_id="a1"
    )
    case = desk.open_case(**cast.lin.acting, new=new).case
    desk.close_case(
        **cast.lin.acting, case_id=case.pk, outcome="solved", text="旧", is_history=True
    )
    assert not Ask.objects.exists()


# Whom


def test_the_contact_rules_decide_when_the_mail_leaves(
    cast: Cast, survey: Survey, post: Post
) -> None:
    rule(cast, survey)
    case = ended(cast)
    customers.record_consent(
        **cast.admin.acting,
        customer_id=cast.chen.pk,
        purpose="survey",
        is_given=False,
        channel="phone",
    )
    leave()
    assert state(case) == ("refused", "withdrawn")
    assert not post.letters


def test_two_cases_of_one_customer_count_as_two_contacts(
    cast: Cast, survey: Survey, post: Post
) -> None:
    rule(cast, survey)
    with given():
        cap(1)
    one, two = ended(cast), ended(cast)
    leave()
    assert state(one) == ("sent", "")
    assert state(two) == ("refused", "too_often")
    assert len(post.letters) == Outreach.objects.count() == 1


def test_a_case_of_nobody_is_asked_about_once_its_customer_is_known(
    cast: Cast, survey: Survey
) -> None:
    rule(cast, survey)
    new = desk.NewCase(type_code="repair", channel="phone", text="后桥异响")
    case = desk.open_case(**cast.lin.acting, new=new).case
    desk.close_case(**cast.lin.acting, case_id=case.pk, outcome="solved", text="好了")
    assert Ask.objects.get(case=case).invitation is None
    desk.name_customer(**cast.lin.acting, case_id=case.pk, customer_id=cast.chen.pk)
    leave()
    assert state(case) == ("sent", "")


def test_a_corrected_customer_gets_the_mail(cast: Cast, survey: Survey) -> None:
    rule(cast, survey)
    case = ended(cast)
    with given():
        other = make_customer(cast.zhoukou, "真正的车主")
    desk.name_customer(**cast.lin.acting, case_id=case.pk, customer_id=other.pk)
    assert Invitation.objects.get().customer_id == other.pk


def test_merged_files_are_followed(cast: Cast, survey: Survey, post: Post) -> None:
    rule(cast, survey)
    with given():
        double = make_customer(cast.zhoukou, "陈先生（重复）")
    case = ended(cast, customer_id=double.pk)
    customers.merge_customers(
        **cast.admin.acting, keep_id=cast.chen.pk, drop_id=double.pk, reason="同一个人"
    )
    leave()
    assert state(case) == ("sent", "")
    assert len(post.letters) == 1


# Once, and not when it is overtaken


def test_reopened_before_it_left_it_is_withdrawn_and_asked_when_closed_again(
    cast: Cast, survey: Survey, post: Post
) -> None:
    rule(cast, survey)
    case = ended(cast)
    reopen(cast, case)
    leave()
    assert state(case) == ("refused", "overtaken")
    assert not post.letters
    desk.close_case(**cast.lin.acting, case_id=case.pk, outcome="solved", text="好了")
    leave()
    assert state(case) == ("sent", "")
    assert (Ask.objects.count(), Invitation.objects.count(), len(post.letters)) == (1, 1, 1)


def test_reopened_while_it_waits_in_the_outbox(cast: Cast, survey: Survey, post: Post) -> None:
    from tests.surveys.sending_scene import invite

    rule(cast, survey)
    case = ended(cast)
    invite()
    assert state(case) == ("on_way", "")
    reopen(cast, case)
    leave()
    assert state(case) == ("refused", "overtaken")
    assert not post.letters
    assert OutboxMessage.objects.get().state == OutboxState.VOID


def test_asked_once_however_often_it_is_closed(cast: Cast, survey: Survey, post: Post) -> None:
    rule(cast, survey)
    case = ended(cast)
    leave()
    for _round in range(2):
        reopen(cast, case)
        desk.close_case(**cast.lin.acting, case_id=case.pk, outcome="solved", text="好了")
        leave()
    assert len(post.letters) == 1
    twice = Ask(rule=AskRule.objects.get(), case=case, made_at=clock.now(), draw=1, is_drawn=True)
    with given(), pytest.raises(IntegrityError), transaction.atomic():
        twice.save()


def test_a_case_that_went_into_another_is_not_asked_about(cast: Cast, survey: Survey) -> None:
    rule(cast, survey)
    one, two = ended(cast), ended(cast)
    desk.merge_cases(**cast.admin.acting, into_id=one.pk, from_id=two.pk, reason="同一件事")
    assert state(two) == ("refused", "overtaken")
    assert state(one) == ("waiting", "")


# A pause


def test_a_paused_rule_asks_nobody_and_sends_nothing_that_waits(
    cast: Cast, survey: Survey, post: Post
) -> None:
    from tests.surveys.sending_scene import invite

    made = rule(cast, survey)
    waits = ended(cast)
    invite()
    pause_rule(**cast.admin.acting, rule_id=made.pk)
    take_back(made.sending_id)
    leave()
    assert state(waits) == ("refused", "stopped")
    assert not post.letters
    assert OutboxMessage.objects.get().state == OutboxState.VOID
    ended(cast)
    assert Ask.objects.count() == 1
    resume_rule(**cast.admin.acting, rule_id=made.pk)
    resume_rule(**cast.admin.acting, rule_id=made.pk)
    ended(cast)
    assert Ask.objects.count() == 2
    actions = AuditRow.objects.filter(action__startswith="satisfaction.rule.").order_by("pk")
    told = [row.action.rsplit(".", 1)[1] for row in actions]
    assert told == ["make", "pause", "resume"]


def test_the_sending_of_a_rule_is_not_stopped_beside_it(cast: Cast, survey: Survey) -> None:
    made = rule(cast, survey)
    with pytest.raises(Conflict) as refused:
        sendings.stop(**cast.admin.acting, sending_id=made.sending_id)
    assert refused.value.code == "sending_of_rule"
    with given(), pytest.raises(IntegrityError), transaction.atomic():
        Sending.objects.filter(pk=made.sending_id).update(drawn=1)


# Making one


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"name": " "}, "name"),
        ({"purpose": "nothing"}, "purpose_unknown"),
        ({"when": When("tomorrow")}, "after_unknown"),
        ({"when": When("closed", case_types=["x"])}, "type_unknown"),
        ({"when": When("closed", channels=["pigeon"])}, "channel_unknown"),
        ({"when": When("closed", unit_id=10**9)}, "unit_unknown"),
        ({"when": When("closed", delay_hours=721)}, "delay_range"),
        ({"when": When("closed", share_percent=0)}, "share_range"),
        ({"low": LOW}, "not_named"),
        (
            {"is_named": True, "low": Low("case", "q9", "at_most", 2, (), "repair")},
            "question_unknown",
        ),
        (
            {"is_named": True, "low": Low("case", "why", "at_most", 2, (), "repair")},
            "question_unknown",
        ),
        ({"is_named": True, "low": Low("case", "q1", "at_most", 6, (), "repair")}, "limit_range"),
        ({"is_named": True, "low": Low("case", "q1", "", 2, (), "repair")}, "bad_missing"),
        ({"is_named": True, "low": Low("case", "q1", "at_most", 2)}, "type_missing"),
        ({"is_named": True, "low": Low("never", "q1", "at_most", 2)}, "loop_unknown"),
    ],
)
def test_a_rule_that_cannot_be(
    cast: Cast, survey: Survey, changes: dict[str, Any], code: str
) -> None:
    with pytest.raises(RuleError) as refused:
        rule(cast, survey, **changes)
    assert refused.value.code == code
    assert not AskRule.objects.exists()
    assert not Sending.objects.exists()


def test_pressed_twice_it_is_one_rule(cast: Cast, survey: Survey) -> None:
    first = rule(cast, survey, submit_key="k")
    assert rule(cast, survey, submit_key="k").pk == first.pk
    assert Sending.objects.count() == 1
    # Another program may number its calls as this one does.
    assert rule(cast, survey, by=cast.wang, submit_key="k").pk != first.pk
    assert Sending.objects.count() == 2


def test_words_of_the_list_are_asked_about(cast: Cast, survey: Survey) -> None:
    from zhike.surveys.services.sendings import Message

    with pytest.raises(RuleError) as refused:
        rule(cast, survey, message=Message("请评价", "陈先生，您可能不太明白。{link}"))
    assert refused.value.code == "phrases_flagged"


def test_a_rule_of_another_unit_is_as_if_it_were_not_there(cast: Cast, survey: Survey) -> None:
    made = rule(cast, survey)
    assert not visible_rules(cast.zhou.grants).exists()
    with pytest.raises(NotFound):
        pause_rule(**cast.zhou.acting, rule_id=made.pk)


# What stays unsaid


def test_an_anonymous_answer_is_never_told_of_a_case(cast: Cast, survey: Survey) -> None:
    rule(cast, survey)
    case = ended(cast)
    leave()
    answer(Ask.objects.get(), 1, "太慢")
    count()
    (one,) = asked_about(case, "zh-hans")
    assert one.told is None
    assert Ask.objects.get().judged_revision == 0


def test_a_loop_needs_its_question(cast: Cast, survey: Survey) -> None:
    made = loop_rule(cast, survey)
    with given(), pytest.raises(IntegrityError), transaction.atomic():
        AskRule.objects.filter(pk=made.pk).update(question="")
