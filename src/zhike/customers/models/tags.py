from django.db import models

from zhike.customers.models.customers import Customer


class Tag(models.Model):
    name = models.CharField(max_length=20, unique=True)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class CustomerTag(models.Model):
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="tag_links")
    tag = models.ForeignKey(Tag, on_delete=models.PROTECT, related_name="customer_links")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["customer", "tag"], name="tag_once")]
        indexes = [models.Index(fields=["tag", "customer"], name="customer_tag_tag")]
