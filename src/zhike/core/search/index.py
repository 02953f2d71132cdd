"""The indexes behind search, as migration operations: FTS5 kept by triggers on SQLite, GIN on PostgreSQL."""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import StateApps


def _sqlite(table: str) -> list[str]:
    fts = f"{table}_fts"
    return [
        # External content: the tokens live once, in the table itself. No diacritics are folded away a second time.
        f"CREATE VIRTUAL TABLE {fts} USING fts5(bigrams, content='{table}', content_rowid='id', "
        "tokenize='unicode61 remove_diacritics 0')",
        *_triggers(table),
    ]


def _triggers(table: str) -> list[str]:
    fts = f"{table}_fts"
    return [
        f"CREATE TRIGGER {fts}_ai AFTER INSERT ON {table} BEGIN "
        f"INSERT INTO {fts}(rowid, bigrams) VALUES (new.id, new.bigrams); END",
        f"CREATE TRIGGER {fts}_ad AFTER DELETE ON {table} BEGIN "
        f"INSERT INTO {fts}({fts}, rowid, bigrams) VALUES ('delete', old.id, old.bigrams); END",
        f"CREATE TRIGGER {fts}_au AFTER UPDATE OF bigrams ON {table} BEGIN "
        f"INSERT INTO {fts}({fts}, rowid, bigrams) VALUES ('delete', old.id, old.bigrams); "
        f"INSERT INTO {fts}(rowid, bigrams) VALUES (new.id, new.bigrams); END",
    ]


# A row's tokens for PostgreSQL: its bigrams, each begun by the number of the stretch of ids the row lies in. So a
# stretch without a word costs one look into the index, and the hits of one stretch are few (query.py). With plain
# tokens a word that stands in old rows only was collected from end to end: 80 ms at three million rows, 2 ms so.
# array_to_tsvector runs no parser, so locale and punctuation do not matter. The cost keeps the planner from
# computing it row by row; query.py decides when the index is asked at all.
STRETCH, STRETCH_BITS = "#", 14
TOKENS = f"""
CREATE OR REPLACE FUNCTION zhike_tokens(bigrams text, id bigint) RETURNS tsvector
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE COST 1000000 AS $$
DECLARE
  stretch text := (id >> {STRETCH_BITS})::text || '{STRETCH}';
BEGIN
  RETURN array_to_tsvector(
    string_to_array(stretch || replace(bigrams, ' ', ' ' || stretch), ' ')
  );
END $$
"""


def _postgres(table: str) -> list[str]:
    return [
        TOKENS,
        # Without the list of pending entries, which every question would read from end to end: at a million
        # rows it made a rare word ten times slower, until the next vacuum.
        f"CREATE INDEX {table}_bigrams ON {table} USING gin (zhike_tokens(bigrams, id)) "
        "WITH (fastupdate = off)",
    ]


def index_operations(table: str) -> list[migrations.RunPython]:
    """Operations that make the search index of `table` (its database name), for a migration's `operations`."""

    def forwards(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
        vendor = editor.connection.vendor
        for statement in _sqlite(table) if vendor == "sqlite" else _postgres(table):
            editor.execute(statement)

    def backwards(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
        if editor.connection.vendor == "sqlite":
            for suffix in ("ai", "ad", "au"):
                editor.execute(f"DROP TRIGGER {table}_fts_{suffix}")
            editor.execute(f"DROP TABLE {table}_fts")
        else:
            editor.execute(f"DROP INDEX {table}_bigrams")

    return [migrations.RunPython(forwards, backwards)]


def altering(table: str, *operations: Operation) -> list[Operation]:
    """Operations on columns of a searched table.

    SQLite makes such a table anew and forgets its triggers: rows written from then on would never be found.
    """

    def renew(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
        if editor.connection.vendor == "sqlite":
            for statement in _triggers(table):
                editor.execute(statement)

    noop = migrations.RunPython.noop
    # The first is the last on the way back.
    return [
        migrations.RunPython(noop, renew),
        *operations,
        migrations.RunPython(renew, noop),
    ]
