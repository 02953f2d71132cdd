from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from zhike.core.calendar.seeds import plant


def forwards(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    plant(apps)


class Migration(migrations.Migration):
    dependencies = [("core", "0005_calendar")]
    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
