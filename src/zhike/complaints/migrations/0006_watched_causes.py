from django.db import migrations, models
from django.db.models import Q

from zhike.core import settled


class Migration(migrations.Migration):
    dependencies = [("core", "0008_stamp"), ("complaints", "0005_unconfirmed")]
    operations = [
        settled.watch("complaints_cause"),
        migrations.AddIndex(
            model_name="notice",
            index=models.Index(fields=["due_at", "id"], name="notice_due"),
        ),
        migrations.AddIndex(
            model_name="notice",
            index=models.Index(
                condition=Q(("answered_at__isnull", False)),
                fields=["answered_at", "id"],
                name="notice_answered",
            ),
        ),
    ]
