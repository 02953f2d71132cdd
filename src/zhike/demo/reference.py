"""Figures of others the demo company has written down beside those that were there."""

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from zhike.core import clock
from zhike.reference.services import add_value
from zhike.reference.services.values import ValueFields

if TYPE_CHECKING:
    from zhike.demo.load import Stage

VALUES = (
    ValueFields(
        "new_by_referral", Decimal(34), base="占 2025 年的新车主", said_by="海晨三轮车购车登记",
        source="2025 年购车登记汇总表", year=2025, note="登记时问“从哪里知道我们”，1,086 人答了。",
    ),
    ValueFields(
        "三轮车车主的换车年限", Decimal(5), Decimal(7), "年", said_by="鲁西南大区经销商座谈",
        source="座谈会纪要第 3 页", year=2025,
    ),
)  # fmt: skip


def make_reference_values(stage: "Stage") -> None:
    actor, grants = stage.who("1010")
    with clock.override(stage.now - timedelta(days=41)):
        for given in VALUES:
            add_value(actor=actor, grants=grants, given=given)
