from typing import Any

from django.db import models

from zhike.desk.case_types import TYPE_LABELS


class CaseType(models.Model):
    """A kind of case. Built-in kinds carry translated words, own kinds the words they were given."""

    code = models.CharField(max_length=30, unique=True)
    name = models.CharField(max_length=40, blank=True)
    # Of the numbers given out from now on; numbers already given never change.
    prefix = models.CharField(max_length=4)
    is_builtin = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    place = models.IntegerField(default=100)

    class Meta:
        ordering = ["place", "id"]

    @property
    def label(self) -> Any:
        return self.name or TYPE_LABELS.get(self.code, self.code)

    def __str__(self) -> str:
        return str(self.label)
