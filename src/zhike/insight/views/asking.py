"""What an address of a report asks: the reader, the unit, the day or week."""

from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from django.http import HttpRequest

from zhike.accounts.models import Unit
from zhike.core import access
from zhike.core.access import Grants
from zhike.core.errors import NotFound
from zhike.insight.permissions import VIEW
from zhike.insight.selectors.reach import choosable_units, chosen_unit


@dataclass(frozen=True)
class Asked:
    grants: Grants
    unit: Unit
    units: list[Unit]

    @property
    def query(self) -> str:
        return urlencode({"unit": self.unit.pk})


def asked_of(request: HttpRequest) -> Asked:
    grants = access.require(request.user, VIEW)
    unit = chosen_unit(grants, request.GET.get("unit"))
    return Asked(grants, unit, choosable_units(grants))


def day_of(text: str) -> date:
    found = parsed_day(text)
    if found is None:
        raise NotFound()
    return found


def parsed_day(text: str) -> date | None:
    if len(text) != 10:
        return None
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if 1900 <= found.year <= 2999 else None
