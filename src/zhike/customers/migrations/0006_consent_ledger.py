"""Consents are records: triggers refuse UPDATE and DELETE on both databases. So are the words customers were told:
they refuse UPDATE, and DELETE is refused by the consents that point to them.

With them, the purposes a new installation starts with.
"""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from zhike.core import clock
from zhike.customers.consent_seeds import plant

REFUSED = {"customers_consent": ("UPDATE", "DELETE"), "customers_noticetext": ("UPDATE",)}
SENTENCE = "A consent, and what was told about it, is never changed."


def forwards(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    plant(apps, clock.now())
    if editor.connection.vendor == "postgresql":
        editor.execute(
            "CREATE FUNCTION zhike_refuse_consent_change() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{SENTENCE}'; END $$"
        )
        for table, verbs in REFUSED.items():
            editor.execute(
                f"CREATE TRIGGER {table}_never_changed BEFORE {' OR '.join(verbs)} ON {table} "
                "FOR EACH ROW EXECUTE FUNCTION zhike_refuse_consent_change()"
            )
        return
    for table, verbs in REFUSED.items():
        for verb in verbs:
            editor.execute(
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{SENTENCE}'); END"
            )


def backwards(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    for table, verbs in REFUSED.items():
        if editor.connection.vendor == "postgresql":
            editor.execute(f"DROP TRIGGER {table}_never_changed ON {table}")
        else:
            for verb in verbs:
                editor.execute(f"DROP TRIGGER {table}_no_{verb.lower()}")
    if editor.connection.vendor == "postgresql":
        editor.execute("DROP FUNCTION zhike_refuse_consent_change()")


class Migration(migrations.Migration):
    dependencies = [("customers", "0005_consents")]
    operations = [migrations.RunPython(forwards, backwards)]
