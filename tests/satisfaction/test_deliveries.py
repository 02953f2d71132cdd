"""Deliveries, until orders have a room: cases of a type of their own, opened and closed by another program."""

import pytest

from tests.api.test_api import Caller
from tests.cast import Cast
from tests.guards import given
from tests.satisfaction.loop_scene import (
    LOW,
    answered,
    cap,
    leave,
    loop_rule,
    post_fixture,  # noqa: F401
    questionnaire,
)
from tests.surveys.sending_scene import Post
from zhike.core.models import OutboxMessage
from zhike.desk.services.types import add_type
from zhike.satisfaction.models import Ask
from zhike.satisfaction.services.ask_rules import When

pytestmark = pytest.mark.django_db


def test_a_delivery_is_asked_about_once_and_a_low_score_opens_a_case(
    cast: Cast, post: Post
) -> None:
    with given():
        cap(50)
    add_type(**cast.admin.acting, code="delivery", name="送货", prefix="SH")
    only = When("closed", case_types=["delivery"], delay_hours=0)
    loop_rule(cast, questionnaire(cast), when=only, low=LOW)
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
    assert ask.case.number == made["number"]
    assert ask.opened is not None
    # Another kind of case is none of this rule's.
    repair = {"type": "repair", "text": "异响", "customer_id": cast.chen.pk}
    _status, other = program.post("/cases", repair)
    program.post(f"/cases/{other['number']}/close", {"outcome": "solved", "text": "已修好。"})
    assert not Ask.objects.filter(case__number=other["number"]).exists()
