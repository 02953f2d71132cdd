from django.db import models

from zhike.customers.choices import MergeState
from zhike.customers.models.customers import Customer


class MergeJournal(models.Model):
    """Two files became one: what was moved and changed, so that it can be taken apart again."""

    keep = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="merges_kept")
    drop = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="merges_dropped")
    state = models.CharField(max_length=8, choices=MergeState.choices, default=MergeState.DONE)
    reason = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField()
    author_id = models.BigIntegerField(null=True)
    author_name = models.CharField(max_length=80)
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by_name = models.CharField(max_length=80, blank=True)
    # {"field": [before, after]} of the kept file, sealed under its key.
    values_sealed = models.TextField(blank=True)
    rows_moved = models.IntegerField(default=0)

    class Meta:
        indexes = [models.Index(fields=["keep", "-id"], name="merge_keep")]


class MergeStep(models.Model):
    """Up to 500 rows of one table in which one column was changed from `before` to `after`."""

    journal = models.ForeignKey(MergeJournal, on_delete=models.PROTECT, related_name="steps")
    model = models.CharField(max_length=80)
    field = models.CharField(max_length=60)
    before = models.JSONField()
    after = models.JSONField()
    ids = models.JSONField(default=list)
