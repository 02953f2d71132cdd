"""The register, with what every installation starts with."""

from typing import Any

from django.db import migrations, models

from zhike.core import settled
from zhike.reference.seeds import first_rows


def seed(apps: Any, editor: Any) -> None:
    values = apps.get_model("reference", "ReferenceValue")
    values.objects.bulk_create(values(**row) for row in first_rows())


class Migration(migrations.Migration):
    initial = True

    dependencies = [("core", "0008_stamp")]

    operations = [
        migrations.CreateModel(
            name="ReferenceValue",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.CharField(blank=True, editable=False, max_length=40)),
                ("measure", models.CharField(max_length=80)),
                ("place", models.IntegerField()),
                (
                    "low",
                    models.DecimalField(blank=True, decimal_places=4, max_digits=16, null=True),
                ),
                (
                    "high",
                    models.DecimalField(blank=True, decimal_places=4, max_digits=16, null=True),
                ),
                ("unit", models.CharField(blank=True, max_length=20)),
                ("base", models.CharField(blank=True, max_length=120)),
                ("said_by", models.CharField(blank=True, max_length=120)),
                ("source", models.CharField(blank=True, max_length=200)),
                ("year", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("note", models.CharField(blank=True, max_length=300)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ["place", "id"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("code", ""), _negated=True),
                        fields=("code",),
                        name="reference_code_once",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("code", ""), ("ended_at__isnull", True)),
                        fields=("measure", "said_by"),
                        name="reference_said_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("low__isnull", False), ("high__isnull", False), _connector="OR"
                        ),
                        name="reference_has_value",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("low__isnull", True),
                            ("high__isnull", True),
                            ("low__lte", models.F("high")),
                            _connector="OR",
                        ),
                        name="reference_range_rises",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("code", ""), _negated=True),
                            models.Q(
                                models.Q(("said_by", ""), _negated=True),
                                models.Q(
                                    models.Q(("unit", "percent"), _negated=True),
                                    models.Q(("base", ""), _negated=True),
                                    _connector="OR",
                                ),
                            ),
                            _connector="OR",
                        ),
                        name="reference_says_of_what",
                    ),
                ],
            },
        ),
        migrations.RunPython(seed, migrations.RunPython.noop),
        settled.watch("reference_referencevalue"),
    ]
