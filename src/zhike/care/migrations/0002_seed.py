from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from zhike.care.data.scripts import plant
from zhike.core import clock


def forwards(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    plant(apps, clock.now())


class Migration(migrations.Migration):
    dependencies = [("care", "0001_initial"), ("complaints", "0002_begin")]
    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
