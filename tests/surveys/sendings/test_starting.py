"""Who is drawn for a sending, what is written to them, and what the database refuses."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from tests.cast import Cast
from tests.guards import given
from tests.surveys.sending_scene import (
    TEXT,
    people,
    person,
    province,
    start,
)
from zhike.core.errors import Conflict, NotFound, RuleError
from zhike.core.models import AuditRow
from zhike.surveys.choices import SurveyState
from zhike.surveys.models import Invitation, Link, Sending, Survey
from zhike.surveys.sampling import Sampling, draw
from zhike.surveys.services import sendings
from zhike.surveys.services.sendings import Message

pytestmark = pytest.mark.django_db


# Whom it goes to


def test_only_those_with_an_address_can_be_drawn(cast: Cast, survey: Survey) -> None:
    people(cast, 3)
    person(cast, "无邮箱")
    sample = draw(cast.admin.grants, Sampling("", "all", None, 1))
    assert (sample.frame, len(sample.drawn)) == (3, 3)
    assert sample.without_address == 2  # Chen of the cast beside them


def test_the_filter_is_that_of_the_list_of_customers(cast: Cast, survey: Survey) -> None:
    people(cast, 2, tier="vip")
    people(cast, 3, tier="key")
    assert draw(cast.admin.grants, Sampling("tab=key", "all", None, 1)).frame == 3
    with pytest.raises(RuleError) as refused:
        draw(cast.admin.grants, Sampling("tire=key", "all", None, 1))
    assert refused.value.code == "filter_unknown"
    assert "tire" in str(refused.value)


@pytest.mark.parametrize("plan", ["random", "systematic", "tier", "region"])
def test_the_same_seed_draws_the_same_people(cast: Cast, survey: Survey, plan: str) -> None:
    north, south = province("北省"), province("南省")
    people(cast, 12, tier="vip", region_id=north)
    people(cast, 6, tier="key", region_id=south)
    first, again, *others = (
        draw(cast.admin.grants, Sampling("", plan, 9, seed)) for seed in (5, 5, *range(6, 12))
    )
    assert first.drawn == again.drawn
    assert any(first.drawn != other.drawn for other in others)
    assert len({one.customer_id for one in first.drawn}) == 9
    if plan in ("tier", "region"):
        assert [(one.size, one.quota) for one in first.strata] == [(12, 6), (6, 3)]
        assert sum(one.tier == "vip" for one in first.drawn) == 6


@pytest.mark.parametrize(("plan", "wanted"), [("random", 4), ("random", None), ("random", 0)])
def test_a_sample_fits_its_list(cast: Cast, survey: Survey, plan: str, wanted: int | None) -> None:
    people(cast, 3)
    with pytest.raises(RuleError) as refused:
        start(cast, survey, sampling=Sampling("", plan, wanted, 1))
    assert refused.value.code == "sample_size"
    assert not Sending.objects.exists()
    assert not Link.objects.filter(is_personal=True).exists()


def test_people_out_of_reach_are_not_drawn(cast: Cast, survey: Survey) -> None:
    people(cast, 2)
    with pytest.raises(RuleError) as refused:
        draw(cast.zhou.grants, Sampling("", "all", None, 1))
    assert refused.value.code == "frame_empty"


# What is written


@pytest.mark.parametrize(
    ("subject", "text", "code"),
    [
        ("", TEXT, "subject"),
        ("两\n行", TEXT, "subject"),
        ("请评价", "没有地址", "text_link"),
        ("请评价", "{link} {link}", "text_link"),
        ("请评价", "{link} {phone}", "text_marks"),
        ("{name}请评价", "{link}", "text_marks"),
        ("请评价", "{link}" + "长" * 4000, "text"),
    ],
)
def test_a_message_that_cannot_be_sent(
    cast: Cast, survey: Survey, subject: str, text: str, code: str
) -> None:
    people(cast, 1)
    with pytest.raises(RuleError) as refused:
        start(cast, survey, message=Message(subject, text))
    assert refused.value.code == code


def test_words_of_the_list_are_asked_about(cast: Cast, survey: Survey) -> None:
    people(cast, 1)
    message = Message("请评价", "陈先生，您可能不太明白。{link}")
    with pytest.raises(RuleError) as refused:
        start(cast, survey, message=message)
    assert refused.value.code == "phrases_flagged"
    start(cast, survey, message=message, why_kept="上级要求原样记录")
    row = AuditRow.objects.get(action="surveys.sending.start")
    assert row.reason == "上级要求原样记录"


def test_nothing_starts_before_mail_and_address_are_set_up(
    cast: Cast, survey: Survey, settings: Any
) -> None:
    people(cast, 1)
    settings.ZHIKE_PUBLIC_URL = ""
    with pytest.raises(Conflict):
        start(cast, survey)
    assert "ZHIKE_PUBLIC_URL" in sendings.lacking()


def test_a_closed_questionnaire_invites_nobody(cast: Cast, survey: Survey) -> None:
    people(cast, 1)
    with given():
        Survey.objects.update(state=SurveyState.CLOSED)
    with pytest.raises(Conflict):
        start(cast, survey)


def test_pressed_twice_it_is_one_sending(cast: Cast, survey: Survey) -> None:
    people(cast, 2)
    first = start(cast, survey, submit_key="k")
    assert start(cast, survey, submit_key="k").pk == first.pk
    assert Invitation.objects.count() == 2
    assert AuditRow.objects.filter(action="surveys.sending.start").count() == 1


# The database says so too


def test_one_invitation_for_each_customer(cast: Cast, survey: Survey) -> None:
    (one,) = people(cast, 1)
    sending = start(cast, survey)
    with given(), transaction.atomic(), pytest.raises(IntegrityError):
        Invitation.objects.create(sending=sending, customer=one, tier="vip")


def test_a_foreign_sending_is_not_there(cast: Cast, survey: Survey) -> None:
    people(cast, 1)
    sending = start(cast, survey)
    with pytest.raises((NotFound, RuleError)):
        sendings.stop(**cast.zhou.acting, sending_id=sending.pk)


def test_nobody_meets_another_ones_sending_by_the_same_key(cast: Cast, survey: Survey) -> None:
    people(cast, 2)
    first = start(cast, survey, submit_key="1")
    other = sendings.start(
        **cast.wang.acting,
        survey_id=survey.pk,
        name="另一次",
        purpose="survey",
        sampling=Sampling("", "all", None, 7),
        message=Message("请您评价", TEXT),
        submit_key="1",
    )
    assert other.pk != first.pk
