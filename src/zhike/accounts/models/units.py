from django.db import models
from django.utils.translation import gettext_lazy as _


class UnitKind(models.TextChoices):
    COMPANY = "company", _("Company")
    REGION = "region", _("Region")
    DEPARTMENT = "department", _("Department")
    DEALER = "dealer", _("Dealer")


class Unit(models.Model):
    """An org unit. `path` lists the ids from the root ("/1/4/"), so a subtree is one prefix."""

    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=12, choices=UnitKind.choices, default=UnitKind.DEPARTMENT)
    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="children"
    )
    path = models.CharField(max_length=200, db_index=True, blank=True)
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["parent", "name"], name="unit_name_within_parent")
        ]

    def __str__(self) -> str:
        return self.name
