"""The second measurement belongs to the first contact: how often does not hold it up, the customer's no does."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from tests.care.conftest import close
from tests.cast import SETUP, Cast, everybody
from tests.guards import given
from tests.satisfaction.loop_scene import (
    answered,
    cap,
    ended,
    leave,
    loop_rule,
    post_fixture,  # noqa: F401
    questionnaire,
)
from tests.surveys.sending_scene import AFTERNOON, NIGHT, TEXT, Post
from zhike.customers import services as customers
from zhike.customers.models import Outreach
from zhike.desk.models import Case
from zhike.satisfaction.models import Ask
from zhike.satisfaction.services.ask_rules import Low
from zhike.surveys.invited import signed
from zhike.surveys.models import Invitation, Survey
from zhike.surveys.services.sendings import Message

pytestmark = pytest.mark.django_db
LOW = Low("case", "q1", "at_most", 2, (), "request", asks_again=True)
DAY = timedelta(days=1)


@pytest.fixture
def survey(cast: Cast, post: Post) -> Survey:
    with given():
        cap(1)
    return questionnaire(cast)


def seen_to(cast: Cast, survey: Survey, **changes: Any) -> Ask:
    """The only contact the week allows has left, a low score came, and what it opened is closed."""
    loop_rule(cast, survey, low=LOW, **changes)
    case = ended(cast)
    leave()
    ask = answered(Ask.objects.get(case=case), 1, "没人回话")
    close(cast.lin, Case.objects.get(pk=ask.opened_id))
    return Ask.objects.get(first=ask)


def invited(second: Ask) -> Invitation:
    return Invitation.objects.get(pk=second.invitation_id)


def test_it_goes_out_within_the_week_that_is_full(cast: Cast, survey: Survey, post: Post) -> None:
    second = seen_to(cast, survey)
    leave()
    assert invited(second).state == "sent"
    assert len(post.letters) == 2
    answered(second, 5)
    # It counts for whoever comes next: another case's first mail is one too many.
    assert Outreach.objects.filter(customer=cast.chen).count() == 2
    other = ended(cast)
    leave()
    first = Ask.objects.get(case=other).invitation
    assert first is not None
    assert (first.state, first.refusal) == ("refused", "too_often")
    assert len(post.letters) == 2


def test_whoever_said_no_is_not_asked(cast: Cast, survey: Survey, post: Post) -> None:
    second = seen_to(cast, survey)
    customers.record_consent(
        actor=SETUP, grants=everybody(), customer_id=cast.chen.pk, purpose="survey",
        is_given=False, channel="phone",
    )  # fmt: skip
    leave()
    assert (invited(second).state, invited(second).refusal) == ("refused", "withdrawn")
    assert len(post.letters) == 1


def test_whoever_opted_out_by_the_first_mail_is_not_asked(
    cast: Cast, survey: Survey, post: Post
) -> None:
    second = seen_to(cast, survey)
    assert second.first is not None
    token = signed(second.first.invitation_id or 0)
    assert Client().post(f"/q/i/{token}/stop/").status_code < 400
    leave()
    assert (invited(second).state, invited(second).refusal) == ("refused", "withdrawn")
    assert len(post.letters) == 1


def test_in_the_quiet_hours_it_waits(
    cast: Cast, survey: Survey, post: Post, frozen_clock: Any
) -> None:
    second = seen_to(cast, survey)
    frozen_clock(NIGHT)
    leave()
    assert invited(second).state == "waiting"
    morning = invited(second).due_at
    assert morning is not None
    assert morning > NIGHT
    frozen_clock(morning)
    leave()
    assert invited(second).state == "sent"


def test_a_reminder_of_it_counts_as_any_other(
    cast: Cast, survey: Survey, post: Post, frozen_clock: Any
) -> None:
    second = seen_to(cast, survey, message=Message("请您评价", TEXT, 1, 3))
    leave()
    frozen_clock(AFTERNOON + 3 * DAY)
    leave()
    assert (invited(second).state, invited(second).refusal) == ("sent", "too_often")
    assert len(post.letters) == 2
