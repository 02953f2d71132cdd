from django.db import models
from django.db.models import Q

from zhike.surveys.models.surveys import Survey


class QuotaPlace(models.Model):
    """How many complete answers fall under a quota: one row, locked while an answer becomes complete."""

    survey = models.ForeignKey(Survey, on_delete=models.CASCADE, related_name="+")
    question = models.CharField(max_length=24)
    value = models.CharField(max_length=24)
    taken = models.IntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["survey", "question", "value"], name="survey_quota_place_once"
            ),
            models.CheckConstraint(name="survey_quota_place_counted", condition=Q(taken__gte=0)),
        ]
