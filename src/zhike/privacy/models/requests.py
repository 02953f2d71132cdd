from django.db import models
from django.db.models import Q

from zhike.accounts.models import Unit
from zhike.customers.models import ConsentChannel, Customer
from zhike.privacy.choices import OPEN_STATES, IdentityCheck, Kind, Refusal, State, StepKind

STILL_OPEN = Q(state__in=OPEN_STATES)


class DataRequest(models.Model):
    """A person asks something of their data. What was said is sealed under their key and goes with it."""

    number = models.CharField(max_length=20, unique=True)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="data_requests")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=State.choices, default=State.RECEIVED)
    channel = models.CharField(max_length=12, choices=ConsentChannel.choices)
    wish_sealed = models.TextField(blank=True)
    asked_at = models.DateTimeField()
    taken_by_id = models.BigIntegerField(null=True)
    taken_by_name = models.CharField(max_length=80)

    due_at = models.DateTimeField()
    warn_at = models.DateTimeField(null=True, blank=True)
    due_explanation = models.JSONField(null=True, blank=True)
    # When the bell rings next: before it is due, then when it is over; empty afterwards.
    remind_at = models.DateTimeField(null=True, blank=True)

    identity_check = models.CharField(max_length=12, choices=IdentityCheck.choices, blank=True)
    identity_by_name = models.CharField(max_length=80, blank=True)
    # The version of the file when the identity was checked: later changes belong to a correction.
    file_version = models.IntegerField(default=0)

    refusal = models.CharField(max_length=12, choices=Refusal.choices, blank=True)
    # What the person was told in the end.
    answer_sealed = models.TextField(blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by_name = models.CharField(max_length=80, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=OPEN_STATES, ended_at__isnull=True)
                | ~Q(state__in=OPEN_STATES) & Q(ended_at__isnull=False),
                name="data_request_ended",
            ),
            models.CheckConstraint(
                condition=~Q(state="refused") | ~Q(refusal=""),
                name="data_request_refusal_reason",
            ),
            models.CheckConstraint(
                condition=~Q(state="done") | ~Q(identity_check=""),
                name="data_request_done_identified",
            ),
        ]
        indexes = [
            models.Index(fields=["due_at", "id"], condition=STILL_OPEN, name="data_request_due"),
            # In the order in which they are counted anew. SQLite takes no index by a list of states.
            models.Index(
                fields=["id"], condition=Q(ended_at__isnull=True), name="data_request_open_id"
            ),
            models.Index(fields=["unit", "-id"], name="data_request_unit"),
            models.Index(
                fields=["remind_at"],
                condition=Q(remind_at__isnull=False),
                name="data_request_remind",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_STATES


class RequestStep(models.Model):
    """One step of a request, with what shows it. Never changed; what was written is sealed."""

    request = models.ForeignKey(DataRequest, on_delete=models.PROTECT, related_name="steps")
    kind = models.CharField(max_length=10, choices=StepKind.choices)
    at = models.DateTimeField()
    actor_id = models.BigIntegerField(null=True)
    actor_name = models.CharField(max_length=80)
    note_sealed = models.TextField(blank=True)
    # Codes, numbers and ids: the export's number, the erasure, the ledger's entries.
    data = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ["pk"]


class LegalHold(models.Model):
    """What must not be deleted for now: a dispute, an inquiry. Everything of a customer, or of one case."""

    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, related_name="legal_holds", null=True, blank=True
    )
    # By its number: cases lie above this room.
    case_number = models.CharField(max_length=20, blank=True)
    reason = models.CharField(max_length=300)
    made_at = models.DateTimeField()
    made_by_name = models.CharField(max_length=80)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by_name = models.CharField(max_length=80, blank=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(customer__isnull=False) ^ ~Q(case_number=""),
                name="legal_hold_one_thing",
            ),
            models.UniqueConstraint(
                fields=["customer"],
                condition=Q(ended_at__isnull=True, customer__isnull=False),
                name="legal_hold_customer_once",
            ),
            models.UniqueConstraint(
                fields=["case_number"],
                condition=Q(ended_at__isnull=True) & ~Q(case_number=""),
                name="legal_hold_case_once",
            ),
        ]
