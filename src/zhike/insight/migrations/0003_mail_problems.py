from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("insight", "0002_never_changed"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="weeklymail",
            name="attempts",
            field=models.SmallIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="weeklymail",
            name="begun_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="weeklymail",
            name="failed_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="weeklymail",
            name="problem",
            field=models.CharField(
                blank=True,
                choices=[
                    ("away", "The mail server cannot be reached or asks to come back later."),
                    ("setup", "The mail server cannot be used as it is set up (ZHIKE_EMAIL_URL)."),
                    ("refused", "The mail server refuses this mail."),
                    (
                        "unknown",
                        "The mail server broke off before it confirmed; it may have arrived.",
                    ),
                ],
                max_length=8,
            ),
        ),
        migrations.AddField(
            model_name="weeklymail",
            name="said",
            field=models.CharField(blank=True, max_length=300),
        ),
        migrations.AlterField(
            model_name="weeklymail",
            name="sent_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddConstraint(
            model_name="weeklymail",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("sent_at__isnull", True),
                    models.Q(("begun_at__isnull", True), ("problem", "")),
                    _connector="OR",
                ),
                name="weekly_mail_sent_or_problem",
            ),
        ),
    ]
