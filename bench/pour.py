"""Rows into a database the short way: by COPY, with indexes made afterwards (SQLite: many-row inserts)."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable
from typing import Any

from django.db import connection, models, transaction


def insert(model: type[models.Model], rows: Iterable[models.Model]) -> int:
    """All rows at once, in the order given; returns how many."""
    fields = [f for f in model._meta.concrete_fields if not getattr(f, "generated", False)]
    columns = ", ".join(connection.ops.quote_name(f.column) for f in fields)
    table = connection.ops.quote_name(model._meta.db_table)

    def values(row: models.Model) -> list[Any]:
        return [f.get_db_prep_save(f.pre_save(row, True), connection) for f in fields]

    count = 0
    if connection.vendor == "postgresql":
        with (
            connection.cursor() as cursor,
            cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy,
        ):
            for row in rows:
                copy.write_row([_plain(value) for value in values(row)])
                count += 1
        return count
    marks = ", ".join(["%s"] * len(fields))
    stream = iter(rows)
    with transaction.atomic(), connection.cursor() as cursor:
        while batch := list(itertools.islice(stream, 2000)):
            cursor.executemany(
                f"INSERT INTO {table} ({columns}) VALUES ({marks})", [values(row) for row in batch]
            )
            count += len(batch)
    return count


def _plain(value: Any) -> Any:
    # JSON comes wrapped for psycopg's own adaption, which COPY does not use for texts.
    if type(value).__name__ in {"Json", "Jsonb"}:
        return json.dumps(value.obj, ensure_ascii=False)
    return value


class Indexes:
    """Dropped while rows pour in, made again afterwards: as any bulk load does it."""

    def __init__(self, *tables: str) -> None:
        self.tables = tables
        self.definitions: list[str] = []

    def __enter__(self) -> None:
        if connection.vendor != "postgresql":
            return
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT i.indexname, i.indexdef FROM pg_indexes i "
                "LEFT JOIN pg_constraint c ON c.conname = i.indexname "
                "WHERE i.tablename = ANY(%s) AND c.oid IS NULL",
                [list(self.tables)],
            )
            for name, definition in cursor.fetchall():
                self.definitions.append(definition)
                cursor.execute(f'DROP INDEX "{name}"')

    def __exit__(self, *_: object) -> None:
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                cursor.execute("SET maintenance_work_mem = '1GB'")
            for definition in self.definitions:
                cursor.execute(definition)


def reset_sequences(*written: type[models.Model]) -> None:
    """Rows came with their ids; the next one made by the program follows them."""
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        for model in written:
            table = model._meta.db_table
            cursor.execute(
                f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), "
                f"(SELECT COALESCE(max(id), 1) FROM {table}))"
            )
