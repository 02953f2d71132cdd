import django.db.models.deletion
from django.db import migrations, models

from zhike.core import settled


class Migration(migrations.Migration):
    dependencies = [("core", "0012_audit_chain")]
    operations = [
        migrations.CreateModel(
            name="UnitCalendar",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("unit_id", models.BigIntegerField(unique=True)),
                (
                    "calendar",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="units",
                        to="core.workcalendar",
                    ),
                ),
            ],
        ),
        settled.watch("core_unitcalendar"),
    ]
