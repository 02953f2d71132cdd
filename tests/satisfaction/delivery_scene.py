"""Deliveries, a rule that asks about them, and what came of it."""

from datetime import datetime, timedelta
from typing import Any

from tests.cast import Cast, Staff
from tests.satisfaction.loop_scene import loop_rule, questionnaire, rule
from zhike.core import clock
from zhike.satisfaction.models import Ask, AskRule, Delivery
from zhike.satisfaction.services.ask_rules import Low, When
from zhike.satisfaction.services.deliveries import NewDelivery, Told, tell_delivery

AFTER_DELIVERY = When("delivery", delay_hours=0)
LOW_OPENS = Low("case", "q1", "at_most", 2, (), "complaint", None, asks_again=True)


def delivery_rule(cast: Cast, **changes: Any) -> AskRule:
    """Named; a low answer opens a case."""
    survey = changes.pop("survey", None) or questionnaire(cast)
    return loop_rule(cast, survey, **{"when": AFTER_DELIVERY, "low": LOW_OPENS, **changes})


def anonymous_rule(cast: Cast, **changes: Any) -> AskRule:
    return rule(cast, questionnaire(cast), when=AFTER_DELIVERY, **changes)


def told(cast: Cast, reference: str = "SO-113", by: Staff | None = None, **changes: Any) -> Told:
    given: dict[str, Any] = {
        "delivered_at": clock.now() - timedelta(hours=1),
        "customer_id": cast.chen.pk,
        "unit_id": cast.zhoukou.pk,
        "what": "后桥一件",
        **changes,
    }
    return tell_delivery(**(by or cast.admin).acting, new=NewDelivery(reference, **given))


def delivered(cast: Cast, reference: str = "SO-113", **changes: Any) -> Delivery:
    return told(cast, reference, **changes).delivery


def state_of(delivery: Delivery) -> tuple[str, str]:
    invitation = Ask.objects.get(delivery=delivery, first=None).invitation
    assert invitation is not None
    return invitation.state, invitation.refusal


def hours_ago(hours: float) -> datetime:
    return clock.now() - timedelta(hours=hours)
