"""Reference values over the API: read only; they are kept on their page or by import."""

from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema

from zhike.core.api import REFUSALS, Paged, PageOut, caller, newest_page
from zhike.reference.models import ReferenceValue
from zhike.reference.permissions import VIEW
from zhike.reference.rules import measure_code
from zhike.reference.selectors import visible_values

router = Router(tags=["reference values"])


class ReferenceValueOut(Schema):
    id: int
    measure: str = Field(
        description="A stable code of built-in measures, else the words of the house."
    )
    label: str = Field(description="The measure in the caller's language.")
    low: Decimal | None = Field(description="The figure, or the lower end of a range.")
    high: Decimal | None = Field(description="The upper end; without `low` it means “up to”.")
    unit: str = Field(description="percent, times, people, usd, or words of the house.")
    value: str = Field(description="As it is shown: 5–6 times.")
    base: str = Field(description="What it is a share of, or compared with.")
    said_by: str
    source: str
    year: int | None
    note: str


class ReferenceFilter(Paged):
    measure: str | None = Field(None, max_length=80)


@router.get("/reference-values", response={200: PageOut[ReferenceValueOut], **REFUSALS})
def list_reference_values(request: HttpRequest, asked: Query[ReferenceFilter]) -> Any:
    """Figures others give, those in use, newest first. Several of one measure may contradict one another."""
    _actor, grants = caller(request)
    grants.require(VIEW)
    rows = visible_values(grants).filter(ended_at__isnull=True)
    if asked.measure is not None:
        rows = rows.filter(measure=measure_code(asked.measure))
    return newest_page(rows, cursor=asked.cursor, limit=asked.limit, out=_out)


def _out(row: ReferenceValue) -> dict[str, Any]:
    plain = ("id", "measure", "label", "low", "high", "unit", "value", "source", "year")
    return {
        **{name: getattr(row, name) for name in plain},
        "base": row.base_text,
        "said_by": row.said_by_text,
        "note": row.note_text,
    }
