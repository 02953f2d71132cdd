from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0014_access_rules"),
        ("customers", "0006_consent_ledger"),
        ("privacy", "0004_recounted_step"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="datarequest",
            index=models.Index(
                condition=models.Q(("ended_at__isnull", True)),
                fields=["id"],
                name="data_request_open_id",
            ),
        ),
    ]
