"""Making a backup while the program runs and writes.

First the keys, then one state of the database, then the files that state names. In this order nothing can be
missing: a file is written, under the digest of its bytes, before the row that names it, and never changed.
"""

import json
import os
import sqlite3
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from psycopg import Connection

from zhike import __version__
from zhike.core import clock, work
from zhike.core.backup import archive, keyfile, postgres, tables
from zhike.core.backup.problems import BackupProblem, Why, disk_problems
from zhike.core.erasing import notes
from zhike.core.models import PersonKey
from zhike.core.sealing.ring import ring, ring_path

LAST = "last-backup.json"
_LISTS = {
    "migrations": "SELECT app, name FROM django_migrations ORDER BY id",
    "files": "SELECT digest FROM core_storedfile ORDER BY digest",
    "destroyed": "SELECT id, destroyed_at FROM core_personkey "
    "WHERE destroyed_at IS NOT NULL ORDER BY id",
    "chain": "SELECT count(*), (SELECT digest FROM core_auditseal ORDER BY id DESC LIMIT 1) "
    "FROM core_auditseal",
}
_FILES_NOT_REMOVED = "SELECT digest FROM core_storedfile WHERE removed_at IS NULL ORDER BY digest"


def _lists() -> dict[str, str]:
    """Before an update one saves the database of the version before, which removed no files."""
    with connection.cursor() as cursor:
        columns = connection.introspection.get_table_description(cursor, "core_storedfile")
    removes = any(column.name == "removed_at" for column in columns)
    return _LISTS | ({"files": _FILES_NOT_REMOVED} if removes else {})


@dataclass(frozen=True)
class Saved:
    """A backup that was made. `missing` files are named in the database, but were not whole in the folder."""

    path: Path
    keys: Path
    new_keys: bool
    manifest: archive.Manifest

    @property
    def rows(self) -> int:
        return sum(table.rows for table in self.manifest.tables.values())

    @property
    def missing(self) -> list[str]:
        return self.manifest.files_missing


@dataclass(frozen=True)
class _Copy:
    """One state of the database as a file, and what was read from that very state."""

    path: Path
    server: str
    tables: dict[str, tables.TableDigest]
    lists: dict[str, list[tuple[Any, ...]]]


def save(target: Path, keys: Path) -> Saved:
    """Everything into `target`, the keys into `keys`. On any failure neither is left behind."""
    folder = Path(settings.DATA)
    if target.exists():
        raise BackupProblem(Why.FILE_EXISTS, target)
    began = clock.now()
    if not ring_path().exists() and not PersonKey.objects.exists():
        # Nothing was sealed so far: the keys are made as the first seal would make them.
        ring()
    held = keyfile.of_folder(folder)
    was_there = keys.exists()
    new_keys = keyfile.write(held, keys)
    with disk_problems(keys.parent):
        # What a restore of any backup made so far must do again.
        notes.add_all(notes.beside(keys), notes.read(notes.path_in(folder)))
    try:
        with disk_problems(target.parent), _workplace(target) as place, _copied(place) as copy:
            manifest = _write(place / "archive", copy, folder, held, began)
            os.rename(place / "archive", target)
    except BaseException:
        if new_keys and not was_there:
            keys.unlink(missing_ok=True)
            notes.beside(keys).unlink(missing_ok=True)
        raise
    saved = Saved(target, keys, new_keys, manifest)
    _note(saved, folder, began)
    return saved


