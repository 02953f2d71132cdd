from django.db import models

from zhike.customers.choices import Channel
from zhike.customers.models.customers import Customer
from zhike.customers.models.regions import Region


class Identity(models.Model):
    """A phone number, e-mail, account: sealed, found by its blind index, shown by `masked`."""

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="identities")
    channel = models.CharField(max_length=12, choices=Channel.choices)
    value_sealed = models.TextField()
    value_blind = models.CharField(max_length=40)
    head = models.CharField(max_length=8, blank=True)
    last4 = models.CharField(max_length=8, blank=True)
    masked = models.CharField(max_length=80)
    # How it stands in the customer's search column: a blind token, or the number itself where it is no secret.
    word = models.CharField(max_length=60, blank=True)
    label = models.CharField(max_length=30, blank=True)
    is_primary = models.BooleanField(default=False)
    added_at = models.DateTimeField()
    added_by_name = models.CharField(max_length=80, blank=True)
    verified_at = models.DateTimeField(null=True, blank=True)
    voided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["channel", "value_blind"],
                condition=models.Q(voided_at__isnull=True),
                name="identity_once",
            )
        ]
        indexes = [
            models.Index(fields=["customer", "voided_at"], name="identity_customer"),
            models.Index(fields=["channel", "last4"], name="identity_last4"),
        ]


class Address(models.Model):
    """An exact address is sealed; the region stays clear, for lists and figures."""

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="addresses")
    region = models.ForeignKey(Region, on_delete=models.PROTECT, null=True, related_name="+")
    text_sealed = models.TextField()
    label = models.CharField(max_length=30, blank=True)
    is_primary = models.BooleanField(default=False)
    added_at = models.DateTimeField()
    added_by_name = models.CharField(max_length=80, blank=True)
    voided_at = models.DateTimeField(null=True, blank=True)
