from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

ADDED = {
    "agent": ("data_requests.take",),
    "supervisor": ("data_requests.take", "data_requests.handle"),
}


def forwards(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    """Who speaks with customers takes requests about personal data in; who leads the desk answers them."""
    roles = apps.get_model("accounts", "Role").objects
    for row in roles.filter(code__in=ADDED, is_builtin=True):
        fresh = [code for code in ADDED[row.code] if code not in row.permissions]
        if fresh:
            row.permissions = [*row.permissions, *fresh]
            row.save(update_fields=["permissions"])


class Migration(migrations.Migration):
    dependencies = [("accounts", "0012_single_sign_on")]
    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
