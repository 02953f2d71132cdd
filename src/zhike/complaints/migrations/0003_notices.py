import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from zhike.core.search import index_operations


class Migration(migrations.Migration):
    dependencies = [
        ("complaints", "0002_begin"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="notice",
            name="answer_minutes",
            field=models.IntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="notice",
            name="answered_by",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="notice",
            name="check_told_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="notice",
            name="overdue_told_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="notice",
            name="returned_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="notice",
            name="warned_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="notice",
            name="folded",
            field=models.TextField(blank=True, editable=False),
        ),
        migrations.AddField(
            model_name="notice",
            name="bigrams",
            field=models.TextField(blank=True, editable=False),
        ),
        migrations.AddIndex(
            model_name="notice",
            index=models.Index(fields=["sent_by", "-id"], name="notice_sender"),
        ),
        *index_operations("complaints_notice"),
    ]
