"""Cases that end, a rule that asks their customers, and what those answer."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps

from tests.care.conftest import close, open_other
from tests.care.conftest import visit_of as visit_of
from tests.cast import SETUP, Cast, Staff, everybody
from tests.guards import given
from tests.surveys.scene import AFTER_CONTACT, ZH, published
from tests.surveys.sending_scene import AFTERNOON, TEXT, Post, deliver, invite, post_office
from tests.surveys.sending_scene import count as count
from zhike.care.data.scripts import plant as plant_scripts
from zhike.complaints.models import WayOutRule
from zhike.core import clock
from zhike.core.calendar import seeds
from zhike.customers import services as customers
from zhike.customers.consent_seeds import plant as plant_purposes
from zhike.customers.models import ContactRules
from zhike.desk import services as desk
from zhike.desk.case_types import BUILTIN_TYPES
from zhike.desk.models import Case, CaseType
from zhike.satisfaction.models import Ask, AskRule
from zhike.satisfaction.services.ask_rules import Low, NewRule, When, make_rule
from zhike.satisfaction.services.closing_loop import judge
from zhike.surveys.flow import next_page
from zhike.surveys.invited import signed
from zhike.surveys.models import Survey
from zhike.surveys.services.answers import Sent, invited_way_of, save
from zhike.surveys.services.sendings import Message

LOW = Low("case", "q1", "at_most", 2, (), "complaint", None, asks_again=True)
MESSAGE = Message("请您评价", TEXT)


def plant() -> None:
    """What the migrations put there; tests with real transactions have emptied it."""
    seeds.plant(apps)
    seeds.plant_complaint_plans(apps)
    for place, kind in enumerate(BUILTIN_TYPES, 1):
        CaseType.objects.get_or_create(
            code=kind.code,
            defaults={"prefix": kind.prefix, "is_builtin": True, "place": place * 10},
        )
    WayOutRule.objects.get_or_create(pk=1, defaults={"attempts": 3, "days": 2})
    plant_scripts(apps, clock.now())
    plant_purposes(apps, AFTERNOON)


@pytest.fixture(name="post")
def post_fixture(frozen_clock: Any, cast: Cast) -> Iterator[Post]:
    frozen_clock(AFTERNOON)
    with given():
        plant()
        address(cast)
    with post_office() as post:
        yield post


def address(cast: Cast, value: str = "chen@example.com") -> None:
    customers.add_identity(
        actor=SETUP, grants=everybody(), customer_id=cast.chen.pk, channel="email", value=value
    )


def cap(count: int) -> None:
    """So many contacts in a week."""
    rules = ContactRules.objects.first() or ContactRules(pk=1)
    rules.cap_count, rules.cap_days = count, 7
    rules.save()


def questionnaire(cast: Cast) -> Survey:
    return published(cast.zhoukou, AFTER_CONTACT, token="aftercase222").survey


def rule(cast: Cast, survey: Survey, by: Staff | None = None, **changes: Any) -> AskRule:
    given_ = {
        "name": "结案回访",
        "purpose": "survey",
        "when": When("closed", delay_hours=0),
        "message": MESSAGE,
        **changes,
    }
    return make_rule(**(by or cast.admin).acting, survey_id=survey.pk, new=NewRule(**given_))


def loop_rule(cast: Cast, survey: Survey, **changes: Any) -> AskRule:
    return rule(cast, survey, is_named=True, low=changes.pop("low", LOW), **changes)


def ended(cast: Cast, type_code: str = "repair", customer_id: int | None = None) -> Case:
    by = cast.lin
    return close(by, open_other(by, customer_id or cast.chen.pk, type_code))


def reopen(cast: Cast, case: Case) -> None:
    desk.reopen(**cast.lin.acting, case_id=case.pk, reason="客户说又坏了")


def leave() -> None:
    invite()
    deliver()


def answer(ask: Ask, score: int, words: str = "") -> None:
    """By the personal link, as the page does it. Again: it is changed."""
    ask.refresh_from_db()
    way = invited_way_of(signed(ask.invitation_id or 0))
    row = save(way, way.ref, way.version_id, Sent(frozenset({"q1"}), {"q1": score}, ZH, 0))
    if next_page(row.definition, row.answers, 0) is not None:
        why = {"why": words} if words else {}
        save(way, way.ref, way.version_id, Sent(frozenset({"why"}), why, ZH, 1))


def see_to_all() -> None:
    """What the job does that counting puts into the queue."""
    for pk in Ask.objects.filter(invitation__isnull=False).values_list("pk", flat=True):
        judge(pk)


def answered(ask: Ask, score: int, words: str = "") -> Ask:
    answer(ask, score, words)
    count()
    see_to_all()
    ask.refresh_from_db()
    return ask
