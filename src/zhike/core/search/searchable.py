from typing import Any

from django.db import models

from zhike.core.search.fold import bigrams, fold


class Searchable(models.Model):
    """A model one can search: `folded` is the text a hit is checked against, `bigrams` what the index holds."""

    folded = models.TextField(blank=True, editable=False)
    bigrams = models.TextField(blank=True, editable=False)

    class Meta:
        abstract = True

    def search_text(self) -> str:
        """The words by which this row is found; parts on lines of their own."""
        raise NotImplementedError

    def refresh_search(self) -> None:
        """Call before saving (bulk inserts too)."""
        self.folded = fold(self.search_text())
        self.bigrams = bigrams(self.folded)

    def save(self, *args: Any, **kwargs: Any) -> None:
        fields = kwargs.get("update_fields")
        if fields is None:
            self.refresh_search()
        super().save(*args, **kwargs)
