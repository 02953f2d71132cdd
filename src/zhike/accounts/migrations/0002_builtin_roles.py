from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from zhike.accounts.roles import BUILTIN_ROLES


def forwards(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    role_model = apps.get_model("accounts", "Role")
    for role in BUILTIN_ROLES:
        role_model.objects.get_or_create(
            code=role.code,
            defaults={
                "permissions": list(role.permissions),
                "holds_everything": role.holds_everything,
                "default_scope": role.scope.value,
                "is_builtin": True,
            },
        )


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]
    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
