from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0014_access_rules"),
        ("complaints", "0011_case_unit_known"),
        ("desk", "0013_escalation"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name="notice",
            index=models.Index(
                condition=models.Q(("answered_at__isnull", True), ("state", "sent")),
                fields=["id"],
                name="notice_owed_id",
            ),
        ),
        migrations.AddIndex(
            model_name="notice",
            index=models.Index(
                condition=models.Q(("check_told_at__isnull", True), ("state", "answered")),
                fields=["id"],
                name="notice_unchecked_id",
            ),
        ),
    ]
