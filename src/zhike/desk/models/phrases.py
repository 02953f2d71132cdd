from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from zhike.desk.data.phrases import FAMILIES
from zhike.desk.phrases import Entry, PhraseKind, exceptions_of

KINDS = (
    (PhraseKind.FORBIDDEN.value, _("Never to customers")),
    (PhraseKind.LABEL.value, pgettext_lazy("phrase", "Label")),
)


class Phrase(models.Model):
    """Words not to be said to customers, or about them. Built-in ones carry a translated reason."""

    pattern = models.CharField(max_length=200, unique=True)
    kind = models.CharField(max_length=12, choices=KINDS)
    # Of built-in phrases; of one's own it is empty.
    family = models.CharField(max_length=20, blank=True)
    why = models.CharField(max_length=120, blank=True)
    better = models.CharField(max_length=120, blank=True)
    # Patterns of surroundings in which it is harmless, one a line.
    exceptions = models.TextField(blank=True)
    is_active = models.BooleanField(default=True)
    is_builtin = models.BooleanField(default=False)

    class Meta:
        ordering = ["id"]

    @property
    def reason(self) -> Any:
        """Its own words, else what is said of the family."""
        family = FAMILIES.get(self.family)
        return self.why or (family.why if family is not None else "")

    def entry(self) -> Entry:
        return Entry(
            id=self.pk,
            pattern=self.pattern,
            kind=PhraseKind(self.kind),
            exceptions=exceptions_of(self.exceptions),
            why=self.reason,
            better=self.better,
        )
