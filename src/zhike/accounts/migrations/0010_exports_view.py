from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

ADDED = "exports.view"


def forwards(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    """Who leads a unit sees what is exported from it; the management sees the whole register."""
    roles = apps.get_model("accounts", "Role").objects
    for row in roles.filter(code__in=("supervisor", "executive"), is_builtin=True):
        if ADDED not in row.permissions:
            row.permissions = [*row.permissions, ADDED]
            row.save(update_fields=["permissions"])


class Migration(migrations.Migration):
    dependencies = [("accounts", "0009_second_factor")]
    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
