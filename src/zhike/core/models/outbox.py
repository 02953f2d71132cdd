from django.db import models


class OutboxState(models.TextChoices):
    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    FAILED = "failed"
    # The process died between handing over and noting the answer: a person decides, never a resend.
    UNKNOWN = "unknown"
    VOID = "void"


class OutboxMessage(models.Model):
    """A message toward a customer, written in the transaction that caused it; a channel delivers it."""

    kind = models.CharField(max_length=30)
    # Sealed under the receiver's key: an address is personal data.
    address = models.TextField(blank=True)
    text = models.TextField()
    subject_type = models.CharField(max_length=60, blank=True)
    subject_id = models.BigIntegerField(null=True)
    dedup_key = models.CharField(max_length=120, unique=True)
    state = models.CharField(
        max_length=12, choices=OutboxState.choices, default=OutboxState.WAITING
    )
    attempts = models.IntegerField(default=0)
    answer = models.TextField(blank=True)
    made_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["state", "id"], name="outbox_state"),
            models.Index(fields=["subject_type", "subject_id"], name="outbox_subject"),
        ]
