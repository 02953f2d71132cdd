from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

ADDED = "outbox.manage"


def forwards(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    """Supervisors of a house that stood before the outbox decide on its uncertain messages too."""
    roles = apps.get_model("accounts", "Role").objects
    for row in roles.filter(code="supervisor", is_builtin=True):
        if ADDED not in row.permissions:
            row.permissions = [*row.permissions, ADDED]
            row.save(update_fields=["permissions"])


class Migration(migrations.Migration):
    dependencies = [("accounts", "0010_exports_view")]
    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
