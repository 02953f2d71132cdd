from django.db import migrations

from zhike.core import settled


class Migration(migrations.Migration):
    dependencies = [("core", "0008_stamp"), ("desk", "0003_own_day")]
    operations = [
        settled.watch("desk_casetype"),
    ]
