"""The chain's links know the link before them. None was written so far, so the table is made anew."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

TABLE = "core_auditseal"


def refuse_changes(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    """As 0002 does: the triggers went with the old table."""
    if editor.connection.vendor == "postgresql":
        editor.execute(
            f"CREATE TRIGGER {TABLE}_append_only BEFORE UPDATE OR DELETE ON {TABLE} "
            "FOR EACH ROW EXECUTE FUNCTION zhike_refuse_change()"
        )
        return
    for verb in ("UPDATE", "DELETE"):
        editor.execute(
            f"CREATE TRIGGER {TABLE}_no_{verb.lower()} BEFORE {verb} ON {TABLE} "
            "BEGIN SELECT RAISE(ABORT, 'The audit log is append-only.'); END"
        )


class Migration(migrations.Migration):
    dependencies = [("core", "0011_search_stretches")]
    operations = [
        migrations.DeleteModel("AuditSeal"),
        migrations.CreateModel(
            name="AuditSeal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("previous", models.CharField(max_length=64, unique=True)),
                ("digest", models.CharField(max_length=64)),
                ("at", models.DateTimeField()),
                (
                    "audit",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="seal",
                        to="core.auditrow",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="AuditCheck",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField()),
                ("rows", models.BigIntegerField()),
                ("head", models.CharField(blank=True, max_length=64)),
                ("fault", models.CharField(blank=True, max_length=20)),
                ("fault_row", models.BigIntegerField(null=True)),
            ],
        ),
        migrations.RunPython(refuse_changes, migrations.RunPython.noop),
    ]
