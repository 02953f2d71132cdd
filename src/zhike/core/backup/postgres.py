"""PostgreSQL's own tools, which make and read the dump.

`pg_dump` rather than COPY of our own: the dump carries functions, triggers, indexes and sequences as they were, so
a backup of an older version comes back as that version and is then brought up to date like any other. Making the
tables by today's migrations and pouring rows in could not do that, and would have to know each trigger that must
sleep meanwhile. The price is a package, `postgresql-client`, on the machine where backups are made.
"""

import glob
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from zhike.core.backup.problems import BackupProblem, Why

_VARIABLES = {
    "HOST": "PGHOST",
    "PORT": "PGPORT",
    "USER": "PGUSER",
    "PASSWORD": "PGPASSWORD",
    "NAME": "PGDATABASE",
}
_PARAMETERS = {
    "HOST": "host",
    "PORT": "port",
    "USER": "user",
    "PASSWORD": "password",
    "NAME": "dbname",
}


@contextmanager
def connected(settings: Mapping[str, Any]) -> Iterator[psycopg.Connection]:
    """A connection of our own to the database of Django's `settings`; its transaction ends undone."""
    told = {_PARAMETERS[name]: str(settings[name]) for name in _PARAMETERS if settings.get(name)}
    try:
        connection = psycopg.connect("", **told)  # type: ignore[arg-type]  # all are texts
        try:
            yield connection
        finally:
            connection.close()
    except psycopg.Error as error:
        raise BackupProblem(Why.DATABASE_FAILED, _first_line(str(error))) from error


@contextmanager
def snapshot(settings: Mapping[str, Any]) -> Iterator[tuple[psycopg.Connection, str]]:
    """One state of the whole database, while others go on writing, and the name `pg_dump` finds it by."""
    with connected(settings) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        name = connection.execute("SELECT pg_export_snapshot()").fetchone()
        yield connection, str(name[0] if name else "")


def program(name: str, server: int) -> str:
    """The newest of PostgreSQL's tools of this name; Debian keeps several, not all on the path."""
    found = {_major(path): path for path in glob.glob(f"/usr/lib/postgresql/*/bin/{name}")}
    on_path = shutil.which(name)
    if not found and on_path is None:
        raise BackupProblem(Why.TOOLS_MISSING, f"postgresql-client-{server}")
    if not found and on_path is not None:
        found = {_version(on_path): on_path}
    if max(found) < server:
        raise BackupProblem(Why.TOOLS_OLD, f"postgresql-client-{server}")
    return found[max(found)]


def server_version(connection: psycopg.Connection) -> int:
    return connection.info.server_version // 10000


def dump(settings: Mapping[str, Any], tool: str, snapshot_name: str, target: Path) -> None:
    _run(
        settings,
        [tool, "--format=custom", "--no-owner", "--no-privileges", "--compress=6"]
        + [f"--snapshot={snapshot_name}", f"--file={target}"],
    )


def load(settings: Mapping[str, Any], tool: str, source: Path) -> None:
    """In one transaction: all of it or nothing."""
    _run(
        settings,
        [tool, "--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges"]
        + [f"--dbname={settings['NAME']}", str(source)],
    )


def is_empty(connection: psycopg.Connection) -> bool:
    found = connection.execute(
        "SELECT EXISTS (SELECT 1 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
        "WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema')"
    ).fetchone()
    return not (found and found[0])


def empty(connection: psycopg.Connection) -> None:
    """Take back what `load` put into a database that was empty before."""
    tables = connection.execute(
        "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"
    ).fetchall()
    for (name,) in tables:
        connection.execute(sql.SQL("DROP TABLE IF EXISTS {} CASCADE").format(sql.Identifier(name)))
    functions = connection.execute(
        "SELECT oid::regprocedure::text FROM pg_proc "
        "WHERE pronamespace = current_schema()::regnamespace AND proname LIKE 'zhike%'"
    ).fetchall()
    for (signature,) in functions:
        # The server wrote the signature itself, quoted as it must be.
        connection.execute(sql.SQL("DROP FUNCTION {} CASCADE").format(sql.SQL(signature)))
    connection.commit()


def _run(settings: Mapping[str, Any], command: list[str]) -> None:
    told = {_VARIABLES[name]: str(settings[name]) for name in _VARIABLES if settings.get(name)}
    done = subprocess.run(
        command,
        env={**os.environ, **told, "LC_ALL": "C.UTF-8"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace")
        if "No space left" in said:
            raise BackupProblem(Why.NO_SPACE, command[-1])
        raise BackupProblem(Why.DATABASE_FAILED, _first_line(said))


def _major(path: str) -> int:
    return int(re.findall(r"postgresql/(\d+)", path)[0])


def _version(path: str) -> int:
    said = subprocess.run([path, "--version"], capture_output=True, text=True, check=False).stdout
    found = re.search(r"(\d+)(?:\.|\s|$)", said)
    return int(found[1]) if found else 0


def _first_line(said: str) -> str:
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return lines[0] if lines else ""
