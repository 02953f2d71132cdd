from django.db import migrations


class Migration(migrations.Migration):
    """Apart from the copying: PostgreSQL alters no table in the transaction that has just filled it."""

    dependencies = [("complaints", "0007_papers")]
    operations = [migrations.RemoveField(model_name="complaint", name="archive")]
