from django.db import migrations

from zhike.core import settled


class Migration(migrations.Migration):
    dependencies = [("core", "0008_stamp"), ("customers", "0002_search_and_regions")]
    operations = [
        settled.watch("customers_customfielddefinition"),
    ]
