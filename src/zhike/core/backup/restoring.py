"""Bringing a backup back, into an empty place only.

Everything is checked before anything is written: the keys, the manifest's seal, every byte. Then it is put
together in a folder of its own within the data folder, and moved to its place at the very end, the database last.
This module needs no settings, for the place it writes to has none yet.
"""

import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from zhike.core.backup import archive, keyfile, postgres, tables
from zhike.core.backup.archive import Manifest
from zhike.core.backup.problems import BackupProblem, Why, disk_problems
from zhike.core.erasing import notes
from zhike.core.serving import folderlock, lifeline

STAGE = ".restoring"
DATABASE = "zhike.sqlite3"
# Answers of `staged.py`.
NEWER_THAN_PROGRAM = 3


@dataclass(frozen=True)
class Restored:
    folder: Path
    manifest: Manifest
    # Lists of erasures that were found, how many stood in them, and how many of those were done again.
    lists: list[Path]
    noted: int
    erased: int

    @property
    def rows(self) -> int:
        return sum(table.rows for table in self.manifest.tables.values())


def restore(
    source: Path,
    keys_path: Path,
    folder: Path,
    database: Mapping[str, Any],
    environment: Mapping[str, str],
    checked: Callable[[], None] = lambda: None,
    erasures: Sequence[Path] = (),
) -> Restored:
    """`database` are Django's settings of the one to fill; `checked` is called when only writing is left.

    `erasures` are lists of erasures beside the one that lies by the keys.
    """
    lists, noted = _noted(keys_path, erasures)
    with archive.opened(source) as opened:
        manifest, written, seal = archive.manifest_of(opened, source)
        keys = keyfile.read(keys_path)
        if not keyfile.fits(keys.opened, manifest.key_marks):
            raise BackupProblem(Why.WRONG_KEYS, keys_path)
        if keyfile.seal_of(keys.opened, written) != seal:
            raise BackupProblem(Why.DAMAGED, source)
        if manifest.vendor != vendor_of(database):
            raise BackupProblem(Why.OTHER_DATABASE, manifest.vendor)
        _require_empty(folder, database)
        archive.check_members(opened, manifest, source)
        with disk_problems(folder), _taken(folder), _staged(folder) as stage:
            _require_room(folder, manifest)
            checked()
            keyfile.into_folder(keys, stage)
            notes.add_all(notes.path_in(stage), noted)
            _ask_program("check", stage, environment, written)
            _unpack(opened, manifest, stage)
            with _filled(stage, manifest, database):
                erased = _ask_program("finish", stage, environment, written)
                _move(stage, folder)
    return Restored(folder, manifest, lists, len(noted), int(erased or 0))


def _noted(keys: Path, named: Sequence[Path]) -> tuple[list[Path], list[notes.Note]]:
    """Every erasure anybody noted; a list that was named must be there."""
    for path in named:
        if not path.is_file():
            raise BackupProblem(Why.FILE_UNREADABLE, path)
    lists = [path for path in (notes.beside(keys), *named) if path.is_file()]
    with disk_problems(keys.parent):
        return lists, notes.merged([notes.read(path) for path in lists])


def vendor_of(database: Mapping[str, Any]) -> str:
    return str(database["ENGINE"]).rsplit(".", 1)[-1].replace("sqlite3", "sqlite")


def _require_empty(folder: Path, database: Mapping[str, Any]) -> None:
    if folder.exists():
        with disk_problems(folder):
            left = [
                one for one in folder.iterdir() if one.name != STAGE and not folderlock.is_lock(one)
            ]
        if left:
            raise BackupProblem(Why.FOLDER_NOT_EMPTY, folder)
    if vendor_of(database) == "postgresql":
        with postgres.connected(database) as connection:
            if not postgres.is_empty(connection):
                raise BackupProblem(Why.DATABASE_NOT_EMPTY, database["NAME"])
            postgres.program("pg_restore", postgres.server_version(connection))


