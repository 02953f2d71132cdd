from django.db import models

from zhike.customers.choices import CustomerKind, FieldKind
from zhike.customers.models.customers import Customer


class CustomFieldDefinition(models.Model):
    """A field the company added to its customer file. Values lie in `Customer.custom` under `code`."""

    code = models.CharField(max_length=40, unique=True)
    label = models.CharField(max_length=40)
    help = models.CharField(max_length=120, blank=True)
    kind = models.CharField(max_length=8, choices=FieldKind.choices)
    choices = models.JSONField(default=list, blank=True)
    # Empty: people and organisations alike.
    applies_to = models.CharField(max_length=12, choices=CustomerKind.choices, blank=True)
    required = models.BooleanField(default=False)
    filterable = models.BooleanField(default=False)
    # About the person themselves: a role may be shown a part of it, or nothing.
    is_personal = models.BooleanField(default=False)
    position = models.IntegerField(default=0)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.label


class CustomFieldValue(models.Model):
    """The index of filterable values; `Customer.custom` is the record, this follows it."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="field_values")
    definition = models.ForeignKey(
        CustomFieldDefinition, on_delete=models.CASCADE, related_name="values"
    )
    text = models.CharField(max_length=200, blank=True)
    number = models.DecimalField(max_digits=18, decimal_places=4, null=True)
    day = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["customer", "definition"], name="field_value_once")
        ]
        indexes = [
            models.Index(fields=["definition", "text", "customer"], name="field_value_text"),
            models.Index(fields=["definition", "number", "customer"], name="field_value_number"),
            models.Index(fields=["definition", "day", "customer"], name="field_value_day"),
        ]
