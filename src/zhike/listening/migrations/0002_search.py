from django.db import migrations

from zhike.core.search import index_operations


class Migration(migrations.Migration):
    dependencies = [("listening", "0001_initial")]
    operations = [*index_operations("listening_feedback")]
