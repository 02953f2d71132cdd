from django.db import migrations

from zhike.core import settled


class Migration(migrations.Migration):
    dependencies = [("core", "0008_stamp"), ("web", "0001_initial")]
    operations = [
        settled.watch("web_list_preference"),
        settled.watch("web_savedview"),
    ]
