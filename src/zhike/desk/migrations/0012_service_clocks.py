from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from zhike.core import clock

# The one account a case had becomes the account of what it was of; the other clocks are counted by the job.
_PACKED = {
    "sqlite": "json_object(due_what, json(clocks))",
    "postgresql": "jsonb_build_object(due_what, clocks)",
}


def forwards(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    editor.execute(
        f"UPDATE desk_case SET clocks = {_PACKED[editor.connection.vendor]} "
        "WHERE clocks IS NOT NULL AND due_what <> ''"
    )
    if apps.get_model("desk", "Case")._default_manager.filter(closed_at__isnull=True).exists():
        apps.get_model("core", "DueRecount").objects.create(
            plan_name="",
            kind="cases",
            purpose="",
            scopes=[{}],
            made_at=clock.now(),
            made_by_name="",
        )


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0020_service_clocks"),
        ("accounts", "0012_single_sign_on"),
        ("customers", "0003_watched_fields"),
        ("desk", "0011_erased"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RenameField(
            model_name="case",
            old_name="due_explanation",
            new_name="clocks",
        ),
        migrations.RunPython(forwards, migrations.RunPython.noop),
        migrations.AddField(
            model_name="case",
            name="department_due_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="case",
            name="next_reply_due_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="case",
            name="resolution_due_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="case",
            name="started",
            field=models.JSONField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="case",
            name="step_due_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="case",
            name="to_department_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AlterField(
            model_name="case",
            name="due_what",
            field=models.CharField(
                blank=True,
                choices=[
                    ("first_reply", "First reply"),
                    ("next_reply", "Next reply"),
                    ("to_department", "To the department"),
                    ("answer", "Proposed solution"),
                    ("resolution", "Resolution"),
                    ("step_listen", "Complaint: listen"),
                    ("step_apologise", "Complaint: apologise"),
                    ("step_facts", "Complaint: collect the facts"),
                    ("step_agree", "Complaint: agree with the customer"),
                    ("notice", "Answer to a notice"),
                    ("follow_up", "Follow-up visit"),
                    ("data_request", "Request about personal data"),
                ],
                max_length=20,
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("closed_at__isnull", True)),
                fields=["first_reply_due_at", "id"],
                name="case_open_first",
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("closed_at__isnull", True)),
                fields=["next_reply_due_at", "id"],
                name="case_open_next",
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("closed_at__isnull", True)),
                fields=["resolution_due_at", "id"],
                name="case_open_resolution",
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("closed_at__isnull", True)),
                fields=["department_due_at", "id"],
                name="case_open_department",
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("closed_at__isnull", True)),
                fields=["step_due_at", "id"],
                name="case_open_step",
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("closed_at__isnull", True)),
                fields=["due_what", "queue_at", "id"],
                name="case_open_what",
            ),
        ),
    ]
