from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

VIEW, MANAGE = "reference.view", "reference.manage"
ADDED = {
    "supervisor": (VIEW, MANAGE),
    "inspector": (VIEW,),
    "department_owner": (VIEW,),
    "trainer": (VIEW,),
    "executive": (VIEW,),
}


def forwards(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    """Who reads reports may read what others say of the same; who leads the desk keeps the register."""
    roles = apps.get_model("accounts", "Role").objects
    for row in roles.filter(code__in=ADDED, is_builtin=True):
        fresh = [code for code in ADDED[row.code] if code not in row.permissions]
        if fresh:
            row.permissions = [*row.permissions, *fresh]
            row.save(update_fields=["permissions"])


class Migration(migrations.Migration):
    dependencies = [("accounts", "0016_retention_is_audits")]
    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
