import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0023_legal_plans"),
        ("accounts", "0014_access_rules"),
        ("customers", "0006_consent_ledger"),
        ("desk", "0013_escalation"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="LegalClock",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("legal_return", "Return without reason"),
                            ("legal_refund", "Refund"),
                            ("legal_authority", "Answer to an authority"),
                        ],
                        max_length=20,
                    ),
                ),
                ("since", models.DateField()),
                ("named_on", models.DateField(blank=True, null=True)),
                ("authority", models.CharField(blank=True, max_length=80)),
                ("reference", models.CharField(blank=True, max_length=60)),
                ("started_at", models.DateTimeField()),
                ("started_by_name", models.CharField(max_length=80)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("ended_by_name", models.CharField(blank=True, max_length=80)),
                (
                    "result",
                    models.CharField(
                        blank=True,
                        choices=[("done", "Done"), ("not_applicable", "Does not apply")],
                        max_length=15,
                    ),
                ),
                ("done_on", models.DateField(blank=True, null=True)),
                ("is_late", models.BooleanField(blank=True, null=True)),
                ("reason", models.CharField(blank=True, max_length=300)),
                ("due_at", models.DateTimeField(blank=True, null=True)),
                ("source", models.CharField(blank=True, max_length=200)),
            ],
            options={
                "ordering": ["pk"],
            },
        ),
        migrations.AddField(
            model_name="case",
            name="legal",
            field=models.JSONField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="case",
            name="legal_due_at",
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
                    ("legal_return", "Return without reason (by law)"),
                    ("legal_refund", "Refund (by law)"),
                    ("legal_authority", "Answer to an authority (by law)"),
                ],
                max_length=20,
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("closed_at__isnull", True)),
                fields=["legal_due_at", "id"],
                name="case_open_legal",
            ),
        ),
        migrations.AddField(
            model_name="legalclock",
            name="case",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="legal_clocks",
                to="desk.case",
            ),
        ),
        migrations.AddConstraint(
            model_name="legalclock",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at__isnull", True)),
                fields=("case", "kind"),
                name="legal_runs_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="legalclock",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("done_on__isnull", True), ("ended_at__isnull", True), ("result", "")),
                    models.Q(
                        ("done_on__isnull", False), ("ended_at__isnull", False), ("result", "done")
                    ),
                    models.Q(
                        ("done_on__isnull", True),
                        ("ended_at__isnull", False),
                        ("result", "not_applicable"),
                    ),
                    _connector="OR",
                ),
                name="legal_end",
            ),
        ),
        migrations.AddConstraint(
            model_name="legalclock",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("named_on__isnull", True),
                    models.Q(("kind", "legal_authority"), ("named_on__gte", models.F("since"))),
                    _connector="OR",
                ),
                name="legal_named",
            ),
        ),
        migrations.AddConstraint(
            model_name="legalclock",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("done_on__isnull", True), ("done_on__gte", models.F("since")), _connector="OR"
                ),
                name="legal_done_on",
            ),
        ),
    ]
