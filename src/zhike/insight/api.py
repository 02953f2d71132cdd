"""Settled days over the API: what was settled, what would be counted now, which rows came or went."""

from datetime import date, datetime
from typing import Any

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema, Status

from zhike.core.access import Grants
from zhike.core.api import REFUSALS, RowId, Strict, caller
from zhike.insight import services
from zhike.insight.counting import Tally
from zhike.insight.figures import FIGURES, Figure
from zhike.insight.permissions import VIEW
from zhike.insight.selectors import days as reading
from zhike.insight.selectors.reach import chosen_unit

router = Router(tags=["reports"])


class FigureOut(Schema):
    key: str
    label: str
    definition: str
    numerator: int = Field(description="Rows, or an amount in cents.")
    denominator: int | None
    parts: dict[str, dict[str, int]] = Field(description="The rows by type, channel or age.")


class SettledFigureOut(FigureOut):
    rows: list[int] = Field(description="Ids of the rows counted when the day was settled.")
    of_rows: list[int] = Field(description="Of a rate: ids of the rows of which it counts.")
    numerator_now: int
    denominator_now: int | None
    came: list[int] = Field(description="Ids that would be counted today and were not.")
    went: list[int] = Field(description="Ids that were counted and would not be today.")


class SettlementOut(Schema):
    day: date
    unit_id: int
    made_at: datetime
    version: int
    differing: int | None = Field(
        description="Figures that would be counted differently, when the nightly job last looked."
    )
    figures: list[FigureOut]


class SettlementDetailOut(Schema):
    day: date
    unit_id: int
    made_at: datetime
    version: int
    rows_of: dict[str, str] = Field(description="What the ids of each figure belong to.")
    figures: list[SettledFigureOut]


class SettlementList(Schema):
    items: list[SettlementOut]
    next: date | None = Field(description="Pass it as `before` for earlier days.")


class DaysFilter(Strict):
    unit_id: RowId | None = None
    before: date | None = None


class OfUnit(Strict):
    unit_id: RowId | None = None


class SettleIn(Strict):
    day: date


def _reader(request: HttpRequest) -> Grants:
    _actor, grants = caller(request)
    grants.require(VIEW)
    return grants


def _figure(figure: Figure, tally: Tally) -> dict[str, Any]:
    return {
        "key": figure.key,
        "label": str(figure.label),
        "definition": str(figure.definition),
        "numerator": tally.numerator,
        "denominator": tally.denominator,
        "parts": tally.parts,
    }


@router.get("/settlements", response={200: SettlementList, **REFUSALS})
def list_settlements(request: HttpRequest, asked: Query[DaysFilter]) -> Any:
    """Settled days of a unit, the newest first; without `unit_id` the caller's own, or the whole company."""
    grants = _reader(request)
    unit = chosen_unit(grants, asked.unit_id)
    lines, has_more = reading.day_lines(unit, asked.before)
    items = [
        {
            "day": line.settlement.day,
            "unit_id": unit.pk,
            "made_at": line.settlement.made_at,
            "version": line.settlement.version,
            "differing": line.differing,
            "figures": [
                _figure(figure, line.cell(figure.key))
                for figure in FIGURES
                if figure.key in reading.LISTED
            ],
        }
        for line in lines
    ]
    return {"items": items, "next": lines[-1].settlement.day if has_more else None}


@router.post("/settlements", response={201: SettleIn, **REFUSALS})
def settle(request: HttpRequest, asked: SettleIn) -> Any:
    """Settle a day that was missed. One that is not over is refused; one that is settled stays as it is (409)."""
    actor, grants = caller(request)
    services.settle_day(actor=actor, grants=grants, day=asked.day)
    return Status(201, {"day": asked.day})


@router.get("/settlements/{day}", response={200: SettlementDetailOut, **REFUSALS})
def get_settlement(request: HttpRequest, day: date, asked: Query[OfUnit]) -> Any:
    """One settled day with its row ids, and what would be counted today."""
    grants = _reader(request)
    page = reading.day_page(grants, chosen_unit(grants, asked.unit_id), day)
    return {
        "day": page.settlement.day,
        "unit_id": page.settlement.unit_id,
        "made_at": page.settlement.made_at,
        "version": page.settlement.version,
        "rows_of": {line.figure.key: line.figure.kind.key for line in page.lines},
        "figures": [
            {
                **_figure(line.figure, line.kept),
                "rows": sorted(line.kept.rows),
                "of_rows": sorted(line.kept.of_rows),
                "numerator_now": line.now.numerator,
                "denominator_now": line.now.denominator,
                "came": sorted(line.came),
                "went": sorted(line.went),
            }
            for line in page.lines
        ],
    }
