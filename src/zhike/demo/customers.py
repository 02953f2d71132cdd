"""The demo's customer files."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from zhike.core import access, clock
from zhike.core.work import Actor
from zhike.customers import services
from zhike.customers.models import Customer, Region
from zhike.customers.services import NewAddress
from zhike.demo import company
from zhike.demo.names import Draft

if TYPE_CHECKING:
    from zhike.demo.load import Stage

# The desk's people look after the better customers by name.
MANAGED = frozenset({"vip", "key"})
# Fields a maker of three-wheelers adds to its customer file: code, label, kind, choices.
OWN_FIELDS = (
    ("trade", "经营", "text", ()),
    ("vehicles", "用车", "choice", ("1 台", "2 台", "3 台以上")),
    ("season", "旺季", "text", ()),
)
TRADES = ("苹果、梨批发", "蔬菜配送", "快递网点", "建材零售", "早餐车", "农资")
SEASONS = ("9–12 月", "3–5 月", "全年", "春节前")


def define_own_fields(actor: Actor, grants: access.Grants) -> None:
    for position, (code, label, kind, choices) in enumerate(OWN_FIELDS):
        services.define_custom_field(
            actor=actor,
            grants=grants,
            code=code,
            label=label,
            kind=kind,
            choices=choices,
            filterable=kind == "choice",
            position=position,
        )


def _own_values(index: int, tier: str) -> dict[str, str]:
    """Known of the better customers, and of every fifth of the others."""
    if tier not in MANAGED and index % 5:
        return {}
    return {
        "trade": TRADES[index % len(TRADES)],
        "vehicles": str(OWN_FIELDS[1][3][index % 3]),
        "season": SEASONS[index % len(SEASONS)],
    }


def make_customers(stage: "Stage", drafts: list[Draft], opened: datetime) -> list[Customer]:
    provinces = {region.name: region for region in Region.objects.filter(parent=None)}
    rows: list[Customer] = []
    define_own_fields(Actor.system("demo", via="demo"), access.everything("demo"))
    for index, draft in enumerate(drafts):
        province = next(
            region
            for name, region in provinces.items()
            if name.startswith(company.PROVINCES[draft.region])
        )
        manager = None
        if draft.tier in MANAGED:
            manager = stage.people[stage.random.choice(company.AGENTS[:3])].pk
        actor, grants = stage.who(stage.random.choice(company.AGENTS[:3]))
        birthday = stage.random.random() < 0.5 and draft.kind == "person"
        with clock.override(opened + timedelta(minutes=7 * index)):
            customer = services.create_customer(
                actor=actor,
                grants=grants,
                name=draft.name,
                kind=draft.kind,
                phone=draft.phone,
                unit_id=stage.units[draft.region].pk,
                region_id=province.pk,
                tier=draft.tier,
                stage=draft.stage,
                tags=draft.tags,
                occupation=draft.occupation,
                manager_id=manager,
                custom=_own_values(index, draft.tier),
                birth_month=stage.random.randint(1, 12) if birthday else None,
                birth_day=stage.random.randint(1, 28) if birthday else None,
                address=NewAddress(text=f"{draft.town}{index % 90 + 1} 号") if index % 3 else None,
            )
            _habits(stage, customer, draft)
        rows.append(customer)
    return rows


def _habits(stage: "Stage", customer: Customer, draft: Draft) -> None:
    actor, grants = stage.who(stage.random.choice(company.AGENTS[:3]))
    for topic, value, is_caution in draft.habits:
        services.record_preference(
            actor=actor,
            grants=grants,
            customer_id=customer.pk,
            topic=topic,
            value=value,
            source="电话",
            is_caution=is_caution,
        )
    for kind, text in draft.needs:
        services.record_need(
            actor=actor, grants=grants, customer_id=customer.pk, kind=kind, text=text
        )
