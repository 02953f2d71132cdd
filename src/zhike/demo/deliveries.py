"""Deliveries of the demo company, as its stores program told them, and the rule that asks about them by name."""

from datetime import timedelta
from typing import TYPE_CHECKING

from zhike.core import clock, work
from zhike.core.access import Grants
from zhike.customers.models import ConsentPurpose, Customer
from zhike.customers.selectors import visible_customers
from zhike.demo.asking import answer_ask, mail_left, see_to
from zhike.demo.surveys import SUPERVISOR
from zhike.satisfaction.choices import After, Loop
from zhike.satisfaction.models import Ask
from zhike.satisfaction.services.ask_rules import Low, NewRule, When, write_rule
from zhike.satisfaction.services.deliveries import NewDelivery, tell_delivery
from zhike.surveys.models import Survey
from zhike.surveys.services.sendings import Message

if TYPE_CHECKING:
    from zhike.demo.load import Stage

TEXT = """{name}，您好：

您订的货已经送到。东西是否齐全完好、送货是否准时，请您点一下打个分，不到一分钟：

{link}

海晨三轮车 客服部"""
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
RULED = timedelta(days=25)
LATE = "说好上午送，下午五点才到，雨布也没盖，纸箱湿透了。"
SEEN_TO = "已向客户道歉，次日上门换了一件新的，并要求承运商雨天加盖雨布。"
AGAIN = "第二天就换了新的，师傅还帮着装好，没话说。"
# Days ago, what, and what its customer answers: None nothing, "" not asked yet.
DELIVERED: tuple[tuple[int, str, int | str | None], ...] = (
    (70, "电动三轮车 HC-150 一辆", None),
    (20, "后桥总成一件", 5),
    (16, "锂电池组两组", 4),
    (12, "雨棚一套、后视镜一对", None),
    (9, "控制器一件", 1),
    (5, "电动三轮车 HC-200 一辆", 5),
    (2, "轮胎四条", None),
    (0, "充电器一件", ""),
)


def make_deliveries(stage: "Stage") -> None:
    actor, grants = stage.who(SUPERVISOR)
    survey = Survey.objects.get(origin="after_contact")
    rule = NewRule(
        name="送达后评价（记名）",
        purpose="survey",
        when=When(After.DELIVERY, delay_hours=4),
        message=Message("您订的货，送得怎么样？", TEXT),
        is_named=True,
        low=Low(Loop.CASE, "q1", "at_most", 2, (), "request", None, asks_again=True),
    )
    purpose = ConsentPurpose.objects.get(code="survey")
    with clock.override(stage.at_work(stage.now - RULED)), work.unit(actor) as unit:
        write_rule(unit, survey, rule, purpose)
    for place, (customer, row) in enumerate(zip(_customers(grants), DELIVERED, strict=False), 1):
        _deliver(stage, customer, place, row)


def _customers(grants: Grants) -> list[Customer]:
    """People with an address, whom nothing else was asked of."""
    rows = visible_customers(grants).filter(
        identities__channel="email", identities__voided_at=None, invitations=None
    )
    return list(rows.order_by("-pk").distinct()[: len(DELIVERED)])


def _deliver(
    stage: "Stage", customer: Customer, place: int, row: tuple[int, str, int | str | None]
) -> None:
    days, what, score = row
    actor, grants = stage.who(SUPERVISOR)
    at = stage.now - HOUR if not days else stage.at_work(stage.now - days * DAY)
    # The first was told late, with the rest of an older list.
    told_at = max(at, stage.now - RULED + DAY) + HOUR / 2
    new = NewDelivery(
        reference=f"CK{2600 + place}",
        delivered_at=at,
        customer_id=customer.pk,
        unit_id=customer.unit_id,
        what=what,
        source="仓库系统",
    )
    with clock.override(told_at):
        delivery = tell_delivery(actor=actor, grants=grants, new=new).delivery
    ask = Ask.objects.filter(delivery=delivery).first()
    if ask is None or score == "":
        return
    left = max(at + 4 * HOUR, told_at)
    mail_left(ask, left)
    if not isinstance(score, int):
        return
    answer_ask(ask, score, LATE if score == 1 else "", stage.at_work(at + DAY, after=left))
    if score == 1:
        see_to(stage, ask, SEEN_TO, AGAIN)
