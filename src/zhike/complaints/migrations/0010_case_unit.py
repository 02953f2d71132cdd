import django.db.models.deletion
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

MODELS = ("notice", "remedy", "approval")


def fill(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    for name in MODELS:
        table = f"complaints_{name}"
        editor.execute(
            f"UPDATE {table} SET case_unit_id = "
            f"(SELECT unit_id FROM desk_case WHERE desk_case.id = {table}.case_id)"
        )


class Migration(migrations.Migration):
    """Filled apart from being closed: PostgreSQL alters no table in the transaction that has just filled it."""

    dependencies = [
        ("accounts", "0004_complaint_permissions"),
        ("complaints", "0009_notice_state"),
        ("desk", "0010_week_indexes"),
    ]
    operations = [
        *(
            migrations.AddField(
                model_name=name,
                name="case_unit",
                field=models.ForeignKey(
                    db_index=False,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="accounts.unit",
                ),
            )
            for name in MODELS
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
