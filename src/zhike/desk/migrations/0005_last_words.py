from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("desk", "0004_watched_types")]
    operations = [
        migrations.AlterField(
            model_name="case",
            name="last_from",
            field=models.CharField(
                blank=True,
                choices=[("customer", "Customer"), ("staff", "Staff"), ("call", "Call")],
                max_length=10,
            ),
        ),
    ]
