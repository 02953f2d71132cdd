from django.db import models
from django.db.models import Q
from django.utils.translation import pgettext_lazy


class OutboxState(models.TextChoices):
    WAITING = "waiting", pgettext_lazy("outbox", "Waiting")
    SENDING = "sending", pgettext_lazy("outbox", "Being sent")
    SENT = "sent", pgettext_lazy("outbox", "Sent")
    DELIVERED = "delivered", pgettext_lazy("outbox", "Delivered")
    FAILED = "failed", pgettext_lazy("outbox", "Not sent")
    # Handed over, the answer never noted: a person decides, never a resend.
    UNKNOWN = "unknown", pgettext_lazy("outbox", "Uncertain")
    VOID = "void", pgettext_lazy("outbox", "Called off")


class OutboxMessage(models.Model):
    """A message toward a customer, written in the transaction that caused it; a channel delivers it."""

    kind = models.CharField(max_length=30)
    # Sealed under the receiver's key: an address is personal data.
    address = models.TextField(blank=True)
    text = models.TextField()
    subject_type = models.CharField(max_length=60, blank=True)
    subject_id = models.BigIntegerField(null=True)
    dedup_key = models.CharField(max_length=120, unique=True)
    # Messages of one conversation leave in the order they were written.
    conversation = models.CharField(max_length=80, blank=True)
    unit_id = models.BigIntegerField(null=True, blank=True)
    author_id = models.BigIntegerField(null=True, blank=True)
    state = models.CharField(
        max_length=12, choices=OutboxState.choices, default=OutboxState.WAITING
    )
    # Tries since it was written, or since somebody asked for another round.
    attempts = models.IntegerField(default=0)
    # In words of the channel or of ours: what the last try came to.
    answer = models.TextField(blank=True)
    # How the receiver calls the message.
    receipt = models.CharField(max_length=200, blank=True)
    due_at = models.DateTimeField()
    # While it is being sent: who holds it, and until when they are taken to be alive.
    claim = models.CharField(max_length=32, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    # When a try first ended without an answer; a receiver forgets keys after a while.
    uncertain_since = models.DateTimeField(null=True, blank=True)
    made_at = models.DateTimeField()
    # When this round of tries began; anew when a person asks for one.
    round_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="outbox_sending_is_held",
                condition=~Q(state="sending") | (Q(lease_until__isnull=False) & ~Q(claim="")),
            ),
        ]
        indexes = [
            models.Index(fields=["state", "id"], name="outbox_state"),
            models.Index(fields=["state", "kind", "due_at"], name="outbox_due"),
            models.Index(fields=["conversation", "state"], name="outbox_conversation"),
            models.Index(fields=["subject_type", "subject_id"], name="outbox_subject"),
            models.Index(fields=["kind", "receipt"], name="outbox_receipt"),
        ]


class OutboxAttempt(models.Model):
    """One try at delivering a message: begun before the call, ended with its answer."""

    message = models.ForeignKey(OutboxMessage, on_delete=models.CASCADE, related_name="tries")
    claim = models.CharField(max_length=32)
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    # The class of the answer, in lower case; "lost" when the process died before there was one.
    result = models.CharField(max_length=12, blank=True)
    words = models.TextField(blank=True)


class OutboxPace(models.Model):
    """When a channel may be called next: its rate, and its rest while the receiver is away."""

    kind = models.CharField(max_length=30, primary_key=True)
    next_at = models.DateTimeField()
    times_away = models.IntegerField(default=0)
