"""The content of a database, column by column, whatever the version that made it: read by plain SQL."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connection

# Kept by the machinery itself, or made anew whenever something looks.
LEFT_OUT = ("django_migrations", "django_content_type", "auth_permission", "sqlite_sequence")


def tables() -> list[str]:
    names = connection.introspection.table_names()
    return sorted(name for name in names if name not in LEFT_OUT and "_fts" not in name)


@dataclass(frozen=True)
class Layout:
    """What a table is read by; it stays while no migration runs."""

    name: str
    columns: tuple[str, ...]
    key: str | None

    def rows(self) -> list[tuple[Any, ...]]:
        quoted = ", ".join(map(connection.ops.quote_name, self.columns))
        order = connection.ops.quote_name(self.key) if self.key else "1"
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT {quoted} FROM {connection.ops.quote_name(self.name)} ORDER BY {order}"
            )
            return cursor.fetchall()


def layouts() -> list[Layout]:
    return [_layout(table) for table in tables()]


def _layout(table: str) -> Layout:
    with connection.cursor() as cursor:
        described = connection.introspection.get_table_description(cursor, table)
        key = connection.introspection.get_primary_key_column(cursor, table)
    return Layout(table, tuple(column.name for column in described), key)


def digests(first: Mapping[str, int] | None = None) -> dict[str, dict[str, Any]]:
    """By table: `rows`, and by column a digest of its values in the order of the key.

    `first` limits the digest, not the count, to so many rows of a table: those an earlier version left.
    """
    return {table: _of_table(table, (first or {}).get(table)) for table in tables()}


def _of_table(table: str, first: int | None) -> dict[str, Any]:
    layout = _layout(table)
    rows = layout.rows()
    columns = {name: _digest(rows[:first], at) for at, name in enumerate(layout.columns)}
    return {"rows": len(rows), "columns": columns}


def _digest(rows: list[Any], at: int) -> str:
    return hashlib.sha256(repr([_plain(row[at]) for row in rows]).encode()).hexdigest()[:16]


def _plain(value: Any) -> str:
    return str(bytes(value)) if isinstance(value, memoryview) else str(value)
