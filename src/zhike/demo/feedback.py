"""What customers said without being asked."""

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from zhike.core import clock
from zhike.customers.models import Customer
from zhike.demo.words import WORDS
from zhike.listening.rules import Scale
from zhike.listening.services.feedback import record_feedback

if TYPE_CHECKING:
    from zhike.demo.load import Stage

COUNT = 120


def make_feedback(stage: "Stage", customers: list[Customer]) -> None:
    actor, grants = stage.who("1010")
    for _ in range(COUNT):
        text, rating = stage.random.choice(WORDS)
        customer = stage.random.choice(customers) if stage.random.random() < 0.4 else None
        at = stage.now - timedelta(days=stage.random.random() * 88, hours=1)
        with clock.override(at):
            record_feedback(
                actor=actor,
                grants=grants,
                text=text,
                unit_id=customer.unit_id if customer else stage.units["客服部"].pk,
                rating=Decimal(rating),
                scale=Scale(Decimal(1), Decimal(5)),
                customer_id=customer.pk if customer else None,
                source=stage.random.choice(("商城评价", "门店留言", "电话回访")),
            )
