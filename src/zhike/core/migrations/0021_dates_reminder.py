from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("core", "0020_service_clocks")]
    operations = [
        migrations.CreateModel(
            name="DatesReminder",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("year", models.SmallIntegerField(unique=True)),
                ("told_at", models.DateTimeField()),
            ],
        ),
    ]
