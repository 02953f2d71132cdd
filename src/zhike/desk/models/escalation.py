from django.db import models
from django.db.models import Q
from django.utils.translation import pgettext_lazy

from zhike.core.models import DueUnit


class Receiver(models.TextChoices):
    """Who is told; found anew each time, so a change of people needs no change here."""

    OWNER = "owner", pgettext_lazy("escalation", "The owner")
    SUPERVISORS = "supervisors", pgettext_lazy("escalation", "Supervisors of the unit")
    ABOVE = "above", pgettext_lazy("escalation", "Supervisors of the unit above")
    EXECUTIVES = "executives", pgettext_lazy("escalation", "Executives")
    ADMINISTRATORS = "administrators", pgettext_lazy("escalation", "Administrators")


class EscalationLevel(models.Model):
    """Who is told so long after a due time has passed; 0 minutes: at once."""

    after_amount = models.IntegerField(default=0)
    after_unit = models.CharField(
        max_length=20, choices=DueUnit.choices, default=DueUnit.BUSINESS_MINUTES
    )
    receivers = models.JSONField(default=list)

    class Meta:
        # Minutes before days, as time goes.
        ordering = ["-after_unit", "after_amount"]
        constraints = [
            models.CheckConstraint(
                condition=Q(after_amount__gt=0)
                | Q(after_amount=0, after_unit=DueUnit.BUSINESS_MINUTES.value),
                name="escalation_after",
            ),
            models.UniqueConstraint(fields=["after_unit", "after_amount"], name="escalation_once"),
        ]


# (after_amount, after_unit, receivers): what every installation starts with.
BUILTIN_LEVELS = (
    (0, DueUnit.BUSINESS_MINUTES.value, [Receiver.OWNER.value, Receiver.SUPERVISORS.value]),
    (60, DueUnit.BUSINESS_MINUTES.value, [Receiver.ABOVE.value]),
    (
        1,
        DueUnit.BUSINESS_DAYS.value,
        [Receiver.EXECUTIVES.value, Receiver.ADMINISTRATORS.value],
    ),
)
