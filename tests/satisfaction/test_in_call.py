"""A questionnaire read out in a follow-up call: filled in by the caller; no mail follows."""

import re
from dataclasses import replace

import pytest
from django.test import Client

from tests.care.conftest import through_steps, visit_of
from tests.cast import Cast, make_staff
from tests.complaints.conftest import open_complaint
from tests.guards import given
from tests.satisfaction.loop_scene import (
    LOW,
    answered,
    cap,
    leave,
    loop_rule,
    post_fixture,  # noqa: F401
    questionnaire,
    rule,
)
from tests.satisfaction.test_rule_pages import FORM
from tests.surveys.sending_scene import Post
from zhike.care import services as care
from zhike.care.models import FollowUp
from zhike.care.services.recording import Outcome
from zhike.core.errors import Conflict, Forbidden, NotFound, RuleError
from zhike.core.models import AuditRow, OutboxMessage
from zhike.customers import services as customers
from zhike.desk.models import Case
from zhike.satisfaction.models import Ask, AskRule
from zhike.satisfaction.rule_selectors import asked_about
from zhike.satisfaction.services import ask_rules
from zhike.satisfaction.services.ask_rules import When
from zhike.satisfaction.services.in_call import ask_in_call, offers_for
from zhike.surveys.choices import InvitationState
from zhike.surveys.models import Survey

pytestmark = pytest.mark.django_db
IN_CALL = When("called")
ONCE = replace(LOW, asks_again=False)


@pytest.fixture
def survey(cast: Cast, post: Post) -> Survey:
    with given():
        cap(50)
    return questionnaire(cast)


def owed(cast: Cast) -> tuple[Case, FollowUp]:
    case = through_steps(cast.lin, open_complaint(cast.lin, cast.chen.pk))
    return case, visit_of(case)


def calling(cast: Cast, survey: Survey, **changes: object) -> AskRule:
    return loop_rule(cast, survey, when=IN_CALL, **({"low": ONCE} | changes))


def test_it_is_offered_in_visits_it_fits_and_filled_in_once(cast: Cast, survey: Survey) -> None:
    made = calling(cast, survey)
    _case, visit = owed(cast)
    assert [offer.rule.pk for offer in offers_for(visit)] == [made.pk]
    first = ask_in_call(**cast.lin.acting, visit_id=visit.pk, rule_id=made.pk)
    again = ask_in_call(**cast.wang.acting, visit_id=visit.pk, rule_id=made.pk)
    assert first.pk == again.pk
    ask = Ask.objects.get()
    # Whoever began it is named.
    assert (ask.asked_by_name, first.state) == ("林静", InvitationState.SENT)
    assert AuditRow.objects.filter(action="satisfaction.ask.in_call").count() == 2
    leave()
    assert not OutboxMessage.objects.exists()


def test_a_low_answer_opens_a_case_and_stands_at_the_one_it_is_about(
    cast: Cast, survey: Survey
) -> None:
    made = calling(cast, survey)
    case, visit = owed(cast)
    ask_in_call(**cast.lin.acting, visit_id=visit.pk, rule_id=made.pk)
    ask = answered(Ask.objects.get(), 1, "又坏了")
    assert ask.opened is not None
    (told,) = asked_about(case, "zh-hans")
    assert told.told is not None
    assert told.told.is_low
    assert offers_for(FollowUp.objects.get(pk=visit.pk))[0].is_answered


def test_read_out_in_the_call_no_mail_follows_the_visit(cast: Cast, survey: Survey) -> None:
    made = loop_rule(cast, survey, when=When("visited", delay_hours=0), low=ONCE)
    _case, visit = owed(cast)
    ask_in_call(**cast.lin.acting, visit_id=visit.pk, rule_id=made.pk)
    care.record_result(
        **cast.lin.acting, follow_up_id=visit.pk, outcome=Outcome(result="content", words="好了")
    )
    leave()
    assert Ask.objects.count() == 1
    assert not OutboxMessage.objects.exists()


def test_an_anonymous_rule_is_not_read_out(cast: Cast, survey: Survey) -> None:
    rule(cast, survey, when=When("visited", delay_hours=0))
    _case, visit = owed(cast)
    assert not offers_for(visit)
    with pytest.raises(RuleError) as caught:
        rule(cast, survey, when=IN_CALL)
    assert caught.value.code == "call_not_named"
    with pytest.raises(RuleError) as caught:
        loop_rule(cast, survey, when=IN_CALL)
    assert caught.value.code == "call_asks_again"


