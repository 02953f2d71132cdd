"""How the PostgreSQL server is set up, as far as this program depends on it."""

from collections.abc import Iterator
from pathlib import Path

from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from zhike.core.checkup.codes import Finding, Said
from zhike.core.checkup.processes import living_workers
from zhike.core.serving import folderlock

# Threads that may hold a connection: pages, streamed answers, live updates and who may hear them.
OF_A_WEB_PROCESS = 9
OF_A_WORKER = 6
# For backups, commands, and who looks after the database.
SPARE = 10
MEGABYTE = 1024 * 1024
# A database that fits into the buffers several times over needs no more of them.
LARGE_DATABASE = 1024 * MEGABYTE
LEAST_BUFFERS = 256 * MEGABYTE
SAFE = ("fsync", "full_page_writes", "synchronous_commit")


def settings_of_server(folder: Path) -> Iterator[Finding]:
    if connection.vendor != "postgresql":
        return
    found = list(_wrong(folder))
    yield from found or [Finding(Said.SERVER_OK)]


def _wrong(folder: Path) -> Iterator[Finding]:
    if (encoding := _setting("server_encoding")) != "UTF8":
        yield Finding(Said.SERVER_ENCODING, {"encoding": encoding})
    collation = _value("SELECT datcollate FROM pg_database WHERE datname = current_database()")
    if collation not in {"C", "C.UTF-8", "C.utf8", "POSIX"}:
        yield Finding(Said.SERVER_LOCALE, {"locale": collation})
    if _setting("autovacuum") != "on":
        yield Finding(Said.SERVER_AUTOVACUUM)
    unsafe = [name for name in SAFE if _setting(name) == "off"]
    if unsafe:
        yield Finding(Said.SERVER_UNSAFE, {"names": ", ".join(unsafe)})
    most, needed = int(str(_setting("max_connections"))), connections_needed(folder)
    if most < needed:
        yield Finding(Said.SERVER_CONNECTIONS, {"most": most, "needed": needed})
    size = int(str(_value("SELECT pg_database_size(current_database())")))
    buffers = int(
        str(_value("SELECT setting::bigint * 8192 FROM pg_settings WHERE name = 'shared_buffers'"))
    )
    if size > LARGE_DATABASE and buffers < LEAST_BUFFERS:
        values = {"size": size // MEGABYTE, "buffers": buffers // MEGABYTE}
        yield Finding(Said.SERVER_BUFFERS, values)


def connections_needed(folder: Path) -> int:
    """By the web processes of this machine and the workers of all."""
    web = sum(server.processes for server in folderlock.servers_of(folder))
    return OF_A_WEB_PROCESS * web + OF_A_WORKER * len(living_workers()) + SPARE


def steps_unknown(executor: MigrationExecutor) -> list[str]:
    """Changes a newer program has made to the database, of which this one knows nothing."""
    known, ours = executor.loader.disk_migrations, executor.loader.migrated_apps
    applied = executor.loader.applied_migrations
    return sorted(
        f"{app}.{name}" for app, name in applied if app in ours and (app, name) not in known
    )


def _setting(name: str) -> object:
    return _value("SELECT current_setting(%s)", name)


def _value(statement: str, *values: str) -> object:
    with connection.cursor() as cursor:
        cursor.execute(statement, values or None)
        row = cursor.fetchone()
    return row[0] if row else None
