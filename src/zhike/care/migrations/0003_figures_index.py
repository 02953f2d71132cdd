from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("care", "0002_seed")]
    operations = [
        migrations.RemoveIndex(model_name="followup", name="follow_up_unit_due"),
        migrations.AddIndex(
            model_name="followup",
            index=models.Index(
                fields=["unit", "due_at", "id"],
                include=["case", "state", "result", "attempts", "done_at"],
                name="follow_up_unit_due",
            ),
        ),
    ]
