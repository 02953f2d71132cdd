"""Search tokens begin with their stretch of ids: indexes made with the older function are made anew."""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from zhike.core.search.index import TOKENS


def make_anew(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    if editor.connection.vendor != "postgresql":
        return
    editor.execute(TOKENS)
    with editor.connection.cursor() as cursor:
        cursor.execute(
            "SELECT indexname FROM pg_indexes WHERE schemaname = current_schema() "
            "AND indexdef LIKE '%%zhike\\_tokens(%%'",
            [],
        )
        names = [name for (name,) in cursor.fetchall()]
    for name in names:
        editor.execute(f"REINDEX INDEX {editor.quote_name(name)}")


class Migration(migrations.Migration):
    dependencies = [("core", "0010_watched_calendar")]
    operations = [migrations.RunPython(make_anew, migrations.RunPython.noop)]
