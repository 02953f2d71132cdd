from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("complaints", "0004_remedies")]
    operations = [
        migrations.AddField(
            model_name="complaint",
            name="unconfirmed",
            field=models.CharField(
                blank=True,
                choices=[
                    ("unreachable", "Not reachable at the follow-up"),
                    ("called_off", "Follow-up called off"),
                    ("no_customer", "No customer known to ask"),
                    ("not_visited", "Not followed up by the rules"),
                ],
                max_length=12,
            ),
        ),
        migrations.AddIndex(
            model_name="complaint",
            index=models.Index(
                condition=models.Q(
                    models.Q(("unconfirmed", ""), _negated=True), ("archived_at__isnull", True)
                ),
                fields=["-case"],
                name="complaint_to_archive",
            ),
        ),
    ]
