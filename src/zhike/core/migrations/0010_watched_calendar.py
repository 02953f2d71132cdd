from django.db import migrations

from zhike.core import settled


class Migration(migrations.Migration):
    """Plans and calendars are read with every case page; every change of a calendar gives its row a new version."""

    dependencies = [("core", "0009_due_purposes")]
    operations = [
        settled.watch("core_dueplan"),
        settled.watch("core_workcalendar"),
    ]
