"""Tests with real transactions, several threads included, that write audit rows.

Such a test ends with every table emptied; on SQLite that is a DELETE, which the audit log refuses. So the log
is emptied here first, with its triggers taken off and put on again.
"""

from collections.abc import Iterator

import pytest
from django.apps import apps
from django.db import connection


def empty_audit_log() -> None:
    if connection.vendor != "sqlite":
        # TRUNCATE does not ask row triggers.
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'core_audit%'"
        )
        triggers = cursor.fetchall()
        for name, _sql in triggers:
            cursor.execute(f"DROP TRIGGER {name}")
        for model in ("AuditSeal", "AuditRow"):
            cursor.execute(f"DELETE FROM {apps.get_model('core', model)._meta.db_table}")
        for _name, sql in triggers:
            cursor.execute(sql)


@pytest.fixture
def real_transactions(transactional_db: None) -> Iterator[None]:
    yield
    empty_audit_log()
