from typing import Any

from django.db import models

from zhike.complaints.cause_seeds import CAUSE_LABELS


class Cause(models.Model):
    """Why something went wrong: a tree the company keeps itself. Built-in ones carry translated words.

    `path` lists the ids from the root ("/1/4/"), so a subtree is one prefix.
    """

    code = models.CharField(max_length=40, null=True, blank=True, unique=True)
    name = models.CharField(max_length=60, blank=True)
    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="children"
    )
    path = models.CharField(max_length=200, db_index=True, blank=True)
    place = models.IntegerField(default=100)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["place", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["parent", "name"],
                condition=~models.Q(name=""),
                name="cause_name_within_parent",
            )
        ]

    def __str__(self) -> str:
        return str(self.label)

    @property
    def label(self) -> Any:
        return self.name or CAUSE_LABELS.get(self.code or "", self.code or "")
