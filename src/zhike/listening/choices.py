from django.db import models
from django.utils.translation import gettext_lazy as _


class FeedbackState(models.TextChoices):
    """Derived: words either wait, or have become a case."""

    HEARD = "heard", _("Not turned into a case")
    CASE = "case", _("Turned into a case")
