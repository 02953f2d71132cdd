from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("privacy", "0003_legal_hold"),
    ]

    operations = [
        migrations.AlterField(
            model_name="requeststep",
            name="kind",
            field=models.CharField(
                choices=[
                    ("received", "Taken in"),
                    ("identity", "Identity checked"),
                    ("package", "Copy made"),
                    ("consent", "Consents withdrawn"),
                    ("erased", "Erased"),
                    ("note", "Note"),
                    ("done", "Done"),
                    ("refused", "Refused"),
                    ("taken_back", "Taken back by the person"),
                    ("recounted", "Due time counted anew"),
                ],
                max_length=10,
            ),
        ),
    ]
