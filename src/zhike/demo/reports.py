"""Settled nights and finalised weeks of the demo, each at its hour."""

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from zhike.core import clock
from zhike.core.access import everything
from zhike.core.work import Actor
from zhike.demo import company
from zhike.insight import services
from zhike.insight.models import WeekMeasure
from zhike.insight.periods import Week
from zhike.insight.services import weeks

if TYPE_CHECKING:
    from zhike.demo.load import Agenda, Stage

SUPERVISOR = "1010"
FINAL_WEEKS = 4
# By week, the earliest first: (what, who, day of the week after, was it carried out, result).
MEASURES = (
    (
        ("控制器焊点改双面焊，库存件逐件复检", "周敏", 2, True, "复检 214 只，退供方 9 只"),
        ("拣货加扫码复核，错件当天追回", "马超", 4, True, "错发由每周 5 件降到 1 件"),
    ),
    (
        ("约上门时间前一天电话核对配件", "孙立", 1, True, "照办，空跑少了 3 趟"),
        ("寄修超过 3 天主动报进度", "林静", 3, False, "短信通道没批下来，下周改打电话"),
    ),
    (
        ("寄修客户每天 16:00 电话报进度", "高翔", 1, True, "本周 11 位都报了"),
        ("雨棚赠品写进销售单模板", "王建国", 4, True, "模板已换"),
    ),
    (
        ("超过 7 天的工单逐件过会", "王建国", 1, None, ""),
        ("品质部来料检验加密封项", "周敏", 4, None, ""),
        ("没接通的回访换时段再打一遍", "何雨桐", 3, None, ""),
    ),
)


def plan_reports(stage: "Stage", agenda: "Agenda", days: int) -> None:
    """Every night the day before is settled; on Mondays the supervisor finalises the last weeks."""
    today = clock.local(stage.now).date()
    for back in range(days, -1, -1):
        night = datetime.combine(today - timedelta(days=back), time(0, 5), tzinfo=clock.zone())
        agenda.add(night, _settle)
    this_week = Week.of(today)
    for place, week in enumerate(list(this_week.back(FINAL_WEEKS + 1))[:FINAL_WEEKS]):
        _plan_week(stage, agenda, week, place)


def _settle(night: datetime) -> None:
    yesterday = clock.today() - timedelta(days=1)
    services.settle_day(actor=Actor.system("insight"), grants=everything("insight"), day=yesterday)


def _plan_week(stage: "Stage", agenda: "Agenda", week: Week, place: int) -> None:
    unit_id = stage.units[company.DESK].pk
    monday = datetime.combine(week.after.monday, time(9, 10), tzinfo=clock.zone())

    def finalise(_at: datetime) -> None:
        actor, grants = stage.who(SUPERVISOR)
        weeks.finalise_week(actor=actor, grants=grants, unit_id=unit_id, week=week)
        for what, who, day, _done, _note in MEASURES[place]:
            due = week.after.monday + timedelta(days=day)
            new = weeks.NewMeasure(what, who, due)
            weeks.add_measure(actor=actor, grants=grants, unit_id=unit_id, week=week, new=new)

    def look_back(_at: datetime) -> None:
        actor, grants = stage.who(SUPERVISOR)
        rows = WeekMeasure.objects.filter(unit_id=unit_id, monday=week.monday).order_by("pk")
        for row, (*_plan, done, note) in zip(rows, MEASURES[place], strict=True):
            if done is not None:
                weeks.answer_measure(
                    actor=actor, grants=grants, measure_id=row.pk, is_done=done, note=note
                )

    agenda.add(monday, finalise)
    # Before the next week is finalised, it is asked what became of this one's.
    agenda.add(monday + timedelta(days=6, hours=23), look_back)


def look_for_changes() -> None:
    services.check_days()
