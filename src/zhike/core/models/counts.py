from django.db import models


class CountRow(models.Model):
    """+1/−1 rows of a counter; a job folds them into one row a group, so that no row is hot."""

    metric = models.CharField(max_length=40)
    unit_id = models.BigIntegerField(null=True)
    state = models.CharField(max_length=30, blank=True)
    kind = models.CharField(max_length=30, blank=True)
    owner_id = models.BigIntegerField(null=True)
    n = models.BigIntegerField()

    class Meta:
        indexes = [models.Index(fields=["metric", "unit_id", "state"], name="count_group")]
