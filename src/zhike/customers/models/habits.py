from django.db import models

from zhike.customers.choices import NeedKind, NeedState
from zhike.customers.models.customers import Customer


class Preference(models.Model):
    """A line of the guest history: a taste or habit, who noticed it and when."""

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="preferences")
    topic = models.CharField(max_length=40, blank=True)
    value = models.CharField(max_length=200)
    source = models.CharField(max_length=80, blank=True)
    # "No calls 4:00–8:00": to be read before anybody speaks to the customer.
    is_caution = models.BooleanField(default=False)
    at = models.DateTimeField()
    author_id = models.BigIntegerField(null=True)
    author_name = models.CharField(max_length=80)
    voided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["customer", "voided_at", "-at"], name="preference_customer")
        ]


class Need(models.Model):
    """Something wanted and not had: a need, a setback, an expectation, a suggestion."""

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="needs")
    kind = models.CharField(max_length=14, choices=NeedKind.choices)
    text = models.CharField(max_length=300)
    state = models.CharField(max_length=8, choices=NeedState.choices, default=NeedState.OPEN)
    at = models.DateTimeField()
    author_id = models.BigIntegerField(null=True)
    author_name = models.CharField(max_length=80)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by_name = models.CharField(max_length=80, blank=True)
    outcome = models.CharField(max_length=300, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["customer", "state"], name="need_customer"),
            models.Index(fields=["kind", "state", "-id"], name="need_kind"),
        ]
