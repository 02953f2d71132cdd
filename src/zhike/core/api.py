"""What every room's API routes share: the caller, the error shape, keyset pages."""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Annotated, Any, Generic, TypeVar

from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Field, Schema
from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from zhike.core.access import Grants
from zhike.core.errors import RuleError
from zhike.core.work import Actor

T = TypeVar("T")
M = TypeVar("M", bound=Model)

MAX_PAGE = 100

# An id sent by a caller. A larger number fits no column: SQLite refuses to bind it at all.
RowId = Annotated[int, Field(ge=0, le=2**63 - 1)]


def _of_our_time(moment: datetime) -> datetime:
    # Years at either end overflow when they are turned into UTC, and nobody means them.
    if not 1900 <= moment.year <= 2999:
        raise PydanticCustomError("datetime_parsing", "The year is not between 1900 and 2999.")
    return moment


Moment = Annotated[datetime, AfterValidator(_of_our_time)]


class Strict(Schema):
    """A body in which a mistyped field is an error, not silence."""

    model_config = {"extra": "forbid"}


class Paged(Strict):
    """What every list takes; its own conditions are added."""

    cursor: str | None = Field(None, max_length=200)
    limit: int = Field(50, ge=1, le=MAX_PAGE)


class FieldErrorOut(Schema):
    field: str = Field(description="The input it belongs to, in dotted form.")
    message: str


class ErrorBody(Schema):
    code: str = Field(description="Stable and machine-readable.")
    message: str = Field(description="A sentence in the caller's language.")
    field: str = ""
    fields: list[FieldErrorOut] = []
    extra: dict[str, Any] = {}
    request_id: str = ""


class ErrorOut(Schema):
    """Every answer from 400 on has this shape."""

    error: ErrorBody


# For `response=` of a route: the refusals any route can answer.
REFUSALS: dict[Any, Any] = {
    frozenset({400, 401, 403, 404, 405, 409, 413, 422, 429}): ErrorOut,
}


class PageOut(Schema, Generic[T]):
    items: list[T]
    next: str | None = Field(
        None, description="Pass it as `cursor` for the following page; null at the end."
    )


def caller(request: HttpRequest) -> tuple[Actor, Grants]:
    """Who calls, and with which rights; set by the bearer check."""
    found: tuple[Actor, Grants] = request.auth  # type: ignore[attr-defined]  # ninja puts it there
    return found


def idempotency_key(request: HttpRequest) -> str:
    """The caller's `Idempotency-Key`: the same one makes the same thing once."""
    key = request.headers.get("Idempotency-Key", "").strip()
    if len(key) > 64:
        raise RuleError(
            "idempotency_key_too_long",
            _("An Idempotency-Key has at most 64 characters."),
            field="Idempotency-Key",
        )
    return key


def _encode(values: Sequence[Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(list(values)).encode()).decode().rstrip("=")


def _decode(cursor: str) -> int:
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        (pk,) = json.loads(raw)
        if isinstance(pk, bool) or not isinstance(pk, int) or not 0 < pk < 2**63:
            raise ValueError
    except (ValueError, TypeError, binascii.Error, UnicodeDecodeError) as error:
        raise cursor_invalid() from error
    return pk


def cursor_invalid() -> RuleError:
    return RuleError(
        "cursor_invalid",
        _("The cursor is not one this list has given out. Please start at the first page."),
        field="cursor",
    )


def newest_page(
    rows: QuerySet[M], *, cursor: str | None, limit: int, out: Callable[[M], T]
) -> dict[str, Any]:
    """One keyset page by id, newest first."""
    limit = max(1, min(limit, MAX_PAGE))
    if cursor:
        rows = rows.filter(Q(pk__lt=_decode(cursor)))
    found = list(rows.order_by("-pk")[: limit + 1])
    more = len(found) > limit
    found = found[:limit]
    return {
        "items": [out(row) for row in found],
        "next": _encode([found[-1].pk]) if more and found else None,
    }
