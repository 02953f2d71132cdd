import datetime

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0014_exports"),
    ]

    operations = [
        migrations.CreateModel(
            name="OutboxAttempt",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("claim", models.CharField(max_length=32)),
                ("began_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("result", models.CharField(blank=True, max_length=12)),
                ("words", models.TextField(blank=True)),
            ],
        ),
        migrations.CreateModel(
            name="OutboxPace",
            fields=[
                ("kind", models.CharField(max_length=30, primary_key=True, serialize=False)),
                ("next_at", models.DateTimeField()),
                ("times_away", models.IntegerField(default=0)),
            ],
        ),
        migrations.AddField(
            model_name="outboxmessage",
            name="author_id",
            field=models.BigIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="outboxmessage",
            name="claim",
            field=models.CharField(blank=True, max_length=32),
        ),
        migrations.AddField(
            model_name="outboxmessage",
            name="conversation",
            field=models.CharField(blank=True, max_length=80),
        ),
        migrations.AddField(
            model_name="outboxmessage",
            name="due_at",
            field=models.DateTimeField(
                default=datetime.datetime(2026, 1, 1, 0, 0, tzinfo=datetime.UTC)
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="outboxmessage",
            name="lease_until",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="outboxmessage",
            name="receipt",
            field=models.CharField(blank=True, max_length=200),
        ),
        migrations.AddField(
            model_name="outboxmessage",
            name="round_at",
            field=models.DateTimeField(
                default=datetime.datetime(2026, 1, 1, 0, 0, tzinfo=datetime.UTC)
            ),
            preserve_default=False,
        ),
        migrations.RunSQL(
            "UPDATE core_outboxmessage SET due_at = made_at, round_at = made_at",
            migrations.RunSQL.noop,
        ),
        migrations.AddField(
            model_name="outboxmessage",
            name="uncertain_since",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="outboxmessage",
            name="unit_id",
            field=models.BigIntegerField(blank=True, null=True),
        ),
        migrations.AlterField(
            model_name="outboxmessage",
            name="state",
            field=models.CharField(
                choices=[
                    ("waiting", "Waiting"),
                    ("sending", "Being sent"),
                    ("sent", "Sent"),
                    ("delivered", "Delivered"),
                    ("failed", "Not sent"),
                    ("unknown", "Uncertain"),
                    ("void", "Called off"),
                ],
                default="waiting",
                max_length=12,
            ),
        ),
        migrations.AddIndex(
            model_name="outboxmessage",
            index=models.Index(fields=["state", "kind", "due_at"], name="outbox_due"),
        ),
        migrations.AddIndex(
            model_name="outboxmessage",
            index=models.Index(fields=["conversation", "state"], name="outbox_conversation"),
        ),
        migrations.AddIndex(
            model_name="outboxmessage",
            index=models.Index(fields=["kind", "receipt"], name="outbox_receipt"),
        ),
        migrations.AddConstraint(
            model_name="outboxmessage",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "sending"), _negated=True),
                    models.Q(
                        ("lease_until__isnull", False), models.Q(("claim", ""), _negated=True)
                    ),
                    _connector="OR",
                ),
                name="outbox_sending_is_held",
            ),
        ),
        migrations.AddField(
            model_name="outboxattempt",
            name="message",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="tries",
                to="core.outboxmessage",
            ),
        ),
    ]
