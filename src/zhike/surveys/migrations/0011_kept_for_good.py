"""Results kept until closing: the promise stays once somebody answered, and what was read is never opened again.

On SQLite a table rebuilt by a later migration loses these triggers: drop them before it and make them after.
"""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

TABLE = "surveys_survey"
PROMISED = "Results of this questionnaire stay kept until it is closed."
READ = "What was read of this questionnaire stays readable, and is never added to."
ANSWERED = "EXISTS (SELECT 1 FROM surveys_response WHERE survey_id = OLD.id)"


def forwards(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    if editor.connection.vendor == "postgresql":
        editor.execute(
            "CREATE FUNCTION zhike_keep_results() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            "IF OLD.readable_at IS NOT NULL AND NEW.readable_at IS DISTINCT FROM OLD.readable_at "
            f"THEN RAISE EXCEPTION '{READ}'; END IF; "
            "IF OLD.kept_since IS NOT NULL AND NEW.kept_since IS DISTINCT FROM OLD.kept_since "
            f"AND {ANSWERED} THEN RAISE EXCEPTION '{PROMISED}'; END IF; "
            "RETURN NEW; END $$"
        )
        editor.execute(
            f"CREATE TRIGGER {TABLE}_kept BEFORE UPDATE OF kept_since, readable_at ON {TABLE} "
            "FOR EACH ROW EXECUTE FUNCTION zhike_keep_results()"
        )
        return
    editor.execute(
        f"CREATE TRIGGER {TABLE}_read BEFORE UPDATE OF readable_at ON {TABLE} "
        "WHEN OLD.readable_at IS NOT NULL AND NEW.readable_at IS NOT OLD.readable_at "
        f"BEGIN SELECT RAISE(ABORT, '{READ}'); END"
    )
    editor.execute(
        f"CREATE TRIGGER {TABLE}_kept BEFORE UPDATE OF kept_since ON {TABLE} "
        f"WHEN OLD.kept_since IS NOT NULL AND NEW.kept_since IS NOT OLD.kept_since AND {ANSWERED} "
        f"BEGIN SELECT RAISE(ABORT, '{PROMISED}'); END"
    )


def backwards(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    if editor.connection.vendor == "postgresql":
        editor.execute(f"DROP TRIGGER {TABLE}_kept ON {TABLE}")
        editor.execute("DROP FUNCTION zhike_keep_results()")
        return
    for name in ("read", "kept"):
        editor.execute(f"DROP TRIGGER {TABLE}_{name}")


class Migration(migrations.Migration):
    dependencies = [("surveys", "0010_kept_results")]
    operations = [migrations.RunPython(forwards, backwards)]
