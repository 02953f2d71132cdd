from django.db import migrations, models

from zhike.core import settled


class Migration(migrations.Migration):
    dependencies = [("core", "0007_job_index")]
    operations = [
        migrations.CreateModel(
            name="Stamp",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("value", models.CharField(max_length=36)),
            ],
        ),
        settled.create_stamp(),
    ]
