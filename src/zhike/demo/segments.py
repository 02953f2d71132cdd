"""Customers of the demo company who are alike, and how its desk treats them."""

from datetime import timedelta
from typing import TYPE_CHECKING

from zhike.core import clock
from zhike.customers.services.segment_members import count_members
from zhike.customers.services.segments import SegmentFields, save_segment, set_motives
from zhike.demo import company

if TYPE_CHECKING:
    from zhike.demo.load import Stage

Motives = tuple[tuple[str, float], ...]
# Name, conditions, standing, loyalty, who they are, needs, strategy, motives.
SEGMENTS: tuple[tuple[str, str, str, str, str, str, str, Motives], ...] = (
    (
        "单位车队", "kind=organisation", "existing", "loyal",
        "物流点、粮站、合作社，一次买几台到几十台，停一天就少一天收入。",
        "想要整队的保养提醒和夜间抢修，眼下没有哪家做到。",
        "固定一位客户经理，来电先报车队情况；报修先派备用车，再谈维修。",
        (("停工时间短", 5), ("配件齐", 3), ("价格", 2), ("结算方便", 1)),
    ),
    (
        "老主顾", "tier=vip&tier=key&kind=person", "existing", "loyal",
        "买过不止一台，带过邻居来，有事先打电话给熟悉的人。",
        "换车时想有个说法：旧车怎么折、能不能先试。",
        "叫得出称呼，先问上次的事办得怎样；新款到店先通知他们。",
        (("熟人可靠", 4), ("载重", 3), ("省电", 2)),
    ),
    (
        "有流失苗头的车主", "stage=at_risk", "existing", "switching",
        "近来投诉过或问过别家的价钱。",
        "要的是一次修好，不是再解释一遍。",
        "三天内回电；同一毛病第二次出现，直接升级给站长。",
        (("一次修好", 6), ("回话快", 3), ("价格", 1)),
    ),
    (
        "还在看的意向客户", "stage=prospect", "potential", "attentive",
        "来店看过或打过电话，还没下单，多半也在看别家。",
        "怕买了没人管，想听用过的人怎么说。",
        "请就近的老主顾说一句，约试驾，不催单。",
        (("售后有人管", 4), ("价格", 4), ("载重", 2)),
    ),
)  # fmt: skip


def make_segments(stage: "Stage") -> None:
    """Written some weeks ago; members are those of today."""
    actor, grants = stage.who("1000")
    for name, conditions, standing, loyalty, about, needs, strategy, motives in SEGMENTS:
        with clock.override(stage.now - timedelta(days=33)):
            row = save_segment(
                actor=actor,
                grants=grants,
                fields=SegmentFields(
                    name=name,
                    unit_id=stage.units[company.COMPANY].pk,
                    filter=conditions,
                    standing=standing,
                    loyalty=loyalty,
                    about=about,
                    needs=needs,
                    strategy=strategy,
                ),
            )
            set_motives(actor=actor, grants=grants, segment_id=row.pk, motives=motives)
        with clock.override(stage.now):
            count_members(row.pk)
