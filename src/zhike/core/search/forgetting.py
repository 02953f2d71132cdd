"""Nothing readable stays in SQLite's file of what was deleted or written over.

Freed pages are overwritten (`secure_delete`), but the search index keeps the words of changed rows in its old
segments until they are merged, and the log beside the database keeps old pages until it is written back. On
PostgreSQL the server's own vacuum does this.
"""

from collections.abc import Callable

from django.apps import apps
from django.db import connection

from zhike.core.search.searchable import Searchable

# Pages merged at a time: a few milliseconds, so that pages can write in between.
PAGES = 200


def searched_tables() -> list[str]:
    return sorted(
        model._meta.db_table for model in apps.get_models() if issubclass(model, Searchable)
    )


def forget_deleted(pause: Callable[[], None]) -> None:
    """Merge every search index into one segment, little by little, then write the log back."""
    if connection.vendor != "sqlite":
        return
    for table in searched_tables():
        # A negative number first: all segments, and not only those due by their size, are to become one.
        pages = -PAGES
        while _merge(f"{table}_fts", pages):
            pages = PAGES
            pause()
    if not connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _merge(index: str, pages: int) -> bool:
    """A bite of the work; whether there was anything to do, as SQLite tells by the rows it changed."""
    connection.ensure_connection()
    before = connection.connection.total_changes
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {index}({index}, rank) VALUES ('merge', %s)", [pages])
    return bool(connection.connection.total_changes - before >= 2)
