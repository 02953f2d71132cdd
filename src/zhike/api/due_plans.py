"""Service time plans over the API: read, and asked which one counts."""

from datetime import date
from typing import Any

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema

from zhike.core.access import require_any
from zhike.core.api import REFUSALS, RowId, caller
from zhike.core.calendar import selectors
from zhike.core.calendar.plan_book import load_plans
from zhike.core.models import DuePlan

router = Router(tags=["due plans"])
READ = "cases.view"
MANAGE_SETTINGS = "settings.manage"


class DuePlanOut(Schema):
    id: int
    name: str
    purpose: str
    subject: str = Field(description="Code of a case type; empty: any.")
    tier: str
    channel: str
    org_unit: int | None = Field(description="This unit and those below it; null: any.")
    amount: int
    unit: str = Field(description="business_minutes, business_days or calendar_days.")
    calendar_id: int | None = Field(description="null: the hours of the unit it lies with.")
    warn_percent: int
    source: str
    source_on: date | None


class Asked(Schema):
    purpose: str
    subject: str = ""
    tier: str = ""
    channel: str = ""
    org_unit: RowId | None = None


class Ranked(Schema):
    ids: list[int] = Field(description="Plans that fit, the one that counts first.")


def _out(plan: DuePlan) -> dict[str, Any]:
    return {name: getattr(plan, name) for name in DuePlanOut.model_fields}


@router.get("/due-plans", response={200: list[DuePlanOut], **REFUSALS})
def list_due_plans(request: HttpRequest) -> Any:
    """All plans, by purpose, the general before the special."""
    _actor, grants = caller(request)
    require_any(grants, READ, MANAGE_SETTINGS)
    return [_out(line.row) for line in selectors.all_plans()]


@router.get("/due-plans/closest", response={200: Ranked, **REFUSALS})
def closest_due_plans(request: HttpRequest, asked: Query[Asked]) -> Any:
    """Which plan counts for these, and which would if it were not there."""
    _actor, grants = caller(request)
    require_any(grants, READ, MANAGE_SETTINGS)
    found = load_plans().ranked(
        asked.purpose, asked.subject, asked.tier, asked.channel, asked.org_unit
    )
    return {"ids": [plan.plan_id for plan in found]}
