"""The search indexes of cases and messages, and the built-in kinds of case."""

from typing import Any

from django.db import migrations

from zhike.core.search import index_operations
from zhike.desk.case_types import BUILTIN_TYPES


def seed(apps: Any, editor: Any) -> None:
    kinds = apps.get_model("desk", "CaseType")
    for place, kind in enumerate(BUILTIN_TYPES, 1):
        kinds.objects.get_or_create(
            code=kind.code,
            defaults={"prefix": kind.prefix, "is_builtin": True, "place": place * 10},
        )


class Migration(migrations.Migration):
    dependencies = [("desk", "0001_initial")]

    operations = [
        *index_operations("desk_case"),
        *index_operations("desk_caseevent"),
        migrations.RunPython(seed, migrations.RunPython.noop),
    ]
