from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from zhike.core.calendar.seeds import plant_legal_plans


def forwards(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    plant_legal_plans(apps)


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0022_retention"),
    ]

    operations = [
        migrations.AlterField(
            model_name="dueplan",
            name="purpose",
            field=models.CharField(
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
                    ("legal_return", "Return without reason (by law)"),
                    ("legal_refund", "Refund (by law)"),
                    ("legal_authority", "Answer to an authority (by law)"),
                ],
                max_length=20,
            ),
        ),
        migrations.AlterField(
            model_name="duerecount",
            name="purpose",
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
                    ("legal_return", "Return without reason (by law)"),
                    ("legal_refund", "Refund (by law)"),
                    ("legal_authority", "Answer to an authority (by law)"),
                ],
                max_length=20,
            ),
        ),
        migrations.RunPython(forwards, migrations.RunPython.noop),
    ]
