from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

ADDED = "retention.manage"


def forwards(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    """How long data are kept, and what is under a legal hold, is the audit administrator's."""
    roles = apps.get_model("accounts", "Role").objects
    for row in roles.filter(code="audit_administrator", is_builtin=True):
        if ADDED not in row.permissions:
            row.permissions = sorted([*row.permissions, ADDED])
            row.save(update_fields=["permissions"])


class Migration(migrations.Migration):
    dependencies = [("accounts", "0015_levels_of_personal_values")]
    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
