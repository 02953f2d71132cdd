"""The archive: a ZIP with a sealed manifest, the database, and the stored files under their digests."""

import errno
import hashlib
import json
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

from zhike.core.backup.problems import BackupProblem, Why
from zhike.core.backup.tables import TableDigest

FORMAT = 1
MANIFEST, SEAL = "manifest.json", "manifest.seal"
DATABASES = {"sqlite": "database.sqlite3", "postgresql": "database.dump"}
FILE = re.compile(r"^files/([0-9a-f]{2})/(\1[0-9a-f]{62})$")
CHUNK = 1 << 20


@dataclass(frozen=True)
class Manifest:
    """What the archive holds, at one moment of one version."""

    version: str
    made_at: str
    vendor: str
    server: str
    migrations: list[list[str]]
    tables: dict[str, TableDigest]
    database_bytes: int
    database_digest: str
    files: int
    files_bytes: int
    files_digest: str
    # Noted in the database, but not (or no longer as they were) in the folder when the backup was made.
    files_missing: list[str]
    key_marks: dict[str, str]
    # Whose keys had been destroyed by then: erased later means erased in no backup before.
    destroyed_keys: list[list[Any]]
    audit_rows: int
    audit_head: str
    format: int = FORMAT

    def written(self) -> bytes:
        return json.dumps(asdict(self), ensure_ascii=False, indent=1, sort_keys=True).encode()


def digest_of_list(names: list[str]) -> str:
    return hashlib.sha256("\n".join(sorted(names)).encode()).hexdigest()


def copied(source: IO[bytes], *targets: IO[bytes]) -> tuple[int, str]:
    """All of `source` into `targets`; its length and digest."""
    digest, size = hashlib.sha256(), 0
    while block := source.read(CHUNK):
        digest.update(block)
        size += len(block)
        for target in targets:
            target.write(block)
    return size, digest.hexdigest()


def add(archive: zipfile.ZipFile, path: Path, name: str, method: int) -> tuple[int, str]:
    info = zipfile.ZipInfo(name)
    info.compress_type = method
    # Readable by its owner alone, unpacked by whatever tool.
    info.external_attr = 0o600 << 16
    with path.open("rb") as source, archive.open(info, "w", force_zip64=True) as target:
        return copied(source, target)


@contextmanager
def opened(path: Path) -> Iterator[zipfile.ZipFile]:
    """The archive to read; whatever is wrong with its bytes is one problem."""
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except FileNotFoundError as error:
        raise BackupProblem(Why.FILE_UNREADABLE, path) from error
    except OSError as error:
        # A damaged table of contents leads to a place before the file begins.
        if error.errno != errno.EINVAL:
            raise
        raise BackupProblem(Why.DAMAGED, path) from error
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        NotImplementedError,
        RuntimeError,
        UnicodeDecodeError,
    ) as error:
        # RuntimeError: a damaged flag says the member is encrypted.
        raise BackupProblem(Why.DAMAGED, path) from error


def manifest_of(archive: zipfile.ZipFile, path: Path) -> tuple[Manifest, bytes, str]:
    """The manifest, its bytes and its seal; not believed before the seal was compared."""
    try:
        written = archive.read(MANIFEST)
        seal = archive.read(SEAL).decode("ascii")
    except KeyError as error:
        raise BackupProblem(Why.NOT_A_BACKUP, path) from error
    try:
        told = json.loads(written)
        newer = told["format"] > FORMAT
    except (ValueError, KeyError, TypeError) as error:
        raise BackupProblem(Why.DAMAGED, path) from error
    if newer:
        raise BackupProblem(Why.NEWER, told.get("version", ""))
    try:
        told["tables"] = {name: TableDigest(**one) for name, one in told["tables"].items()}
        return Manifest(**told), written, seal
    except (KeyError, TypeError, AttributeError) as error:
        raise BackupProblem(Why.DAMAGED, path) from error


def check_members(archive: zipfile.ZipFile, manifest: Manifest, path: Path) -> None:
    """Read every byte once and compare; before anything is written anywhere."""
    database = DATABASES[manifest.vendor]
    names = archive.namelist()
    stored = [name for name in names if name not in {MANIFEST, SEAL, database}]
    digests = []
    for name in stored:
        found = FILE.match(name)
        if found is None:
            raise BackupProblem(Why.DAMAGED, path)
        digests.append(found[2])
    if digest_of_list(digests) != manifest.files_digest or names.count(database) != 1:
        raise BackupProblem(Why.DAMAGED, path)
    with archive.open(database) as stream:
        if copied(stream) != (manifest.database_bytes, manifest.database_digest):
            raise BackupProblem(Why.DAMAGED, path)
    for name, digest in zip(stored, digests, strict=True):
        with archive.open(name) as stream:
            if copied(stream)[1] != digest:
                raise BackupProblem(Why.DAMAGED, path)
