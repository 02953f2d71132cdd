from typing import ClassVar

from django.db import models


class Settlement(models.Model):
    """One day of one unit, with everything below it, as it was counted when the day was over. Never changed."""

    day = models.DateField()
    unit = models.ForeignKey("accounts.Unit", on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    version = models.SmallIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["unit", "day"], name="settlement_once"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["day"], name="settlement_day"),
        ]


class Frozen(models.Model):
    """A figure with the ids of its rows, as counted once. One without any row is not kept: it is nought."""

    key = models.CharField(max_length=30)
    # A count of rows, or an amount in cents.
    numerator = models.BigIntegerField()
    denominator = models.BigIntegerField(null=True, blank=True)
    # {"type": {"complaint": 3}, …}
    parts = models.JSONField(default=dict, blank=True)
    row_ids = models.BinaryField()
    digest = models.CharField(max_length=64)

    class Meta:
        abstract = True


class SettledFigure(Frozen):
    settlement = models.ForeignKey(Settlement, on_delete=models.PROTECT, related_name="figures")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["settlement", "key"], name="settled_figure_once"),
        ]


class SettlementCheck(models.Model):
    """How many figures of a settled day would be counted differently, when somebody last looked."""

    settlement = models.OneToOneField(
        Settlement, on_delete=models.PROTECT, primary_key=True, related_name="check_row"
    )
    checked_at = models.DateTimeField()
    differing = models.SmallIntegerField()
