from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("complaints", "0008_papers_only")]
    operations = [
        migrations.AddIndex(
            model_name="notice",
            index=models.Index(fields=["state", "sent_at", "id"], name="notice_state_sent"),
        ),
    ]
