import django.db.models.deletion
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from zhike.core import settled


def forwards(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    """The plans of every installation follow the hours of the unit; only units may now have other ones."""
    apps.get_model("core", "DuePlan").objects.filter(calendar__is_default=True).update(
        calendar=None
    )


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0015_outbox_delivery"),
    ]

    operations = [
        # SQLite builds the table anew and would lose the triggers.
        settled.unwatch("core_dueplan"),
        migrations.CreateModel(
            name="DueRecount",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("plan_name", models.CharField(max_length=60)),
                ("kind", models.CharField(max_length=20)),
                (
                    "purpose",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("first_reply", "First reply"),
                            ("answer", "Proposed solution"),
                            ("resolution", "Resolution"),
                            ("step_listen", "Complaint: listen"),
                            ("step_apologise", "Complaint: apologise"),
                            ("step_facts", "Complaint: collect the facts"),
                            ("step_agree", "Complaint: agree with the customer"),
                            ("notice", "Answer to a notice"),
                            ("follow_up", "Follow-up visit"),
                        ],
                        max_length=20,
                    ),
                ),
                ("scopes", models.JSONField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("running", "Under way"),
                            ("second_look", "Done, looking once more"),
                            ("done", "Done"),
                        ],
                        default="running",
                        max_length=12,
                    ),
                ),
                ("place", models.BigIntegerField(default=0)),
                ("total", models.IntegerField(default=0)),
                ("done", models.IntegerField(default=0)),
                ("moved", models.IntegerField(default=0)),
                ("made_at", models.DateTimeField()),
                ("made_by_name", models.CharField(max_length=80)),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ["-pk"],
            },
        ),
        migrations.AlterModelOptions(
            name="dueplan",
            options={"ordering": ["purpose", "subject", "tier", "channel", "org_unit"]},
        ),
        migrations.RemoveConstraint(
            model_name="dueplan",
            name="due_plan_once",
        ),
        migrations.AddField(
            model_name="dueplan",
            name="org_unit",
            field=models.BigIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="dueplan",
            name="source_on",
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="dueplan",
            name="warn_percent",
            field=models.SmallIntegerField(default=75),
        ),
        migrations.AlterField(
            model_name="dueplan",
            name="calendar",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="plans",
                to="core.workcalendar",
            ),
        ),
        migrations.AddConstraint(
            model_name="dueplan",
            constraint=models.CheckConstraint(
                condition=models.Q(("warn_percent__range", (1, 99))), name="due_plan_warn_percent"
            ),
        ),
        migrations.AddConstraint(
            model_name="dueplan",
            constraint=models.UniqueConstraint(
                condition=models.Q(("org_unit__isnull", True)),
                fields=("purpose", "subject", "tier", "channel"),
                name="due_plan_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="dueplan",
            constraint=models.UniqueConstraint(
                condition=models.Q(("org_unit__isnull", False)),
                fields=("purpose", "subject", "tier", "channel", "org_unit"),
                name="due_plan_once_in_unit",
            ),
        ),
        migrations.AddIndex(
            model_name="duerecount",
            index=models.Index(
                condition=models.Q(("finished_at__isnull", True)),
                fields=["id"],
                name="due_recount_unfinished",
            ),
        ),
        migrations.RunPython(forwards, migrations.RunPython.noop),
        settled.watch("core_dueplan"),
    ]