def last_backup(folder: Path) -> datetime | None:
    """When the last backup on this machine was begun."""
    try:
        return datetime.fromisoformat(json.loads((folder / LAST).read_text("utf-8"))["made_at"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


@contextmanager
def _workplace(target: Path) -> Iterator[Path]:
    # Beside the target: there is room for it, and renaming within one file system is all or nothing.
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=f".{target.name}-") as name:
        yield Path(name)


@contextmanager
def _copied(place: Path) -> Iterator[_Copy]:
    if connection.vendor == "sqlite":
        path = place / "database"
        yield _copy_sqlite(Path(str(connection.settings_dict["NAME"])), path)
        return
    path = place / "database"
    database = connection.settings_dict
    with postgres.snapshot(database) as (reader, name):
        server = postgres.server_version(reader)
        postgres.dump(database, postgres.program("pg_dump", server), name, path)
        yield _Copy(
            path,
            f"PostgreSQL {server}",
            tables.of_postgres(reader),
            {key: _asked(reader, statement) for key, statement in _lists().items()},
        )


def _copy_sqlite(source: Path, path: Path) -> _Copy:
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    with (
        closing(sqlite3.connect(source, timeout=20)) as reader,
        closing(sqlite3.connect(path)) as copy,
    ):
        # In one step, hence from one state; under WAL nobody who writes waits for it. Pages are copied as they
        # are, the search index included, which VACUUM INTO would build anew.
        reader.backup(copy, pages=-1)
        # One file from here on: the original's mode would put a second one beside it.
        copy.execute("PRAGMA journal_mode=DELETE")
        lists = {key: copy.execute(statement).fetchall() for key, statement in _lists().items()}
    return _Copy(path, f"SQLite {sqlite3.sqlite_version}", tables.of_sqlite(path), lists)


def _asked(reader: "Connection[tuple[Any, ...]]", statement: str) -> list[tuple[Any, ...]]:
    return reader.execute(statement.encode()).fetchall()


def _write(
    path: Path, copy: _Copy, folder: Path, held: keyfile.Keys, began: datetime
) -> archive.Manifest:
    vendor = connection.vendor
    # The dump is compressed already, and so are most files people attach.
    method = zipfile.ZIP_DEFLATED if vendor == "sqlite" else zipfile.ZIP_STORED
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w+b") as stream:
        with zipfile.ZipFile(stream, "w", compresslevel=1) as target:
            size, digest = archive.add(target, copy.path, archive.DATABASES[vendor], method)
            stored, total, missing = _add_files(
                target, folder, [str(row[0]) for row in copy.lists["files"]]
            )
            manifest = archive.Manifest(
                version=__version__,
                made_at=began.astimezone(UTC).isoformat(),
                vendor=vendor,
                server=copy.server,
                migrations=[list(row) for row in copy.lists["migrations"]],
                tables=copy.tables,
                database_bytes=size,
                database_digest=digest,
                files=len(stored),
                files_bytes=total,
                files_digest=archive.digest_of_list(stored),
                files_missing=missing,
                key_marks=keyfile.marks(held.opened),
                destroyed_keys=[[row[0], str(row[1])] for row in copy.lists["destroyed"]],
                audit_rows=int(copy.lists["chain"][0][0]),
                audit_head=str(copy.lists["chain"][0][1] or ""),
            )
            written = manifest.written()
            target.writestr(archive.MANIFEST, written)
            target.writestr(archive.SEAL, keyfile.seal_of(held.opened, written))
        stream.flush()
        os.fsync(stream.fileno())
    return manifest


def _add_files(
    target: zipfile.ZipFile, folder: Path, digests: list[str]
) -> tuple[list[str], int, list[str]]:
    """Those that are whole go in; a rotten one must not keep all the rest from being saved."""
    stored, total, missing = [], 0, []
    for digest in digests:
        path = folder / "files" / digest[:2] / digest
        if not _is_whole(path, digest):
            missing.append(digest)
            continue
        size, _digest = archive.add(
            target, path, f"files/{digest[:2]}/{digest}", zipfile.ZIP_STORED
        )
        stored.append(digest)
        total += size
    return stored, total, missing


def _is_whole(path: Path, digest: str) -> bool:
    try:
        with path.open("rb") as stream:
            return archive.copied(stream)[1] == digest
    except FileNotFoundError:
        return False


def _note(saved: Saved, folder: Path, began: datetime) -> None:
    """That somebody took a copy of everything belongs into the log; when, where `zhike doctor` looks."""
    with work.unit(work.Actor.system("backup")) as unit:
        unit.audit(
            "core.backup.make",
            None,
            after={"rows": saved.rows, "files": saved.manifest.files, "name": saved.path.name},
        )
    with disk_problems(folder):
        noted = folder / f".{LAST}"
        noted.write_text(json.dumps({"made_at": began.astimezone(UTC).isoformat()}), "utf-8")
        os.replace(noted, folder / LAST)
