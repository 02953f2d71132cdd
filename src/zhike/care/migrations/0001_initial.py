import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0004_complaint_permissions"),
        ("customers", "0003_watched_fields"),
        ("desk", "0006_further_lines"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="FollowUpRule",
            fields=[
                (
                    "type",
                    models.OneToOneField(
                        db_column="type",
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="follow_up_rule",
                        serialize=False,
                        to="desk.casetype",
                        to_field="code",
                    ),
                ),
                ("is_on", models.BooleanField(default=False)),
            ],
        ),
        migrations.CreateModel(
            name="FollowUp",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("round", models.SmallIntegerField()),
                ("sequence", models.SmallIntegerField(default=1)),
                ("type_code", models.CharField(max_length=30)),
                ("customer_name", models.CharField(blank=True, max_length=120)),
                ("customer_tier", models.CharField(blank=True, max_length=20)),
                ("assigned_name", models.CharField(blank=True, max_length=60)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("due", "To be made"),
                            ("done", "Made"),
                            ("called_off", "Called off"),
                        ],
                        default="due",
                        max_length=10,
                    ),
                ),
                ("made_at", models.DateTimeField()),
                ("due_at", models.DateTimeField()),
                ("due_warn_at", models.DateTimeField(blank=True, null=True)),
                ("due_explanation", models.JSONField(blank=True, null=True)),
                ("plan_at", models.DateTimeField()),
                ("next_try_at", models.DateTimeField(blank=True, null=True)),
                ("remind_at", models.DateTimeField(blank=True, null=True)),
                ("best_time", models.CharField(blank=True, max_length=120)),
                ("to_check", models.TextField(blank=True)),
                ("attempts", models.SmallIntegerField(default=0)),
                ("last_attempt_at", models.DateTimeField(blank=True, null=True)),
                (
                    "result",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("content", "Content"),
                            ("partly", "Partly content"),
                            ("not_content", "Not content"),
                            ("unreachable", "Not reachable"),
                        ],
                        max_length=12,
                    ),
                ),
                ("words", models.TextField(blank=True)),
                ("missing", models.TextField(blank=True)),
                ("answers", models.JSONField(blank=True, default=dict)),
                ("done_at", models.DateTimeField(blank=True, null=True)),
                ("done_by_name", models.CharField(blank=True, max_length=80)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "call_off",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("by_hand", "Called off by a supervisor"),
                            ("reopened", "The case was reopened"),
                            ("merged", "The case went into another one"),
                            ("voided", "The import of the case was undone"),
                        ],
                        max_length=10,
                    ),
                ),
                ("call_off_reason", models.CharField(blank=True, max_length=300)),
                (
                    "assigned",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="follow_ups",
                        to="desk.case",
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="follow_ups",
                        to="customers.customer",
                    ),
                ),
                (
                    "done_by",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "new_case",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="desk.case",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.unit",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="FollowUpAttempt",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField()),
                ("by_name", models.CharField(blank=True, max_length=80)),
                ("reached", models.BooleanField()),
                ("note", models.CharField(blank=True, max_length=300)),
                (
                    "by",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "follow_up",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tries",
                        to="care.followup",
                    ),
                ),
            ],
            options={
                "ordering": ["at", "id"],
            },
        ),
        migrations.CreateModel(
            name="Script",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("is_default", models.BooleanField(default=False)),
                (
                    "type",
                    models.OneToOneField(
                        blank=True,
                        db_column="type",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="follow_up_script",
                        to="desk.casetype",
                        to_field="code",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ScriptVersion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.SmallIntegerField()),
                ("opening", models.CharField(blank=True, max_length=300)),
                ("made_at", models.DateTimeField()),
                ("made_by_name", models.CharField(blank=True, max_length=80)),
                (
                    "script",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="versions",
                        to="care.script",
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="script",
            name="current",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="care.scriptversion",
            ),
        ),
        migrations.CreateModel(
            name="Question",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("place", models.SmallIntegerField()),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("yes_no", "Yes or no"),
                            ("score", "Score 1–5"),
                            ("text", "In their words"),
                        ],
                        max_length=8,
                    ),
                ),
                ("text", models.CharField(max_length=200)),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="questions",
                        to="care.scriptversion",
                    ),
                ),
            ],
            options={
                "ordering": ["place"],
            },
        ),
        migrations.AddField(
            model_name="followup",
            name="script",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="care.scriptversion",
            ),
        ),
        migrations.AddConstraint(
            model_name="scriptversion",
            constraint=models.UniqueConstraint(
                fields=("script", "number"), name="script_version_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="script",
            constraint=models.UniqueConstraint(
                condition=models.Q(("is_default", True)),
                fields=("is_default",),
                name="script_one_default",
            ),
        ),
        migrations.AddConstraint(
            model_name="script",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("is_default", True), ("type__isnull", True)),
                    models.Q(("is_default", False), ("type__isnull", False)),
                    _connector="OR",
                ),
                name="script_of_type_or_default",
            ),
        ),
        migrations.AddConstraint(
            model_name="question",
            constraint=models.UniqueConstraint(fields=("version", "place"), name="question_place"),
        ),
        migrations.AddConstraint(
            model_name="question",
            constraint=models.CheckConstraint(
                condition=models.Q(("text", ""), _negated=True), name="question_text"
            ),
        ),
        migrations.AddIndex(
            model_name="followup",
            index=models.Index(
                condition=models.Q(("state", "due")),
                fields=["plan_at", "id"],
                name="follow_up_plan",
            ),
        ),
        migrations.AddIndex(
            model_name="followup",
            index=models.Index(
                condition=models.Q(("state", "due")),
                fields=["assigned", "plan_at", "id"],
                name="follow_up_mine",
            ),
        ),
        migrations.AddIndex(
            model_name="followup",
            index=models.Index(
                condition=models.Q(("state", "due")),
                fields=["unit", "plan_at", "id"],
                name="follow_up_unit_plan",
            ),
        ),
        migrations.AddIndex(
            model_name="followup",
            index=models.Index(
                condition=models.Q(("remind_at__isnull", False), ("state", "due")),
                fields=["remind_at"],
                name="follow_up_bell",
            ),
        ),
        migrations.AddIndex(
            model_name="followup",
            index=models.Index(fields=["due_at", "id"], name="follow_up_due"),
        ),
        migrations.AddIndex(
            model_name="followup",
            index=models.Index(fields=["unit", "due_at", "id"], name="follow_up_unit_due"),
        ),
        migrations.AddConstraint(
            model_name="followup",
            constraint=models.UniqueConstraint(
                fields=("case", "round", "sequence"), name="follow_up_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="followup",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("done_at__isnull", True),
                        ("ended_at__isnull", True),
                        ("result", ""),
                        ("state", "due"),
                    ),
                    models.Q(
                        ("done_at__isnull", False),
                        ("ended_at__isnull", False),
                        ("state", "done"),
                        models.Q(("result", ""), _negated=True),
                    ),
                    models.Q(
                        ("ended_at__isnull", False),
                        ("result", ""),
                        ("state", "called_off"),
                        models.Q(("call_off", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="follow_up_state",
            ),
        ),
        migrations.AddConstraint(
            model_name="followup",
            constraint=models.CheckConstraint(
                condition=models.Q(("attempts__gte", 0), ("round__gte", 1), ("sequence__gte", 1)),
                name="follow_up_numbers",
            ),
        ),
    ]
