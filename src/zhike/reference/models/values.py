from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import pgettext

from zhike.reference.rules import measure_label, value_text
from zhike.reference.seeds import PERCENT, SEEDS


class ReferenceValue(models.Model):
    """A figure somebody else gives, with what it is a share of and who says so.

    Several of one measure stand side by side, whether they agree or not. Built-in ones have a code; their texts
    are translated until somebody writes others, so that the columns stay empty.
    """

    code = models.CharField(max_length=40, blank=True, editable=False)
    # A key of `MEASURES`, or words of one's own.
    measure = models.CharField(max_length=80)
    place = models.IntegerField()
    # One number, or a range; without `low` it means “up to”.
    low = models.DecimalField(max_digits=16, decimal_places=4, null=True, blank=True)
    high = models.DecimalField(max_digits=16, decimal_places=4, null=True, blank=True)
    # A key of `UNITS`, or words of one's own.
    unit = models.CharField(max_length=20, blank=True)
    base = models.CharField(max_length=120, blank=True)
    said_by = models.CharField(max_length=120, blank=True)
    source = models.CharField(max_length=200, blank=True)
    year = models.PositiveSmallIntegerField(null=True, blank=True)
    note = models.CharField(max_length=300, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["place", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["code"], condition=~Q(code=""), name="reference_code_once"
            ),
            # Whoever says something of a measure says one thing.
            models.UniqueConstraint(
                fields=["measure", "said_by"],
                condition=Q(code="", ended_at__isnull=True),
                name="reference_said_once",
            ),
            models.CheckConstraint(
                condition=Q(low__isnull=False) | Q(high__isnull=False), name="reference_has_value"
            ),
            models.CheckConstraint(
                condition=Q(low__isnull=True) | Q(high__isnull=True) | Q(low__lte=F("high")),
                name="reference_range_rises",
            ),
            models.CheckConstraint(
                condition=~Q(code="") | (~Q(said_by="") & (~Q(unit=PERCENT) | ~Q(base=""))),
                name="reference_says_of_what",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.label}: {self.value}"

    @property
    def label(self) -> str:
        return measure_label(self.measure)

    @property
    def value(self) -> str:
        return value_text(self.low, self.high, self.unit)

    @property
    def value_and_base(self) -> str:
        """4% of all unhappy customers."""
        if not self.base_text:
            return self.value
        words = pgettext("value and base", "%(value)s %(base)s")
        return words % {"value": self.value, "base": self.base_text}

    @property
    def base_text(self) -> str:
        return self.base or self._built_in("base")

    @property
    def said_by_text(self) -> str:
        return self.said_by or self._built_in("said_by")

    @property
    def note_text(self) -> str:
        return self.note or self._built_in("note")

    def _built_in(self, field: str) -> str:
        seed: Any = SEEDS.get(self.code)
        return "" if seed is None else str(getattr(seed, field))
