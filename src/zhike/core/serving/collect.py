"""Collect page assets into the data folder when they changed, and only then: a second start is quick."""

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command

from zhike import __version__

STAMP = ".collected"


def collect_assets() -> bool:
    """True if anything had to be done. Of several processes that start at once, one does it."""
    folder = Path(settings.STATIC_ROOT)
    folder.mkdir(parents=True, exist_ok=True)
    with _alone(folder):
        stamp = folder / STAMP
        present = _fingerprint()
        if stamp.is_file() and stamp.read_text() == present:
            return False
        # A crash half-way leaves no stamp, so the next start begins anew.
        stamp.unlink(missing_ok=True)
        call_command("collectstatic", interactive=False, clear=True, verbosity=0)
        stamp.write_text(present)
        return True


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    # The folder itself is locked: a lock file in it would be cleared away with the old assets.
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _fingerprint() -> str:
    digest = hashlib.sha256(__version__.encode())
    for line in sorted(_sources()):
        digest.update(line.encode())
    return digest.hexdigest()


def _sources() -> Iterator[str]:
    for finder in get_finders():
        for path, storage in finder.list(ignore_patterns=()):
            facts = os.stat(storage.path(path))
            yield f"{path} {facts.st_size} {facts.st_mtime_ns}\n"