def _require_room(folder: Path, manifest: Manifest) -> None:
    if shutil.disk_usage(folder).free < manifest.database_bytes + manifest.files_bytes:
        raise BackupProblem(Why.NO_SPACE, folder)


@contextmanager
def _taken(folder: Path) -> Iterator[None]:
    """The folder, made if need be, for us alone; a folder we made does not outlive a failure."""
    made = not folder.exists()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        with folderlock.using(folder, alone=True):
            yield
    except folderlock.FolderInUse:
        raise BackupProblem(Why.FOLDER_IN_USE, folder) from None
    except BaseException:
        (folder / folderlock.USE_FILE).unlink(missing_ok=True)
        if made:
            folder.rmdir()
        raise


@contextmanager
def _staged(folder: Path) -> Iterator[Path]:
    stage = folder / STAGE
    # Left by a restore that was killed: the lock is ours, so nobody works there any more.
    shutil.rmtree(stage, ignore_errors=True)
    stage.mkdir(mode=0o700)
    try:
        yield stage
    finally:
        shutil.rmtree(stage, ignore_errors=True)


def _unpack(opened: zipfile.ZipFile, manifest: Manifest, stage: Path) -> None:
    name = archive.DATABASES[manifest.vendor]
    place = stage / (DATABASE if manifest.vendor == "sqlite" else name)
    _extract(opened, name, place, manifest.database_digest)
    for member in opened.namelist():
        found = archive.FILE.match(member)
        if found:
            target = stage / "files" / found[1] / found[2]
            target.parent.mkdir(parents=True, exist_ok=True)
            _extract(opened, member, target, found[2])


def _extract(opened: zipfile.ZipFile, member: str, target: Path, digest: str) -> None:
    handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with opened.open(member) as source, os.fdopen(handle, "wb") as stream:
        if archive.copied(source, stream)[1] != digest:
            raise BackupProblem(Why.DAMAGED, member)


@contextmanager
def _filled(stage: Path, manifest: Manifest, database: Mapping[str, Any]) -> Iterator[None]:
    """The database as it was saved, every table compared; PostgreSQL is emptied again if what follows fails."""
    if manifest.vendor == "sqlite":
        if tables.of_sqlite(stage / DATABASE) != manifest.tables:
            raise BackupProblem(Why.DAMAGED, DATABASE)
        yield
        return
    with postgres.connected(database) as connection:
        tool = postgres.program("pg_restore", postgres.server_version(connection))
    dump = stage / archive.DATABASES[manifest.vendor]
    try:
        postgres.load(database, tool, dump)
        dump.unlink()
        with postgres.connected(database) as connection:
            if tables.of_postgres(connection) != manifest.tables:
                raise BackupProblem(Why.DAMAGED, database["NAME"])
        yield
    except BaseException:
        with postgres.connected(database) as connection:
            postgres.empty(connection)
        raise


def _ask_program(question: str, stage: Path, environment: Mapping[str, str], written: bytes) -> str:
    """Let the program itself look, in a process whose data folder is the stage; what it answers."""
    done = subprocess.run(
        [sys.executable, "-P", "-m", "zhike.core.backup.staged", question],
        env={**environment, **lifeline.environment_for_child(), "ZHIKE_DATA": str(stage)},
        input=written,
        capture_output=True,
        check=False,
    )
    if done.returncode == NEWER_THAN_PROGRAM:
        raise BackupProblem(Why.NEWER, done.stdout.decode().strip())
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise BackupProblem(Why.DATABASE_FAILED, said[-1] if said else "")
    return done.stdout.decode().strip()


def _move(stage: Path, folder: Path) -> None:
    # On the disk before it counts as there; the database last, for it makes the folder an installation.
    os.sync()
    for name in sorted(os.listdir(stage), key=lambda name: (name.startswith(DATABASE), name)):
        os.rename(stage / name, folder / name)
