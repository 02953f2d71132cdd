"""The keys of an installation in a file of their own: who holds only the archive opens no sealed value."""

import hmac
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from zhike.core.backup.problems import BackupProblem, Why, disk_problems
from zhike.core.masterring import Ring, parse

_FORMAT = 1
_MARK = b"zhike-backup"


@dataclass(frozen=True)
class Keys:
    """What the folder `keys` holds, as text."""

    ring: str
    session_secret: str

    @property
    def opened(self) -> Ring:
        return parse(self.ring)


def of_folder(folder: Path) -> Keys:
    keys = folder / "keys"
    try:
        ring = (keys / "ring.json").read_text("utf-8")
        return Keys(ring, (keys / "session_secret").read_text("utf-8"))
    except OSError as error:
        raise BackupProblem(Why.KEYS_UNREADABLE, keys) from error


def into_folder(keys: Keys, folder: Path) -> None:
    (folder / "keys").mkdir(mode=0o700)
    for name, text in (("ring.json", keys.ring), ("session_secret", keys.session_secret)):
        _write(folder / "keys" / name, text)


def write(keys: Keys, path: Path) -> bool:
    """Keep them at `path`; False when the same ones lie there already, as when each night names one file.

    After a turn of the ring the file gets the new wrapping key beside the old ones, so that it goes on opening
    the backups made before.
    """
    ring = json.loads(keys.ring)
    if path.exists():
        held = read(path)
        if _holds(held.opened, keys.opened):
            return False
        if not _same_house(held.opened, keys.opened):
            raise BackupProblem(Why.KEYS_DIFFER, path)
        ring["wrapping"] = json.loads(held.ring)["wrapping"] | ring["wrapping"]
    told = {"zhike_keys": _FORMAT, "ring": ring, "session_secret": keys.session_secret}
    fresh = path.with_name(f".{path.name}-new")
    with disk_problems(path):
        try:
            fresh.unlink(missing_ok=True)
            _write(fresh, json.dumps(told, indent=1) + "\n")
            os.replace(fresh, path)
        except BaseException:
            fresh.unlink(missing_ok=True)
            raise
    return True


def _holds(held: Ring, ring: Ring) -> bool:
    return fits(held, marks(ring)) and held.current == ring.current


def _same_house(held: Ring, ring: Ring) -> bool:
    """The index key never turns; a wrapping key of one name is one key."""
    shared = held.wrapping.keys() & ring.wrapping.keys()
    return held.index == ring.index and all(held.wrapping[n] == ring.wrapping[n] for n in shared)


def read(path: Path) -> Keys:
    try:
        told = json.loads(path.read_text("utf-8"))
        keys = Keys(json.dumps(told["ring"], indent=1), str(told["session_secret"]))
        opened = keys.opened
    except FileNotFoundError as error:
        raise BackupProblem(Why.KEYS_MISSING, path) from error
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise BackupProblem(Why.KEYS_UNREADABLE, path) from error
    if opened.current not in opened.wrapping:
        raise BackupProblem(Why.KEYS_UNREADABLE, path)
    return keys


def marks(ring: Ring) -> dict[str, str]:
    """What tells later whether keys are the right ones, and tells nothing about them."""
    found = {f"wrapping {name}": _mark(key) for name, key in ring.wrapping.items()}
    return {**found, "index": _mark(ring.index)}


def fits(ring: Ring, wanted: Mapping[str, str]) -> bool:
    """Every key the backup needs is there. A ring that has got further keys since still fits."""
    present = marks(ring)
    return "index" in wanted and all(present.get(name) == mark for name, mark in wanted.items())


def seal_of(ring: Ring, manifest: bytes) -> str:
    """Who does not hold the keys cannot write another manifest that passes."""
    key = hmac.digest(ring.index, b"backup-manifest", "sha256")
    return hmac.digest(key, manifest, "sha256").hex()


def _mark(key: bytes) -> str:
    return hmac.digest(key, _MARK, "sha256").hex()[:32]


def _write(path: Path, text: str) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
