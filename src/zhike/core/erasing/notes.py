"""The list of erasures beside the keys: `keys/erasures.jsonl`, a line each, never changed.

A backup made before an erasure still holds the person, and its database cannot know. So each erasure is noted
here with ids and digests alone; `zhike backup` carries the list to where the keys are kept, and `zhike restore`
does again what stands in it. A line names its files by a keyed digest too, so that a number given out anew in a
restored database is never taken for the person who had it before.
"""

import fcntl
import hmac
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

FILE = "erasures.jsonl"


@dataclass(frozen=True)
class NotedFile:
    """One file: its id, that of its key, and the digest by which it is known again."""

    id: int
    key: int
    mark: str


@dataclass(frozen=True)
class Note:
    """One erasure. `token` is that of its record, so that nothing is done twice."""

    token: str
    at: str
    files: tuple[NotedFile, ...] = field(default_factory=tuple)

    def line(self) -> str:
        return json.dumps(asdict(self), sort_keys=True) + "\n"


def mark_of(index_key: bytes, file_id: int, key_id: int, made_at: datetime) -> str:
    """Of a file as it was made; tells nothing to who does not hold the keys."""
    key = hmac.digest(index_key, b"erasure-mark", "sha256")
    told = f"{file_id}|{key_id}|{made_at.timestamp():.6f}".encode()
    return hmac.digest(key, told, "sha256").hex()[:32]


def path_in(folder: Path) -> Path:
    return folder / "keys" / FILE


def beside(keys: Path) -> Path:
    """Where a backup puts it: by the file of the keys, which outlives every archive."""
    return keys.with_name(keys.name + ".erasures")


def read(path: Path) -> list[Note]:
    """Every whole line. A last one that a power cut tore is not counted: its erasure notes itself again."""
    try:
        lines = path.read_text("utf-8").splitlines()
    except FileNotFoundError:
        return []
    return list(_notes(lines))


def _parsed(line: str) -> Note | None:
    try:
        told = json.loads(line)
        files = tuple(
            NotedFile(int(one["id"]), int(one["key"]), str(one["mark"])) for one in told["files"]
        )
        return Note(str(told["token"]), str(told["at"]), files)
    except (ValueError, KeyError, TypeError):
        return None


def add(path: Path, note: Note) -> bool:
    """Write a line, on the disk before this returns; False when it stands there already."""
    with _held(path) as stream:
        known = stream.read()
        if any(one.token == note.token for one in _notes(known.splitlines())):
            return False
        # After a torn line a new one begins on its own.
        before = "" if not known or known.endswith("\n") else "\n"
        stream.write(before + note.line())
        stream.flush()
        os.fsync(stream.fileno())
    return True


def add_all(path: Path, notes: Iterable[Note]) -> int:
    """Those that are not there yet; how many. The file is made even when there are none."""
    with _held(path):
        pass
    return sum(add(path, note) for note in notes)


def merged(lists: Sequence[Iterable[Note]]) -> list[Note]:
    """Several lists as one, each erasure once, in the order they were made."""
    found: dict[str, Note] = {}
    for notes in lists:
        for note in notes:
            found.setdefault(note.token, note)
    return sorted(found.values(), key=lambda note: (note.at, note.token))


def _notes(lines: Iterable[str]) -> Iterator[Note]:
    return (note for note in map(_parsed, lines) if note is not None)


@contextmanager
def _held(path: Path) -> Iterator[Any]:
    """The file, opened to append and read, with nobody else writing."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(handle, "r+", encoding="utf-8") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        stream.seek(0)
        yield stream
