from django.db import models
from django.db.models import Q

from zhike.customers.models import Customer
from zhike.satisfaction.choices import LeftOut


class Delivery(models.Model):
    """What was told about something that was delivered, so that its customer can be asked about it.

    No order and no shipment: what was ordered, sent and under warranty belongs to a room `products` below this
    one. Its event will then tell of a delivery through the service that API, file and form call.
    """

    # Which program or list told it, and the number it has there.
    source = models.CharField(max_length=40, blank=True)
    reference = models.CharField(max_length=80, blank=True)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="deliveries_told")
    unit = models.ForeignKey("accounts.Unit", on_delete=models.PROTECT, related_name="+")
    what = models.CharField(max_length=200, blank=True)
    delivered_at = models.DateTimeField()
    told_at = models.DateTimeField()
    told_by_name = models.CharField(max_length=80, blank=True)
    # Why no rule was asked to look at it; empty: they did.
    left_out = models.CharField(max_length=8, choices=LeftOut.choices, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by_name = models.CharField(max_length=80, blank=True)
    # Of the form or the caller: sent twice, it is one delivery.
    submit_key = models.CharField(max_length=64, blank=True)
    import_run_id = models.BigIntegerField(null=True, blank=True)

    class Meta:
        constraints = [
            # One that was told wrongly and withdrawn can be told again; one whose customer was erased has none.
            models.UniqueConstraint(
                fields=["source", "reference"],
                condition=Q(withdrawn_at__isnull=True) & ~Q(reference=""),
                name="delivery_told_once",
            ),
            models.UniqueConstraint(
                fields=["submit_key"], condition=~Q(submit_key=""), name="delivery_submitted_once"
            ),
        ]
        indexes = [
            models.Index(fields=["unit", "-id"], name="delivery_unit"),
            models.Index(fields=["-delivered_at", "-id"], name="delivery_day"),
        ]
