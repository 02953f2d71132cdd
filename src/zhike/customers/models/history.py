from django.db import models

from zhike.customers.choices import Stage
from zhike.customers.models.customers import Customer


class ChangeRow(models.Model):
    """One field of the file changed: before, after, who, when. Exact addresses are sealed."""

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="changes")
    version = models.IntegerField()
    field = models.CharField(max_length=60)
    before = models.TextField(blank=True)
    after = models.TextField(blank=True)
    is_sealed = models.BooleanField(default=False)
    at = models.DateTimeField()
    author_id = models.BigIntegerField(null=True)
    author_name = models.CharField(max_length=80)
    via = models.CharField(max_length=20, blank=True)
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        indexes = [models.Index(fields=["customer", "-id"], name="change_customer")]


class CustomerStageChange(models.Model):
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="stage_changes")
    before = models.CharField(max_length=12, choices=Stage.choices, blank=True)
    after = models.CharField(max_length=12, choices=Stage.choices)
    # The day it happened, which may lie before the day it was written down.
    day = models.DateField()
    reason = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField()
    author_id = models.BigIntegerField(null=True)
    author_name = models.CharField(max_length=80)

    class Meta:
        indexes = [models.Index(fields=["customer", "-id"], name="stage_change_customer")]


class TimelineEntry(models.Model):
    """A thin pointer to something that happened with a customer; the thing itself lives in its own room."""

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="timeline")
    at = models.DateTimeField()
    # How it is drawn: `zhike.customers.slots.TIMELINE_KINDS`.
    kind = models.CharField(max_length=30)
    room = models.CharField(max_length=20)
    object_type = models.CharField(max_length=60)
    object_id = models.BigIntegerField(null=True)
    unit_id = models.BigIntegerField(null=True)
    title = models.CharField(max_length=200, blank=True)
    actor_name = models.CharField(max_length=80, blank=True)
    voided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["customer", "-at", "-id"], name="timeline_customer"),
            models.Index(fields=["object_type", "object_id"], name="timeline_object"),
        ]
