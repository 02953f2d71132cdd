from django.db import models
from django.utils.translation import pgettext_lazy

from zhike.core.models.keys import PersonKey


class ExportPurpose(models.TextChoices):
    """What a file is needed for, by kind; the sentence beside it says more."""

    CONTACT = "contact", pgettext_lazy("export purpose", "Contacting customers")
    HANDLING = "handling", pgettext_lazy("export purpose", "Handling cases")
    ANALYSIS = "analysis", pgettext_lazy("export purpose", "Analysis and reports")
    INSPECTION = "inspection", pgettext_lazy("export purpose", "Quality inspection")
    AUTHORITY = "authority", pgettext_lazy("export purpose", "An authority asks for it")
    PERSON = "person", pgettext_lazy("export purpose", "A person asks for their data")
    TRANSFER = "transfer", pgettext_lazy("export purpose", "Moving to another system")
    OTHER = "other", pgettext_lazy("export purpose", "Something else")


class ExportState(models.TextChoices):
    RUNNING = "running", pgettext_lazy("export state", "Being written")
    READY = "ready", pgettext_lazy("export state", "Can be fetched again")
    # The receiver hung up, or writing failed: how much left the house is not known.
    BROKEN = "broken", pgettext_lazy("export state", "Broken off")
    GONE = "gone", pgettext_lazy("export state", "File deleted")


class ExportRun(models.Model):
    """One file that left the house: who took what, why, and the digest of its bytes. Never deleted.

    Until it expires a copy lies in the data folder, sealed under a key of its own.
    """

    number = models.CharField(max_length=20, unique=True)
    kind = models.CharField(max_length=40)
    # Whose data it is, when the file is about one person.
    customer_id = models.BigIntegerField(null=True, blank=True)
    unit_id = models.BigIntegerField(null=True, blank=True)
    actor_id = models.BigIntegerField(null=True, blank=True)
    actor_name = models.CharField(max_length=80)
    via = models.CharField(max_length=20, blank=True)
    purpose = models.CharField(max_length=12, choices=ExportPurpose.choices)
    reason = models.CharField(max_length=300)
    query = models.CharField(max_length=500, blank=True)
    file_format = models.CharField(max_length=8)
    revealed = models.BooleanField(default=False)
    rows = models.IntegerField()
    state = models.CharField(max_length=8, choices=ExportState.choices, default=ExportState.RUNNING)
    digest = models.CharField(max_length=64, blank=True)
    size_bytes = models.BigIntegerField(null=True, blank=True)
    key = models.ForeignKey(PersonKey, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    gone_at = models.DateTimeField(null=True, blank=True)
    fetched_count = models.IntegerField(default=0)

    class Meta:
        indexes = [
            models.Index(fields=["actor_id", "-id"], name="export_actor"),
            models.Index(fields=["state", "expires_at"], name="export_expiry"),
        ]
        constraints = [
            models.CheckConstraint(condition=~models.Q(reason=""), name="export_has_reason"),
            models.CheckConstraint(
                condition=~models.Q(state="ready") | ~models.Q(digest=""),
                name="export_ready_has_digest",
            ),
        ]

    def __str__(self) -> str:
        return self.number
