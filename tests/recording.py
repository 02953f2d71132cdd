"""A scene made once through the services, then written again as the rows it left.

Made anew, the cast costs each of thousands of tests 130 statements; written again, a dozen. Every test still has
rows of its own in its own transaction, so what it does to them is gone when it ends, and objects of its own.

What was recorded holds only where it would come out the same: the same company's day, keys, language and settings,
and tables as full as then. Anywhere else the scene is made through the services as ever.
"""

import copy
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.apps import apps
from django.conf import settings
from django.db import connection, transaction
from django.utils import translation

from tests.guards import given
from zhike.core import clock
from zhike.core.sealing.ring import ring

T = TypeVar("T")
Rows = list[tuple[Any, ...]]
TABLE = re.compile(r'\b(?:FROM|JOIN|INTO|UPDATE)\s+"?(\w+)', re.I)
# Tests of "just now" and "today" read the moments of the rows.
FRESH_SECONDS = 60.0


class CannotRecord(AssertionError):
    """Making the scene does what rows written again would not repeat."""


@dataclass(frozen=True)
class Table:
    name: str
    key: str
    columns: tuple[str, ...]

    def rows(self) -> Rows:
        return _asked(f'SELECT {self._named} FROM "{self.name}" ORDER BY "{self.key}"')

    def write(self, rows: Rows) -> None:
        places = f"({', '.join(['%s'] * len(self.columns))})"
        values = ", ".join([places] * len(rows))
        with connection.cursor() as cursor:
            cursor.execute(
                f'INSERT INTO "{self.name}" ({self._named}) VALUES {values}',
                [value for row in rows for value in row],
            )

    @property
    def fullness(self) -> str:
        newest = f'CAST(MAX("{self.key}") AS text)'
        return f"""SELECT '{self.name}', COUNT(*), {newest} FROM "{self.name}" """

    @property
    def _named(self) -> str:
        return ", ".join(f'"{column}"' for column in self.columns)


@dataclass(frozen=True)
class Recording(Generic[T]):
    until: float
    surroundings: tuple[Any, ...]
    tables: tuple[Table, ...]
    fullness: Rows
    written: tuple[tuple[Table, Rows], ...]
    made: T

    @property
    def holds(self) -> bool:
        return (
            time.monotonic() < self.until
            and self.surroundings == _surroundings()
            and self.fullness == _fullness(self.tables)
        )


class Recorded(Generic[T]):
    """`Recorded(make)()` gives what `make()` gives, with the same rows behind it."""

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._kept: Recording[T] | None = None
        self.written_again = 0

    def __call__(self) -> T:
        if clock._fixed.get() is not None:
            return self._make()
        kept = self._kept
        if kept is None or not kept.holds:
            made, self._kept = _record(self._make, kept.tables if kept else _touched(self._make))
            return copy.deepcopy(made)
        with given():
            for table, rows in kept.written:
                table.write(rows)
        self.written_again += 1
        return copy.deepcopy(kept.made)


def _record(make: Callable[[], T], tables: tuple[Table, ...]) -> tuple[T, Recording[T] | None]:
    surroundings, fullness = _surroundings(), _fullness(tables)
    before = {table: table.rows() for table in tables}
    until = time.monotonic() + FRESH_SECONDS
    made, touched = _watched(make)
    if touched.keys() - {table.name for table in tables}:
        # What the process remembered the time before is forgotten now. It is looked at anew the next time.
        return made, None
    written = []
    for table in tables:
        old, rows = before[table], table.rows()
        fresh = [row for row in rows if row not in old]
        if len(fresh) != len(rows) - len(old):
            raise CannotRecord(f"Rows of {table.name} that were there have changed")
        if fresh:
            written.append((table, fresh))
    return made, Recording(until, surroundings, tables, fullness, tuple(written), made)


def _touched(make: Callable[[], T]) -> tuple[Table, ...]:
    """The tables `make` asks or writes, in that order; it leaves nothing."""
    with transaction.atomic():
        _made, names = _watched(make)
        transaction.set_rollback(True)
    models = {model._meta.db_table: model for model in apps.get_models(include_auto_created=True)}
    if strange := names.keys() - models.keys():
        raise CannotRecord(f"No model knows {sorted(strange)}")
    return tuple(
        Table(
            name,
            models[name]._meta.pk.column,
            tuple(
                field.column
                for field in models[name]._meta.local_concrete_fields
                if not field.generated
            ),
        )
        for name in names
    )


def _watched(make: Callable[[], T]) -> tuple[T, dict[str, None]]:
    names: dict[str, None] = {}

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        names.update(dict.fromkeys(TABLE.findall(sql)))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        return make(), names


def _surroundings() -> tuple[Any, ...]:
    return (
        clock.today(),
        translation.get_language(),
        ring(),
        str(settings.DATA),
        tuple(settings.PASSWORD_HASHERS),
    )


def _fullness(tables: tuple[Table, ...]) -> Rows:
    return _asked(" UNION ALL ".join(table.fullness for table in tables))


def _asked(sql: str) -> Rows:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return [tuple(row) for row in cursor.fetchall()]
