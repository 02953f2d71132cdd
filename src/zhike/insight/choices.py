"""What can go wrong with a mail, in the words of the page."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class MailProblem(models.TextChoices):
    AWAY = "away", _("The mail server cannot be reached or asks to come back later.")
    SETUP = "setup", _("The mail server cannot be used as it is set up (ZHIKE_EMAIL_URL).")
    REFUSED = "refused", _("The mail server refuses this mail.")
    UNKNOWN = "unknown", _("The mail server broke off before it confirmed; it may have arrived.")


# Nothing was delivered, and a later try may do better.
TRIED_AGAIN = (MailProblem.AWAY, MailProblem.SETUP)
# Not tried again by itself: it was said no, or it may be there already.
FINAL = (MailProblem.REFUSED, MailProblem.UNKNOWN)
