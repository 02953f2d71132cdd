"""On SQLite triggers keep the search index; a migration that alters a searched table must not lose them."""

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection

from zhike.core.search import Searchable

SEARCHED = sorted(
    model._meta.db_table
    for model in apps.get_models()
    if issubclass(model, Searchable) and model._meta.managed
)


def triggers_of(table: str) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s", [table]
        )
        return {name for (name,) in cursor.fetchall()}


@pytest.mark.django_db
@pytest.mark.parametrize("table", SEARCHED)
def test_every_searched_table_has_its_triggers(table: str):
    if connection.vendor != "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("SELECT to_regclass(%s)", [f"{table}_bigrams"])
            assert cursor.fetchone()[0] is not None
        return
    assert {f"{table}_fts_{suffix}" for suffix in ("ai", "ad", "au")} <= triggers_of(table)


@pytest.mark.django_db(transaction=True)
def test_they_are_there_on_the_way_back_too():
    if connection.vendor != "sqlite":
        return
    wanted = triggers_of("complaints_notice")
    try:
        call_command("migrate", "complaints", "0010", verbosity=0)
        assert triggers_of("complaints_notice") == wanted
    finally:
        call_command("migrate", "complaints", verbosity=0)
    assert triggers_of("complaints_notice") == wanted
