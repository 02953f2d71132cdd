from django.db import models
from django.db.models import Q

from zhike.customers.models import Customer
from zhike.surveys.models.answers import Response
from zhike.surveys.models.surveys import Survey


class AnswerContact(models.Model):
    """How somebody who answered may be reached, because they left it: sealed under a key of its own.

    Apart from the answers, so that whoever reads those does not read who gave them.
    """

    survey = models.ForeignKey(Survey, on_delete=models.PROTECT, related_name="contacts")
    response = models.OneToOneField(Response, on_delete=models.PROTECT, related_name="contact")
    key = models.ForeignKey("core.PersonKey", on_delete=models.PROTECT, related_name="+")
    name_sealed = models.TextField(blank=True)
    phone_sealed = models.TextField(blank=True)
    email_sealed = models.TextField(blank=True)
    phone_mask = models.CharField(max_length=80, blank=True)
    email_mask = models.CharField(max_length=80, blank=True)
    # By these a file with the same number is found.
    phone_blind = models.CharField(max_length=64, blank=True, db_index=True)
    email_blind = models.CharField(max_length=64, blank=True, db_index=True)
    # Whose file it is, once somebody has found or opened it.
    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, null=True, blank=True, related_name="answer_contacts"
    )
    left_at = models.DateTimeField()
    # Taken back, erased, or kept long enough: nothing of it can be read any more.
    gone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="answer_contact_reaches",
                condition=Q(gone_at__isnull=False) | ~Q(phone_sealed="") | ~Q(email_sealed=""),
            ),
            models.CheckConstraint(
                name="answer_contact_gone",
                condition=Q(gone_at__isnull=True)
                | Q(
                    name_sealed="",
                    phone_sealed="",
                    email_sealed="",
                    phone_mask="",
                    email_mask="",
                    phone_blind="",
                    email_blind="",
                ),
            ),
        ]
        indexes = [models.Index(fields=["survey", "-id"], name="answer_contact_survey")]
