"""The program's own part of a restore, run as a process whose data folder is the one being put together.

`check` asks whether it knows every migration of the backup; `finish` brings the database up to this version and
does again the erasures noted since, and
notes in the audit log that it came from a backup. The manifest comes in on standard input.
"""

import json
import sys
from typing import Any

from zhike.core.backup.restoring import NEWER_THAN_PROGRAM
from zhike.core.serving import lifeline


def _unknown(migrations: list[list[str]]) -> list[str]:
    from django.db.migrations.loader import MigrationLoader

    known = MigrationLoader(None, ignore_no_migrations=True).disk_migrations or {}
    # One replaced by a squashed one is known by that one.
    replaced = {name for one in known.values() for name in one.replaces}
    return [
        f"{app}.{name}"
        for app, name in migrations
        if (app, name) not in known and (app, name) not in replaced
    ]


def _finish(manifest: dict[str, Any]) -> None:
    from django.core.management import call_command
    from django.db import connection

    from zhike.core import work

    call_command("migrate", interactive=False, verbosity=0)
    erased = _erase_again()
    with work.unit(work.Actor.system("backup")) as unit:
        after = {"made_at": manifest["made_at"], "erased": erased}
        unit.audit("core.backup.restore", None, after=after)
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            # One file to move: nothing stays beside it.
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    sys.stdout.write(str(erased))


def _erase_again() -> int:
    """Who was erased since the backup is erased again, before anybody can look."""
    from pathlib import Path

    from django.conf import settings

    from zhike.core.erasing import AGAIN, notes

    noted = notes.read(notes.path_in(Path(settings.DATA)))
    return sum(one.replay(noted) for one in AGAIN)


def main() -> int:
    lifeline.hold_to_starter()
    manifest = json.load(sys.stdin.buffer)
    import django

    django.setup()
    if sys.argv[1] == "check":
        unknown = _unknown(manifest["migrations"])
        if unknown:
            sys.stdout.write(f"{manifest['version']} ({unknown[0]})")
            return NEWER_THAN_PROGRAM
        return 0
    _finish(manifest)
    return 0


if __name__ == "__main__":
    sys.exit(main())
