"""What tests begin with lacks no step, or each would take it again, unseen."""

import sqlite3
from contextlib import closing

import pytest
from django.db.migrations.executor import MigrationExecutor

from tests import migrated
from zhike.cli.prepare import steps_to_go


@pytest.mark.django_db
def test_the_tests_database_is_up_to_date() -> None:
    assert steps_to_go() == 0


@pytest.mark.once
def test_the_copied_file_is_whole() -> None:
    plan = set(MigrationExecutor(None).loader.disk_migrations)
    with closing(sqlite3.connect(migrated.sqlite_file())) as copied:
        done = set(copied.execute("SELECT app, name FROM django_migrations"))
        assert copied.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert plan == done
