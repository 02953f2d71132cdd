from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from zhike.accounts.roles import BUILTIN_ROLES

ADDED = ("surveys.export",)


def forwards(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    """Built-in roles of a house that stood before single answers could be exported get the permission too."""
    roles = apps.get_model("accounts", "Role").objects
    for role in BUILTIN_ROLES:
        for row in roles.filter(code=role.code, is_builtin=True):
            fresh = [c for c in ADDED if c in role.permissions and c not in row.permissions]
            if fresh:
                row.permissions = [*row.permissions, *fresh]
                row.save(update_fields=["permissions"])


class Migration(migrations.Migration):
    dependencies = [("accounts", "0020_segment_permission")]
    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
