"""A time set for one thing alone, by a rule say: it counts in place of what the plan says."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from zhike.core.calendar.due import Unit
from zhike.core.calendar.plan_book import Plan
from zhike.core.calendar.schedule import Schedule


@dataclass(frozen=True, slots=True)
class OwnTime:
    """`name` says who set it, as the account of the due time tells it."""

    amount: int
    unit: Unit
    name: str

    def in_place_of(self, plan: Plan | None, purpose: str, hours: Schedule) -> Plan:
        """Calendar and warning stay those of the plan; without one, `hours` and the usual share."""
        found = plan or Plan("", purpose, self.amount, self.unit, schedule=hours)
        return replace(
            found,
            name=self.name,
            amount=self.amount,
            unit=self.unit,
            source="",
            source_on=None,
            plan_id=None,
        )

    def to_json(self) -> dict[str, Any]:
        return {"amount": self.amount, "unit": self.unit.value, "name": self.name}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "OwnTime":
        return cls(data["amount"], Unit(data["unit"]), data["name"])
