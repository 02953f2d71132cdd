"""Who uses a data folder: one server at a time, on PostgreSQL several web processes; many writers, but none
during a restore.

The locks are flock()s: they vanish with their process, so a kill leaves no stale file to clean up.
"""

import fcntl
import json
import os
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

SERVE_FILE = "serve.lock"
SERVE_FILES = "serve*.lock"
USE_FILE = "use.lock"


@dataclass(frozen=True)
class Holder:
    pid: int
    address: str
    processes: int = 1


class AlreadyServed(Exception):
    """Another server has this data folder."""

    def __init__(self, holder: Holder) -> None:
        super().__init__()
        self.holder = holder


class FolderInUse(Exception):
    """The folder cannot be taken: others use it, or a restore is running."""


@contextmanager
def serving(
    folder: Path, address: str, *, port: int = 0, shared: bool = False, processes: int = 1
) -> Iterator[None]:
    """Hold the folder as its one server, or `shared` with others of the kind, each on a port of its own."""
    with ExitStack() as held:
        whole = _opened(folder / SERVE_FILE, held)
        if not _take(whole, fcntl.LOCK_SH if shared else fcntl.LOCK_EX):
            raise AlreadyServed(server_of(folder) or _holder(whole))
        own = whole
        if shared:
            # By machine as well: several may have the folder from one file server.
            own = _opened(folder / f"serve-{socket.gethostname()}-{port}.lock", held)
            if not _take(own, fcntl.LOCK_EX):
                raise AlreadyServed(_holder(own))
        os.ftruncate(own, 0)
        told = {"pid": os.getpid(), "address": address, "processes": processes}
        os.pwrite(own, json.dumps(told).encode(), 0)
        held.enter_context(using(folder))
        yield


def is_lock(path: Path) -> bool:
    """Whether this is one of the files made here, which hold nothing worth keeping."""
    return path.name == USE_FILE or path.match(SERVE_FILES)


def server_of(folder: Path) -> Holder | None:
    """A server that runs on this folder now, if any."""
    return next(servers_of(folder), None)


def servers_of(folder: Path) -> Iterator[Holder]:
    """Every server that runs on this folder now."""
    for path in sorted(folder.glob(SERVE_FILES)):
        with ExitStack() as held:
            handle = os.open(path, os.O_RDONLY)
            held.callback(os.close, handle)
            try:
                fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                yield _holder(handle)


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


def _opened(path: Path, held: ExitStack) -> int:
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    held.callback(os.close, handle)
    return handle


def _take(handle: int, how: int) -> bool:
    # More than one try: somebody who merely asks (`servers_of`) holds the lock for a moment.
    for _ in range(4):
        try:
            fcntl.flock(handle, how | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(0.05)
        else:
            return True
    return False


def _holder(handle: int) -> Holder:
    try:
        told = json.loads(os.pread(handle, 4096, 0))
        return Holder(int(told["pid"]), str(told["address"]), int(told.get("processes", 1)))
    except (ValueError, KeyError):
        # Between taking the lock and writing its name.
        return Holder(0, "")
