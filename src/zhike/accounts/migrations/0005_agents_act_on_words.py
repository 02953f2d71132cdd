from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

ADDED = "feedback.manage"


def forwards(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    """Who reads a bad review at the desk turns it into a complaint; agents could only look at it."""
    roles = apps.get_model("accounts", "Role").objects
    for row in roles.filter(code="agent", is_builtin=True):
        if ADDED not in row.permissions:
            row.permissions = [*row.permissions, ADDED]
            row.save(update_fields=["permissions"])


class Migration(migrations.Migration):
    dependencies = [("accounts", "0004_complaint_permissions")]
    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
