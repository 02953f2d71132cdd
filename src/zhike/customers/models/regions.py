from django.db import models

from zhike.customers.choices import RegionLevel


class Region(models.Model):
    """A place in the company's own tree. `path` lists the ids from the root, so a subtree is one prefix."""

    name = models.CharField(max_length=60)
    # "河南省周口市商水县": what a list shows without walking the tree.
    full_name = models.CharField(max_length=200, blank=True)
    level = models.CharField(max_length=10, choices=RegionLevel.choices)
    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="children"
    )
    path = models.CharField(max_length=200, db_index=True, blank=True)
    position = models.IntegerField(default=0)
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["parent", "name"], name="region_name_within_parent"),
            # NULL parents are all different to a database, so the top level needs its own rule.
            models.UniqueConstraint(
                fields=["name"],
                condition=models.Q(parent__isnull=True),
                name="region_name_at_top",
            ),
        ]

    def __str__(self) -> str:
        return self.full_name or self.name
