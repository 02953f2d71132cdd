from django.db import models


class ContactCase(models.Model):
    """The case that was opened for somebody who left with their answers how to reach them."""

    contact = models.OneToOneField(
        "surveys.AnswerContact", on_delete=models.PROTECT, related_name="opened"
    )
    case = models.OneToOneField("desk.Case", on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()
    opened_by_name = models.CharField(max_length=80, blank=True)
