"""Tests with real transactions, several threads included, that write audit rows.

Such a test ends with every table emptied; on SQLite that is a DELETE, which the audit log, the ledger of
consents, published questionnaires and computed indexes refuse. So these are emptied here first, with their
triggers taken off and put on again.
"""

from collections.abc import Iterator

import pytest
from django.apps import apps
from django.db import connection

# What refuses to be deleted, after what points to it.
REFUSING = (
    "core.AuditSeal",
    "core.AuditRow",
    "customers.Consent",
    "satisfaction.Improvement",
    "satisfaction.IndexRun",
    "satisfaction.ContactCase",
    "surveys.AnswerContact",
    "surveys.AnswerFile",
    "satisfaction.Ask",
    "satisfaction.AskRule",
    "satisfaction.Delivery",
    "surveys.Response",
    "surveys.Invitation",
    "surveys.Sending",
    "surveys.Tally",
    "surveys.Link",
    "surveys.SurveyVersion",
)


def empty_audit_log() -> None:
    if connection.vendor != "sqlite":
        # TRUNCATE does not ask row triggers.
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' "
            "AND (name LIKE 'core_audit%' OR name LIKE 'customers_consent%' "
            "OR name LIKE 'surveys_surveyversion%' OR name LIKE 'satisfaction_indexrun%')"
        )
        triggers = cursor.fetchall()
        for name, _sql in triggers:
            cursor.execute(f"DROP TRIGGER {name}")
        cursor.execute("UPDATE surveys_survey SET current_id = NULL")
        for model in REFUSING:
            cursor.execute(f"DELETE FROM {apps.get_model(model)._meta.db_table}")
        for _name, sql in triggers:
            cursor.execute(sql)


@pytest.fixture
def real_transactions(transactional_db: None) -> Iterator[None]:
    yield
    empty_audit_log()
