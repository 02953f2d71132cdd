from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from zhike.desk.models.escalation import BUILTIN_LEVELS


def forwards(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    levels = apps.get_model("desk", "EscalationLevel").objects
    for amount, unit, receivers in BUILTIN_LEVELS:
        levels.create(after_amount=amount, after_unit=unit, receivers=receivers)


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0013_data_requests"),
        ("customers", "0006_consent_ledger"),
        ("desk", "0012_service_clocks"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="EscalationLevel",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("after_amount", models.IntegerField(default=0)),
                (
                    "after_unit",
                    models.CharField(
                        choices=[
                            ("business_minutes", "working minutes"),
                            ("business_days", "working days"),
                            ("calendar_days", "calendar days"),
                        ],
                        default="business_minutes",
                        max_length=20,
                    ),
                ),
                ("receivers", models.JSONField(default=list)),
            ],
            options={
                "ordering": ["-after_unit", "after_amount"],
            },
        ),
        migrations.AddField(
            model_name="case",
            name="alarm_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="case",
            name="told",
            field=models.JSONField(blank=True, null=True),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("alarm_at__isnull", False), ("closed_at__isnull", True)),
                fields=["alarm_at"],
                name="case_alarm",
            ),
        ),
        migrations.AddConstraint(
            model_name="escalationlevel",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("after_amount__gt", 0),
                    models.Q(("after_amount", 0), ("after_unit", "business_minutes")),
                    _connector="OR",
                ),
                name="escalation_after",
            ),
        ),
        migrations.AddConstraint(
            model_name="escalationlevel",
            constraint=models.UniqueConstraint(
                fields=("after_unit", "after_amount"), name="escalation_once"
            ),
        ),
        migrations.RunPython(forwards, migrations.RunPython.noop),
    ]
