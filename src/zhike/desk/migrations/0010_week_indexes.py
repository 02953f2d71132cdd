from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("desk", "0009_open_statistics")]
    operations = [
        migrations.RemoveIndex(model_name="case", name="case_type_opened"),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=Q(("voided_at__isnull", True)),
                fields=["type", "opened_at", "unit", "id"],
                name="case_type_opened",
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=Q(("closed_at__isnull", True), ("voided_at__isnull", True)),
                fields=["unit", "opened_at"],
                name="case_open_age",
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=Q(("voided_at__isnull", False)), fields=["id"], name="case_voided"
            ),
        ),
    ]
