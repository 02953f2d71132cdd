from django.db import models
from django.db.models import Q

from zhike.satisfaction.choices import ImprovementState
from zhike.satisfaction.models.indexes import IndicatorSystem


class Improvement(models.Model):
    """What is done about an item that counts much and stands low: who, by when, and what came of it."""

    system = models.ForeignKey(
        IndicatorSystem, on_delete=models.PROTECT, related_name="improvements"
    )
    unit = models.ForeignKey("accounts.Unit", on_delete=models.PROTECT, related_name="+")
    # The item and its figures as they stood in the index it was made from.
    part = models.CharField(max_length=80)
    item_title = models.CharField(max_length=300)
    run_number = models.IntegerField()
    index_then = models.FloatField()
    gain_then = models.FloatField()
    what = models.CharField(max_length=200)
    responsible = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    responsible_name = models.CharField(max_length=80)
    due = models.DateField()
    state = models.CharField(
        max_length=8, choices=ImprovementState.choices, default=ImprovementState.OPEN
    )
    # What came of it, or why it was dropped.
    result = models.CharField(max_length=200, blank=True)
    made_at = models.DateTimeField()
    made_by_name = models.CharField(max_length=80, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by_name = models.CharField(max_length=80, blank=True)
    # Of the form or the caller: sent twice, it is one.
    submit_key = models.CharField(max_length=64, null=True, blank=True, unique=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="improvement_ended_with_result",
                condition=Q(state="open", ended_at__isnull=True, result="")
                | (~Q(state="open") & Q(ended_at__isnull=False) & ~Q(result="")),
            ),
        ]
        indexes = [
            models.Index(
                fields=["responsible", "due"], name="improvement_open", condition=Q(state="open")
            ),
            models.Index(fields=["system", "-id"], name="improvement_system"),
        ]
