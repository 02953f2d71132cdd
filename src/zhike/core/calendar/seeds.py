"""What a new installation starts with: the office hours, China's days off, and how long things may take.

The dates are those of the yearly notices of the General Office of the State Council, which give for each
festival the days off and the weekend days worked instead (调休). A year is listed in KNOWN_YEARS when its
notice was published. Of later years only the days fixed by the regulation itself are set; they stay flagged.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

CALENDAR_NAME = "客服部"  # zh-data
ZONE = "Asia/Shanghai"
OFFICE_WINDOWS = ((8 * 60 + 30, 12 * 60), (13 * 60 + 30, 17 * 60 + 30))
OFFICE_WEEKDAYS = range(5)

NOTICE_2025 = "国务院办公厅关于2025年部分节假日安排的通知（国办发明电〔2024〕12号）"  # zh-data
NOTICE_2026 = "国务院办公厅关于2026年部分节假日安排的通知（国办发明电〔2025〕7号）"  # zh-data
REGULATION = "全国年节及纪念日放假办法（2024年修订）：法定假日，调休待国务院通知"  # zh-data
KNOWN_YEARS = {2025: NOTICE_2025, 2026: NOTICE_2026}


@dataclass(frozen=True)
class Festival:
    """Days off from `first` to `last`, and the weekend days worked for them."""

    label: str
    first: date
    last: date
    source: str
    worked: tuple[date, ...] = ()


FESTIVALS = (  # zh-data
    Festival("元旦", date(2025, 1, 1), date(2025, 1, 1), NOTICE_2025),
    Festival(
        "春节",
        date(2025, 1, 28),
        date(2025, 2, 4),
        NOTICE_2025,
        worked=(date(2025, 1, 26), date(2025, 2, 8)),
    ),
    Festival("清明节", date(2025, 4, 4), date(2025, 4, 6), NOTICE_2025),
    Festival(
        "劳动节", date(2025, 5, 1), date(2025, 5, 5), NOTICE_2025, worked=(date(2025, 4, 27),)
    ),
    Festival("端午节", date(2025, 5, 31), date(2025, 6, 2), NOTICE_2025),
    Festival(
        "国庆节、中秋节",
        date(2025, 10, 1),
        date(2025, 10, 8),
        NOTICE_2025,
        worked=(date(2025, 9, 28), date(2025, 10, 11)),
    ),
    Festival("元旦", date(2026, 1, 1), date(2026, 1, 3), NOTICE_2026, worked=(date(2026, 1, 4),)),
    Festival(
        "春节",
        date(2026, 2, 15),
        date(2026, 2, 23),
        NOTICE_2026,
        worked=(date(2026, 2, 14), date(2026, 2, 28)),
    ),
    Festival("清明节", date(2026, 4, 4), date(2026, 4, 6), NOTICE_2026),
    Festival("劳动节", date(2026, 5, 1), date(2026, 5, 5), NOTICE_2026, worked=(date(2026, 5, 9),)),
    Festival("端午节", date(2026, 6, 19), date(2026, 6, 21), NOTICE_2026),
    Festival("中秋节", date(2026, 9, 25), date(2026, 9, 27), NOTICE_2026),
    Festival(
        "国庆节",
        date(2026, 10, 1),
        date(2026, 10, 7),
        NOTICE_2026,
        worked=(date(2026, 9, 20), date(2026, 10, 10)),
    ),
    Festival("元旦", date(2027, 1, 1), date(2027, 1, 1), REGULATION),
    Festival("春节", date(2027, 2, 5), date(2027, 2, 8), REGULATION),
    Festival("清明节", date(2027, 4, 5), date(2027, 4, 5), REGULATION),
    Festival("劳动节", date(2027, 5, 1), date(2027, 5, 2), REGULATION),
    Festival("端午节", date(2027, 6, 9), date(2027, 6, 9), REGULATION),
    Festival("中秋节", date(2027, 9, 15), date(2027, 9, 15), REGULATION),
    Festival("国庆节", date(2027, 10, 1), date(2027, 10, 3), REGULATION),
)


@dataclass(frozen=True)
class SeedDate:
    date: date
    kind: str
    label: str
    source: str


def china_dates() -> list[SeedDate]:
    found: list[SeedDate] = []
    for festival in FESTIVALS:
        day = festival.first
        while day <= festival.last:
            found.append(SeedDate(day, "holiday", festival.label, festival.source))
            day += timedelta(days=1)
        found.extend(
            SeedDate(worked, "working", f"{festival.label}调休", festival.source)  # zh-data
            for worked in festival.worked
        )
    return sorted(found, key=lambda seed: seed.date)


@dataclass(frozen=True)
class SeedPlan:
    name: str
    purpose: str
    subject: str
    tier: str
    amount: int
    unit: str


HOUR = 60
PLANS = (  # zh-data
    SeedPlan("所有工单", "first_reply", "", "", 2 * HOUR, "business_minutes"),
    SeedPlan("投诉", "first_reply", "complaint", "", HOUR, "business_minutes"),
    SeedPlan("VIP 投诉", "first_reply", "complaint", "vip", HOUR // 2, "business_minutes"),
    SeedPlan("投诉", "answer", "complaint", "", 1, "business_days"),
    SeedPlan("VIP 投诉", "answer", "complaint", "vip", 6 * HOUR, "business_minutes"),
    SeedPlan("所有工单", "resolution", "", "", 5, "business_days"),
    SeedPlan("咨询", "resolution", "inquiry", "", 1, "business_days"),
    SeedPlan("投诉", "resolution", "complaint", "", 3, "business_days"),
    SeedPlan("VIP 投诉", "resolution", "complaint", "vip", 2, "business_days"),
    SeedPlan("报修", "resolution", "repair", "", 3, "business_days"),
    SeedPlan("请求", "resolution", "request", "", 3, "business_days"),
    SeedPlan("退货", "resolution", "return", "", 7, "calendar_days"),
    SeedPlan("建议", "resolution", "suggestion", "", 10, "business_days"),
    SeedPlan("表扬", "resolution", "praise", "", 3, "business_days"),
)

# Of complaints, follow-up visits and notices; planted by a later migration.
COMPLAINT_PLANS = (  # zh-data
    SeedPlan("投诉第 1 步", "step_listen", "", "", HOUR, "business_minutes"),
    SeedPlan("投诉第 2 步", "step_apologise", "", "", HOUR, "business_minutes"),
    SeedPlan("投诉第 3 步", "step_facts", "", "", 4 * HOUR, "business_minutes"),
    SeedPlan("投诉第 5 步", "step_agree", "", "", 1, "business_days"),
    SeedPlan("所有通知单", "notice", "", "", 1, "business_days"),
    SeedPlan("VIP 通知单", "notice", "", "vip", 4 * HOUR, "business_minutes"),
    SeedPlan("所有回访", "follow_up", "", "", 1, "business_days"),
)


# The longest the rule allows for answering a person about their data; the law itself says "in time".
DATA_REQUEST_DAYS = 15
DATA_REQUEST_RULE = "App违法违规收集使用个人信息行为认定方法（国信办秘字〔2019〕191号）"  # zh-data
DATA_REQUEST_RULE_OF = date(2019, 11, 28)


def plant_data_request_plan(apps: Any) -> None:
    """On the hours of the unit; a plan somebody made for it meanwhile stays."""
    apps.get_model("core", "DuePlan").objects.get_or_create(
        purpose="data_request",
        subject="",
        tier="",
        channel="",
        defaults={
            "name": "个人信息请求的答复",  # zh-data
            "amount": DATA_REQUEST_DAYS,
            "unit": "business_days",
            "source": DATA_REQUEST_RULE,
            "source_on": DATA_REQUEST_RULE_OF,
        },
    )


@dataclass(frozen=True)
class LegalPlan:
    """What a law sets. The words of the source say plainly where it sets less than the plan does."""

    name: str
    purpose: str
    amount: int
    unit: str
    source: str
    source_on: date


CONSUMER_LAW = "消费者权益保护法（2013年修正）第二十五条"  # zh-data
LEGAL_PLANS = (  # zh-data
    LegalPlan(
        "七日无理由退货",
        "legal_return",
        7,
        "calendar_days",
        f"{CONSUMER_LAW}：自收到商品之日起七日内可无理由退货；从签收次日起算，定作、鲜活易腐等商品除外，请核对现行规定",
        date(2014, 3, 15),
    ),
    LegalPlan(
        "退款",
        "legal_refund",
        7,
        "calendar_days",
        f"{CONSUMER_LAW}：自收到退回商品之日起七日内返还价款",
        date(2014, 3, 15),
    ),
    LegalPlan(
        "受理机关来文答复",
        "legal_authority",
        7,
        "business_days",
        "市场监督管理投诉举报处理办法（总局令第121号）：答复期限以受理机关的通知书为准，7个工作日仅为默认值",
        date(2026, 4, 15),
    ),
)


def plant_legal_plans(apps: Any) -> None:
    """On the hours of the unit; a plan somebody made for the same purpose meanwhile stays."""
    for plan in LEGAL_PLANS:
        apps.get_model("core", "DuePlan").objects.get_or_create(
            purpose=plan.purpose,
            subject="",
            tier="",
            channel="",
            org_unit=None,
            defaults={
                "name": plan.name,
                "amount": plan.amount,
                "unit": plan.unit,
                "source": plan.source,
                "source_on": plan.source_on,
            },
        )


# Of next reply and of asking a department; planted by a still later migration.
SERVICE_PLANS = (  # zh-data
    SeedPlan("所有工单", "next_reply", "", "", 4 * HOUR, "business_minutes"),
    SeedPlan("投诉", "next_reply", "complaint", "", 2 * HOUR, "business_minutes"),
    SeedPlan("VIP 投诉", "next_reply", "complaint", "vip", HOUR, "business_minutes"),
    SeedPlan("投诉", "to_department", "complaint", "", 1, "business_days"),
)


def plant_service_plans(apps: Any) -> None:
    """On the hours of the unit; a plan somebody made for the same purpose meanwhile stays."""
    for plan in SERVICE_PLANS:
        apps.get_model("core", "DuePlan").objects.get_or_create(
            purpose=plan.purpose,
            subject=plan.subject,
            tier=plan.tier,
            channel="",
            org_unit=None,
            defaults={"name": plan.name, "amount": plan.amount, "unit": plan.unit},
        )


def plant_complaint_plans(apps: Any) -> None:
    """Into the default calendar; a plan somebody made for the same purpose meanwhile stays."""
    calendar = apps.get_model("core", "WorkCalendar").objects.get(is_default=True)
    plan_model = apps.get_model("core", "DuePlan")
    for plan in COMPLAINT_PLANS:
        plan_model.objects.get_or_create(
            purpose=plan.purpose,
            subject=plan.subject,
            tier=plan.tier,
            channel="",
            defaults={
                "name": plan.name,
                "calendar": calendar,
                "amount": plan.amount,
                "unit": plan.unit,
            },
        )


def plant(apps: Any) -> None:
    """Make the default calendar and its plans where there is none yet. `apps` has `get_model`."""
    calendar_model = apps.get_model("core", "WorkCalendar")
    if calendar_model.objects.filter(is_default=True).exists():
        return
    calendar = calendar_model.objects.create(
        name=CALENDAR_NAME, zone=ZONE, is_default=True, version=1
    )
    window_model = apps.get_model("core", "CalendarWindow")
    window_model.objects.bulk_create(
        window_model(calendar=calendar, weekday=weekday, start=start, end=end)
        for weekday in OFFICE_WEEKDAYS
        for start, end in OFFICE_WINDOWS
    )
    date_model = apps.get_model("core", "CalendarDate")
    date_model.objects.bulk_create(
        date_model(
            calendar=calendar,
            date=seed.date,
            kind=seed.kind,
            label=seed.label,
            source=seed.source,
        )
        for seed in china_dates()
    )
    year_model = apps.get_model("core", "CalendarYear")
    year_model.objects.bulk_create(
        year_model(calendar=calendar, year=year, source=source)
        for year, source in KNOWN_YEARS.items()
    )
    plan_model = apps.get_model("core", "DuePlan")
    plan_model.objects.bulk_create(
        plan_model(
            name=plan.name,
            purpose=plan.purpose,
            subject=plan.subject,
            tier=plan.tier,
            calendar=calendar,
            amount=plan.amount,
            unit=plan.unit,
        )
        for plan in PLANS
    )
