"""What must be done before serving: migrate (`--check`: see that it was), collect assets, load the demo company.

It runs in a process of its own (`python -m zhike.cli.prepare`), so that the supervisor stays small. The demo
sign-ins go into the file named by `--result`, one line each.
"""

import argparse
import gc
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from zhike.cli.texts import gettext as _
from zhike.core.serving import lifeline

# Any number will do, as long as nothing else in this database takes it.
MIGRATION_LOCK = 0x7A68696B65


def migrate() -> bool:
    """Bring the database up to this version; True if anything had to be done."""
    from django.core.management import call_command

    with _alone():
        # Whoever waited for another finds everything done.
        if not steps_to_go():
            return False
        _say(_("Bringing the database up to this version …"))
        # Each step makes every model anew; the collector need not look through the program's own as well.
        gc.freeze()
        call_command("migrate", interactive=False, verbosity=0)
    return True


def steps_to_go() -> int:
    """How many migrations this program has that the database has not. Looking is quick."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


@contextmanager
def _alone() -> Iterator[None]:
    """One migration at a time, even from several machines; on SQLite the data folder's lock sees to it."""
    from django.db import connection

    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [MIGRATION_LOCK])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [MIGRATION_LOCK])


def collect() -> None:
    if os.environ.get("ZHIKE_COLLECTED") != "1":
        return
    from zhike.core.serving.collect import collect_assets

    collect_assets()


def demo_sign_ins() -> list[str]:
    """Make the demo company if it is not there yet; how to sign in, a line each."""
    from zhike.demo.load import ensure_demo

    return [_line(sign_in) for sign_in in _iterable(ensure_demo())]


def _iterable(found: Any) -> Iterable[Any]:
    return found or ()


def _line(sign_in: Any) -> str:
    return sign_in if isinstance(sign_in, str) else "  ".join(str(part) for part in sign_in)


def _say(sentence: str) -> None:
    sys.stdout.write(sentence + "\n")
    sys.stdout.flush()


def _fail(sentence: str) -> int:
    sys.stderr.write(sentence + "\n")
    return 1


def main() -> int:
    lifeline.hold_to_starter()
    parser = argparse.ArgumentParser()
    parser.add_argument("--demo", action="store_true")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--result", type=Path)
    asked = parser.parse_args()

    import django

    try:
        django.setup()
    except ValueError as error:
        # A setting that cannot be read, such as a database URL.
        return _fail(str(error))
    from django.db import DatabaseError

    try:
        if not asked.check:
            migrate()
        elif steps := steps_to_go():
            return _fail(
                _(
                    "The database is older than this version (steps to go: {count}). Run: zhike migrate"
                ).format(count=steps)
            )
        collect()
        lines = demo_sign_ins() if asked.demo else []
    except DatabaseError as error:
        reason = str(error).strip().splitlines()
        return _fail(
            _("The database cannot be used: {why}").format(why=reason[0] if reason else error)
        )
    if asked.result:
        asked.result.write_text("\n".join(lines), encoding="utf-8")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        # Ctrl-C while the demo company is made: whoever pressed it knows.
        sys.exit(130)
