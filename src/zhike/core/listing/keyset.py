"""Paging without page numbers: a page continues after a row, so each costs the same."""

import base64
import binascii
import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db.models import F, Field, Model, Q, UUIDField

from zhike.core.listing.parts import Rows, Sort

_LARGEST_ID = 2**63 - 1


@dataclass(frozen=True)
class Order:
    """A sort with its direction; written `due` or `-due` in the address."""

    sort: Sort
    descending: bool

    def __str__(self) -> str:
        return f"-{self.sort.key}" if self.descending else self.sort.key

    @property
    def by_id_alone(self) -> bool:
        return self.sort.field in ("pk", "id")


@dataclass(frozen=True)
class Cursor:
    """The place of one row in one order."""

    order: str
    value: Any
    pk: int | UUID


@dataclass(frozen=True)
class Slice:
    rows: list[Any]
    has_previous: bool
    has_next: bool


class BadCursor(ValueError):
    """Not ours, or made for another order."""


def _field(rows: Rows, path: str) -> Field[Any, Any]:
    annotation = rows.query.annotations.get(path)
    if annotation is not None:
        return annotation.output_field
    model: type[Model] = rows.model
    *steps, last = path.split("__")
    for step in steps:
        related = model._meta.get_field(step).related_model
        if not isinstance(related, type):
            raise FieldDoesNotExist(path)
        model = related
    field = model._meta.pk if last == "pk" else model._meta.get_field(last)
    assert isinstance(field, Field)
    return field


def _value(row: Any, path: str) -> Any:
    for step in path.split("__"):
        row = getattr(row, step, None)
    return row


def write_cursor(row: Any, order: Order) -> str:
    value = _value(row, order.sort.field)
    if isinstance(value, datetime | date):
        value = value.isoformat()
    elif value is not None and not isinstance(value, str | int | bool):
        value = str(value)
    pk = row.pk.hex if isinstance(row.pk, UUID) else row.pk
    text = json.dumps([str(order), value, pk], separators=(",", ":"), ensure_ascii=False)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read_cursor(token: str, order: Order, rows: Rows) -> Cursor:
    """Whatever stands in the address comes from outside: a broken cursor raises `BadCursor`."""
    try:
        padded = token + "=" * (-len(token) % 4)
        made_for, value, pk = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        if made_for != str(order):
            raise BadCursor(token)
        pk = _known_pk(pk, rows)
        if value is not None:
            value = _field(rows, order.sort.field).to_python(value)
            if isinstance(value, str) and "\x00" in value:
                raise BadCursor(token)
        elif not order.sort.nullable:
            raise BadCursor(token)
    except (
        ValueError,
        TypeError,
        OverflowError,
        RecursionError,
        binascii.Error,
        ValidationError,
    ) as problem:
        raise BadCursor(token) from problem
    return Cursor(made_for, value, pk)


def _known_pk(pk: Any, rows: Rows) -> int | UUID:
    """Of the kind this table has; anything else raises ValueError."""
    if isinstance(rows.model._meta.pk, UUIDField):
        return UUID(str(pk))
    if not isinstance(pk, int) or not 0 < pk <= _LARGEST_ID:
        raise ValueError(pk)
    return pk


def _ordering(order: Order, backwards: bool) -> list[str]:
    down = "-" if order.descending != backwards else ""
    return [f"{down}pk"] if order.by_id_alone else [f"{down}{order.sort.field}", f"{down}pk"]


def _beyond(order: Order, cursor: Cursor, backwards: bool) -> Q:
    """Rows after the cursor (before it, when `backwards`), within one stretch of `_stretches`."""
    field, value = order.sort.field, cursor.value
    further = "lt" if order.descending != backwards else "gt"
    tie = Q(**{f"pk__{further}": cursor.pk})
    if order.by_id_alone or value is None:
        return tie
    # Written as a range first: a plain OR keeps databases from using the index.
    return Q(**{f"{field}__{further}e": value}) & (Q(**{f"{field}__{further}": value}) | tie)


def _stretches(rows: Rows, order: Order, cursor: Cursor | None, backwards: bool) -> list[Rows]:
    """The queries to be read one after the other.

    A nullable sort is two: rows with a value, then the empty ones. So neither needs NULLS LAST,
    which would miss the index in one direction, and both databases agree on the order.
    """
    names = _ordering(order, backwards)
    if not order.sort.nullable:
        beyond = rows if cursor is None else rows.filter(_beyond(order, cursor, backwards))
        return [beyond.order_by(*names)]
    field = order.sort.field
    valued = rows.filter(**{f"{field}__isnull": False})
    empty = rows.filter(**{f"{field}__isnull": True})
    first, second = (empty, valued) if backwards else (valued, empty)
    if cursor is not None:
        beyond_it = _beyond(order, cursor, backwards)
        if (cursor.value is None) == (first is empty):
            first = first.filter(beyond_it)
        else:
            return [second.filter(beyond_it).order_by(*names)]
    return [first.order_by(*names), second.order_by(*names)]


def _read(stretches: list[Rows], limit: int) -> list[Any]:
    found: list[Any] = []
    for stretch in stretches:
        if len(found) < limit:
            found += stretch[: limit - len(found)]
    return found


def in_order(rows: Rows, order: Order) -> Rows:
    """All of them in one query, for an export; empty values last."""
    if not order.sort.nullable:
        return rows.order_by(*_ordering(order, backwards=False))
    column = F(order.sort.field)
    by_value = column.desc(nulls_last=True) if order.descending else column.asc(nulls_last=True)
    return rows.order_by(by_value, "-pk" if order.descending else "pk")


def fetch(rows: Rows, order: Order, size: int, cursor: Cursor | None, backwards: bool) -> Slice:
    """One page. One row more than shown is read to know whether the journey goes on."""
    if cursor is None:
        found = _read(_stretches(rows, order, None, backwards=False), size + 1)
        return Slice(found[:size], has_previous=False, has_next=len(found) > size)
    found = _read(_stretches(rows, order, cursor, backwards), size + 1)
    more = len(found) > size
    found = found[:size]
    if not backwards:
        return Slice(found, has_previous=True, has_next=more)
    if not more:
        # The start is reached: show it as anybody opening the list would see it.
        return fetch(rows, order, size, None, backwards=False)
    return Slice(found[::-1], has_previous=True, has_next=True)
