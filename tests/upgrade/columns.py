"""The content of a database, column by column, whatever the version that made it: read by plain SQL."""

import hashlib
from collections.abc import Mapping
from typing import Any

from django.db import connection

# Kept by the machinery itself, or made anew whenever something looks.
LEFT_OUT = ("django_migrations", "django_content_type", "auth_permission", "sqlite_sequence")


def tables() -> list[str]:
    names = connection.introspection.table_names()
    return sorted(name for name in names if name not in LEFT_OUT and "_fts" not in name)


def digests(first: Mapping[str, int] | None = None) -> dict[str, dict[str, Any]]:
    """By table: `rows`, and by column a digest of its values in the order of the key.

    `first` limits the digest, not the count, to so many rows of a table: those an earlier version left.
    """
    return {table: _of_table(table, (first or {}).get(table)) for table in tables()}


def _of_table(table: str, first: int | None) -> dict[str, Any]:
    with connection.cursor() as cursor:
        described = connection.introspection.get_table_description(cursor, table)
        key = connection.introspection.get_primary_key_column(cursor, table)
        names = [column.name for column in described]
        quoted = ", ".join(connection.ops.quote_name(name) for name in names)
        order = connection.ops.quote_name(key) if key else "1"
        cursor.execute(f"SELECT {quoted} FROM {connection.ops.quote_name(table)} ORDER BY {order}")
        rows = cursor.fetchall()
    columns = {name: _digest(rows[:first], at) for at, name in enumerate(names)}
    return {"rows": len(rows), "columns": columns}


def _digest(rows: list[Any], at: int) -> str:
    return hashlib.sha256(repr([_plain(row[at]) for row in rows]).encode()).hexdigest()[:16]


def _plain(value: Any) -> str:
    return str(bytes(value)) if isinstance(value, memoryview) else str(value)
