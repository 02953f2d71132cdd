"""A database brought up to date once per run, and copied by whoever needs one.

Migrating takes every step this program ever took, fifteen seconds of a processor. Each worker of a run and each
server the tests start begins with a copy instead. That a house comes to be from nothing is proved where this very
database is made, by `zhike migrate`, and in tests/browser/test_first_start.py.
"""

import fcntl
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from tests.server import clean_environment, zhike_command

# On PostgreSQL; the server is the run's own (tools/postgres.py) or that of whoever named it.
NAME = "zhike_migrated"


def sqlite_file() -> Path:
    """The migrated file: copy it, do not open it."""
    with _alone() as folder:
        made = folder / "zhike.sqlite3"
        if not made.exists():
            data = folder / "data"
            _migrate(data)
            # What still stands in its journal comes along.
            half = folder / "half"
            with (
                closing(sqlite3.connect(data / made.name)) as whole,
                closing(sqlite3.connect(half)) as copy,
            ):
                whole.backup(copy)
            half.rename(made)
    return made


def postgres_template(url: str) -> str:
    """The name of the migrated database on the server of `url`."""
    import psycopg

    with _alone() as folder:
        made = folder / "postgres"
        if not made.exists():
            with psycopg.connect(url, autocommit=True) as server:
                server.execute(f"DROP DATABASE IF EXISTS {NAME}")
                server.execute(f"CREATE DATABASE {NAME} TEMPLATE template0")
            _migrate(folder / "data", f"{url.rsplit('/', 1)[0]}/{NAME}")
            made.touch()
    return NAME


def put_into(data: Path) -> None:
    """A data folder on SQLite as it stands after `zhike migrate`."""
    data.mkdir(parents=True)
    shutil.copy(sqlite_file(), data / "zhike.sqlite3")


@contextmanager
def _alone() -> Iterator[Path]:
    folder = Path(os.environ["ZHIKE_TEST_FOLDER"], "migrated")
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield folder


def _migrate(data: Path, url: str = "") -> None:
    named = {"ZHIKE_DATABASE_URL": url} if url else {}
    done = subprocess.run(
        [zhike_command(), "migrate"],
        env={**clean_environment(data), **named},
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise RuntimeError(f"zhike migrate: {done.stdout[-2000:]}{done.stderr[-4000:]}")
