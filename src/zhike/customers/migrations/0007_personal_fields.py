from django.db import migrations, models

from zhike.core import settled


class Migration(migrations.Migration):
    dependencies = [("customers", "0006_consent_ledger")]

    operations = [
        # SQLite builds the table anew and would lose the triggers.
        settled.unwatch("customers_customfielddefinition"),
        migrations.AddField(
            model_name="customfielddefinition",
            name="is_personal",
            field=models.BooleanField(default=False),
        ),
        settled.watch("customers_customfielddefinition"),
    ]
