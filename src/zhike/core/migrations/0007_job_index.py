"""An index for the worker's questions: what is ready, what runs.

The package's own index is partial (`WHERE status = 'READY'`). SQLite cannot use it for a bound parameter, and
would read the whole table five times a second.
"""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0006_calendar_seed"),
        ("django_tasks_database", "0021_conditional_partial_index_ordering"),
    ]

    operations = [
        migrations.RunSQL(
            "CREATE INDEX core_job_status ON django_tasks_database_dbtaskresult "
            "(status, priority DESC, run_after, enqueued_at)",
            "DROP INDEX core_job_status",
        )
    ]
