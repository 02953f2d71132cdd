from django.conf import settings
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from zhike.core import clock


def forwards(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    """Cases from before there were alarms: what was late by now is told to nobody, what is to come is looked for."""
    now = clock.now()
    cases = apps.get_model("desk", "Case")._default_manager
    rows = cases.filter(closed_at__isnull=True, told__isnull=True, alarm_at__isnull=True)
    rows.update(told={"before": now.isoformat()}, alarm_at=now)


class Migration(migrations.Migration):
    dependencies = [
        ("desk", "0014_legal_clocks"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
