from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("complaints", "0003_notices")]
    operations = [
        migrations.AddField(
            model_name="approval",
            name="sum_cents",
            field=models.BigIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="approval",
            name="limit_cents",
            field=models.BigIntegerField(blank=True, null=True),
        ),
    ]