def test_it_needs_no_mail_server(cast: Cast, survey: Survey, monkeypatch) -> None:
    monkeypatch.setattr("zhike.surveys.services.sendings.lacking", lambda: "没有邮件")
    with pytest.raises(Conflict):
        loop_rule(cast, survey)
    made = calling(cast, survey)
    assert (made.sending.subject, made.sending.text) == ("", "")


def test_who_said_no_is_not_asked(cast: Cast, survey: Survey) -> None:
    made = calling(cast, survey)
    _case, visit = owed(cast)
    customers.record_consent(
        **cast.lin.acting,
        customer_id=cast.chen.pk,
        purpose="survey",
        is_given=False,
        channel="phone",
    )
    with pytest.raises(Conflict) as caught:
        ask_in_call(**cast.lin.acting, visit_id=visit.pk, rule_id=made.pk)
    assert caught.value.code == "said_no"
    assert not Ask.objects.exists()


def test_nobody_asks_where_they_may_not(cast: Cast, survey: Survey) -> None:
    made = calling(cast, survey)
    _case, visit = owed(cast)
    with pytest.raises(NotFound):
        ask_in_call(**cast.zhou.acting, visit_id=visit.pk, rule_id=made.pk)
    with pytest.raises(NotFound):
        ask_in_call(**cast.lin.acting, visit_id=visit.pk, rule_id=made.pk + 1)
    looker = make_staff("1088", "看一看", cast.zhoukou, "inspector")
    with pytest.raises(Forbidden):
        ask_in_call(**looker.acting, visit_id=visit.pk, rule_id=made.pk)
    ask_rules.pause_rule(**cast.admin.acting, rule_id=made.pk)
    with pytest.raises(NotFound):
        ask_in_call(**cast.lin.acting, visit_id=visit.pk, rule_id=made.pk)


def test_a_visit_that_is_over_asks_nothing(cast: Cast, survey: Survey) -> None:
    made = calling(cast, survey)
    _case, visit = owed(cast)
    care.record_result(
        **cast.lin.acting, follow_up_id=visit.pk, outcome=Outcome(result="content", words="好了")
    )
    with pytest.raises(Conflict):
        ask_in_call(**cast.lin.acting, visit_id=visit.pk, rule_id=made.pk)


def test_by_clicks(cast: Cast, survey: Survey) -> None:
    made = calling(cast, survey)
    _case, visit = owed(cast)
    lin = cast.lin.client()
    page = f"/follow-ups/{visit.pk}/"
    assert "念题并填写" in lin.get(page).content.decode()
    opened = lin.post(f"/satisfaction/rules/{made.pk}/in-call/{visit.pk}/")
    assert opened.headers["Location"].startswith("/q/i/")
    # The page the customer would see, by whoever has the link.
    assert "题 q1" in Client().get(opened.headers["Location"]).content.decode()
    answered(Ask.objects.get(), 5)
    assert "已答" in lin.get(page).content.decode()
    told = cast.admin.client().get(f"/satisfaction/rules/{made.pk}/asked/").content.decode()
    assert "林静" in told
    assert cast.admin.client().get(f"/satisfaction/rules/{made.pk}/").status_code == 200


def test_such_a_rule_runs_by_clicks_without_a_mail_server(
    cast: Cast, survey: Survey, monkeypatch: pytest.MonkeyPatch
) -> None:
    for place in ("surveys.services.sendings", "satisfaction.views.rules"):
        monkeypatch.setattr(f"zhike.{place}.lacking", lambda: "没有邮件服务器")
    admin, url = cast.admin.client(), f"/satisfaction/rules/new/?survey={survey.pk}"
    html = admin.get(url).content.decode()
    assert "没有邮件服务器" in html
    button = re.search(r'<button class="btn btn-primary"[^>]*>启用规则', html)
    assert button is not None
    assert "disabled" not in button.group()
    refused = admin.post(url, FORM)
    assert refused.status_code == 422
    assert "没有邮件服务器" in refused.content.decode()
    in_call = {**FORM, "after": "called", "asks_again": ""}
    made = admin.post(url, in_call)
    assert made.status_code == 302
    assert AskRule.objects.get().after == "called"
