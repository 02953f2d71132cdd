from decimal import Decimal
from typing import Any

from django.db import models

from zhike.core.search import Searchable


class Feedback(Searchable):
    """A customer's words, as heard: a review, a remark, a letter. Its rating carries its own scale."""

    text = models.TextField()
    rating = models.DecimalField(max_digits=7, decimal_places=2, null=True, blank=True)
    rating_min = models.DecimalField(max_digits=7, decimal_places=2, null=True, blank=True)
    rating_max = models.DecimalField(max_digits=7, decimal_places=2, null=True, blank=True)
    # Where in its scale the rating stands, 0 to 1: what lists of mixed scales are filtered by.
    rating_ratio = models.FloatField(null=True, blank=True)
    said_on = models.DateField()
    source = models.CharField(max_length=60, blank=True)
    customer = models.ForeignKey(
        "customers.Customer",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="feedback",
    )
    unit = models.ForeignKey("accounts.Unit", on_delete=models.PROTECT, related_name="+")
    # The case it was turned into.
    case = models.ForeignKey(
        "desk.Case",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="feedback",
    )
    external_id = models.CharField(max_length=120, blank=True)
    import_run_id = models.BigIntegerField(null=True, blank=True)
    recorded_at = models.DateTimeField()
    voided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["unit", "-said_on", "-id"], name="feedback_unit_day"),
            models.Index(fields=["-said_on", "-id"], name="feedback_day"),
            models.Index(fields=["source", "-id"], name="feedback_source"),
            models.Index(fields=["customer", "-id"], name="feedback_customer"),
            models.Index(fields=["import_run_id"], name="feedback_import"),
        ]
        constraints = [
            models.CheckConstraint(
                name="feedback_rating_has_scale",
                condition=models.Q(rating__isnull=True)
                | models.Q(
                    rating__gte=models.F("rating_min"),
                    rating__lte=models.F("rating_max"),
                    rating_min__lt=models.F("rating_max"),
                ),
            ),
        ]

    def search_text(self) -> str:
        return f"{self.text}\n{self.source}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.refresh_ratio()
        super().save(*args, **kwargs)

    def refresh_ratio(self) -> None:
        """Call before saving in bulk."""
        self.rating_ratio = ratio_of(self.rating, self.rating_min, self.rating_max)


def ratio_of(rating: Decimal | None, low: Decimal | None, high: Decimal | None) -> float | None:
    if rating is None or low is None or high is None or high <= low:
        return None
    return round(float((rating - low) / (high - low)), 4)
