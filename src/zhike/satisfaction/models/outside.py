from django.db import models
from django.db.models import F, Q

from zhike.satisfaction.models.indexes import IndicatorSystem


class OutsideIndex(models.Model):
    """An index somebody else tells, of a rival or a trade: shown beside ours, never computed with."""

    system = models.ForeignKey(IndicatorSystem, on_delete=models.PROTECT, related_name="outside")
    # Whose index it is: a rival, or the trade as a whole.
    name = models.CharField(max_length=80)
    since = models.DateField()
    until = models.DateField()
    score = models.FloatField()
    n = models.IntegerField(null=True, blank=True)
    # Who was asked, and who says so, where.
    base = models.CharField(max_length=120, blank=True)
    origin = models.CharField(max_length=200)
    made_at = models.DateTimeField()
    made_by_name = models.CharField(max_length=80, blank=True)
    # No longer shown; nothing is deleted.
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="outside_index_on_scale", condition=Q(score__gte=0) & Q(score__lte=100)
            ),
            models.CheckConstraint(name="outside_index_days", condition=Q(since__lte=F("until"))),
            models.UniqueConstraint(
                fields=["system", "name", "since", "until", "origin"],
                condition=Q(ended_at__isnull=True),
                name="outside_index_once",
            ),
        ]
