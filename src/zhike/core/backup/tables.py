"""How many rows each table has, and a digest over them, whatever order they are read in.

Order does not count because text sorts otherwise on another server. A row's digest is added to the others', so two
equal rows do not cancel out, as they would under exclusive or.
"""

import hashlib
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

_MODULUS = 1 << 256
# What SQLite keeps behind a table of full-text search; all of it follows from the table searched.
_SHADOWS = ("_data", "_idx", "_content", "_docsize", "_config")


@dataclass(frozen=True)
class TableDigest:
    rows: int
    digest: str


def _summed(rows: Iterable[bytes]) -> TableDigest:
    total, count = 0, 0
    for row in rows:
        total += int.from_bytes(hashlib.sha256(row).digest(), "big")
        count += 1
    return TableDigest(count, f"{total % _MODULUS:064x}")


def of_sqlite(path: Path) -> dict[str, TableDigest]:
    connection = sqlite3.connect(path)
    try:
        return {
            name: _summed(
                repr(row).encode("utf-8", "surrogatepass")
                for row in connection.execute(f'SELECT * FROM "{name}"')
            )
            for name in _sqlite_tables(connection)
        }
    finally:
        connection.close()


def _sqlite_tables(connection: sqlite3.Connection) -> list[str]:
    made = connection.execute(
        "SELECT name, sql FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' "
        "ESCAPE '\\' ORDER BY name"
    ).fetchall()
    searched = [name for name, text in made if text.upper().startswith("CREATE VIRTUAL")]
    derived = {*searched, *(name + shadow for name in searched for shadow in _SHADOWS)}
    return [name for name, _text in made if name not in derived]


def of_postgres(connection: psycopg.Connection) -> dict[str, TableDigest]:
    """In the connection's own transaction, so in its snapshot."""
    # Values are written out as text: whatever steers that must be the same on both sides.
    for setting, value in (
        ("TimeZone", "UTC"),
        ("DateStyle", "ISO, YMD"),
        ("IntervalStyle", "postgres"),
        ("extra_float_digits", "1"),
        ("bytea_output", "hex"),
        ("client_encoding", "UTF8"),
    ):
        connection.execute("SELECT set_config(%s, %s, false)", [setting, value])
    names = connection.execute(
        "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY tablename"
    ).fetchall()
    return {name: _summed(_rows_of(connection, name)) for (name,) in names}


def _rows_of(connection: psycopg.Connection, table: str) -> Iterator[bytes]:
    statement = sql.SQL("COPY (SELECT * FROM {}) TO STDOUT").format(sql.Identifier(table))
    rest = b""
    with connection.cursor().copy(statement) as copy:
        for block in copy:
            # A line break within a value is written as \n, so each break ends a row; blocks end anywhere.
            *rows, rest = (rest + bytes(block)).split(b"\n")
            yield from rows
