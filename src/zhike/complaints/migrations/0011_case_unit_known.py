import django.db.models.deletion
from django.db import migrations, models

from zhike.core.search import altering


def known(name: str) -> migrations.AlterField:
    return migrations.AlterField(
        model_name=name,
        name="case_unit",
        field=models.ForeignKey(
            db_index=False,
            on_delete=django.db.models.deletion.PROTECT,
            related_name="+",
            to="accounts.unit",
        ),
    )


class Migration(migrations.Migration):
    dependencies = [("complaints", "0010_case_unit")]
    operations = [
        *altering("complaints_notice", known("notice")),
        known("remedy"),
        known("approval"),
    ]
