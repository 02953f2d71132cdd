"""The list of phrases, with what every installation starts with."""

from typing import Any

from django.db import migrations, models

from zhike.core import settled
from zhike.desk.data.phrases import first_rows


def seed(apps: Any, editor: Any) -> None:
    phrases = apps.get_model("desk", "Phrase")
    phrases.objects.bulk_create(phrases(**row) for row in first_rows())


class Migration(migrations.Migration):
    dependencies = [("core", "0008_stamp"), ("desk", "0006_further_lines")]

    operations = [
        migrations.CreateModel(
            name="Phrase",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("pattern", models.CharField(max_length=200, unique=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[("forbidden", "Never to customers"), ("label", "Label")],
                        max_length=12,
                    ),
                ),
                ("family", models.CharField(blank=True, max_length=20)),
                ("why", models.CharField(blank=True, max_length=120)),
                ("better", models.CharField(blank=True, max_length=120)),
                ("exceptions", models.TextField(blank=True)),
                ("is_active", models.BooleanField(default=True)),
                ("is_builtin", models.BooleanField(default=False)),
            ],
            options={"ordering": ["id"]},
        ),
        migrations.RunPython(seed, migrations.RunPython.noop),
        settled.watch("desk_phrase"),
    ]
