from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema

from zhike.core.api import REFUSALS, RowId, Strict, caller
from zhike.core.errors import RuleError
from zhike.core.search import terms
from zhike.core.search.kinds import kinds_for

router = Router(tags=["search"])


class HitOut(Schema):
    kind: str
    id: int
    title: str
    excerpt: str
    number: str
    at: datetime | None


class SearchOut(Schema):
    hits: list[HitOut] = Field(description="Newest first within each kind.")
    counts: dict[str, int] = Field(
        description="By kind, older than `before`; exact up to 200; 201 means more."
    )


class SearchFilter(Strict):
    q: str = Field(max_length=200, min_length=1)
    kind: str | None = Field(None, description="customer, case, message or feedback")
    before: RowId | None = Field(None, description="Last id of a kind seen; needs `kind`.")
    limit: int = Field(20, ge=1, le=100)


@router.get("/search", response={200: SearchOut, **REFUSALS})
def search(request: HttpRequest, asked: Query[SearchFilter]) -> Any:
    """Every word of `q` occurs in what is found, whatever its width, case or script."""
    _actor, grants = caller(request)
    kinds = kinds_for(grants)
    if asked.kind is not None:
        kinds = [kind for kind in kinds if kind.key == asked.kind]
        if not kinds:
            raise RuleError("kind_unknown", _("There is no such kind of result."), field="kind")
    hits: list[dict[str, Any]] = []
    counted: dict[str, int] = {}
    for kind in kinds if terms(asked.q) else []:
        before = asked.before if asked.kind is not None else None
        found = kind.find(grants, asked.q, asked.limit, before)
        counted[kind.key] = found.total
        hits.extend(
            {
                "kind": kind.key,
                "id": hit.id,
                "title": hit.title,
                "excerpt": hit.excerpt,
                "number": hit.number,
                "at": hit.at,
            }
            for hit in found.newest
        )
    return {"hits": hits, "counts": counted}
