"""Who uses a data folder: one server at a time; many writers, but none during a restore.

The locks are flock()s: they vanish with their process, so a kill leaves no stale file to clean up.
"""

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

SERVE_FILE = "serve.lock"
USE_FILE = "use.lock"


@dataclass(frozen=True)
class Holder:
    pid: int
    address: str


class AlreadyServed(Exception):
    """Another server has this data folder."""

    def __init__(self, holder: Holder) -> None:
        super().__init__()
        self.holder = holder


class FolderInUse(Exception):
    """The folder cannot be taken: others use it, or a restore is running."""


@contextmanager
def serving(folder: Path, address: str) -> Iterator[None]:
    """Hold the folder as its one server."""
    handle = os.open(folder / SERVE_FILE, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if not _take(handle):
            raise AlreadyServed(_holder(handle))
        os.ftruncate(handle, 0)
        os.pwrite(handle, json.dumps({"pid": os.getpid(), "address": address}).encode(), 0)
        with using(folder):
            yield
    finally:
        os.close(handle)


def server_of(folder: Path) -> Holder | None:
    """The server that runs on this folder now, if any."""
    try:
        handle = os.open(folder / SERVE_FILE, os.O_RDONLY)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _holder(handle)
    finally:
        os.close(handle)
    return None


@contextmanager
def using(folder: Path, *, alone: bool = False) -> Iterator[None]:
    """Share the folder with other writers, or (a restore) have it `alone`."""
    handle = os.open(folder / USE_FILE, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(handle, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
        except BlockingIOError:
            raise FolderInUse from None
        yield
    finally:
        os.close(handle)


def _take(handle: int) -> bool:
    # More than one try: somebody who merely asks (`server_of`) holds the lock for a moment.
    for _ in range(4):
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(0.05)
        else:
            return True
    return False


def _holder(handle: int) -> Holder:
    try:
        told = json.loads(os.pread(handle, 4096, 0))
        return Holder(int(told["pid"]), str(told["address"]))
    except (ValueError, KeyError):
        # Between taking the lock and writing its name.
        return Holder(0, "")
