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


def make_customers(stage: "Stage", drafts: list[Draft], opened: datetime) -> list[Customer]:
    provinces = {region.name: region for region in Region.objects.filter(parent=None)}
    actor, grants = Actor.system("demo", via="demo"), access.everything("demo")
    rows: list[Customer] = []
    for index, draft in enumerate(drafts):
        province = next(
            region
            for name, region in provinces.items()
            if name.startswith(company.PROVINCES[draft.region])
        )
        manager = None
        if draft.tier in MANAGED:
            manager = stage.people[stage.random.choice(company.AGENTS[:3])].pk
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
