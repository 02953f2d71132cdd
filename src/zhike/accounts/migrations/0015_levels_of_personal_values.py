from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from zhike.core import settled


def keep_masked(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    """What a role kept masked for good stays so."""
    for role in apps.get_model("accounts", "Role").objects.exclude(masked_fields=[]):
        role.levels = dict.fromkeys(role.masked_fields, "masked")
        role.save(update_fields=["levels"])


class Migration(migrations.Migration):
    dependencies = [("accounts", "0014_access_rules")]

    operations = [
        # SQLite builds the table anew and would lose the triggers.
        settled.unwatch("accounts_role"),
        migrations.AddField(
            model_name="role",
            name="levels",
            field=models.JSONField(blank=True, default=dict),
        ),
        migrations.RunPython(keep_masked, migrations.RunPython.noop),
        migrations.RemoveField(model_name="role", name="masked_fields"),
        settled.watch("accounts_role"),
    ]
