from django.db import migrations

from zhike.core import settled


class Migration(migrations.Migration):
    dependencies = [("core", "0008_stamp"), ("accounts", "0002_builtin_roles")]
    operations = [
        # Not the moment of the last sign-in, the password or what only the person themselves sees.
        settled.watch(
            "accounts_user",
            ["staff_number", "name", "email", "title", "extension", "unit_id", "is_active"],
        ),
        settled.watch("accounts_unit"),
        settled.watch("accounts_role"),
        settled.watch("accounts_roleassignment"),
    ]
