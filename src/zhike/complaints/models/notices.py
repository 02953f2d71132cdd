from datetime import datetime
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from zhike.complaints.choices import NoticeState
from zhike.complaints.models.causes import Cause
from zhike.core.search import Searchable
from zhike.desk.models import Case


class Notice(Searchable):
    """A written notice to a department and a person, who owe an answer: cause, measure, who, by when."""

    number = models.CharField(max_length=20, unique=True)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="notices")
    # Of its case, kept in step: who may see it is then asked of no other table.
    case_unit = models.ForeignKey(
        "accounts.Unit", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    # Of the complaint; 1 for any other case.
    round = models.SmallIntegerField(default=1)
    unit = models.ForeignKey("accounts.Unit", on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    person_name = models.CharField(max_length=60)
    state = models.CharField(max_length=10, choices=NoticeState.choices, default=NoticeState.SENT)
    # What happened and what is asked.
    text = models.TextField()
    sent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    sent_by_name = models.CharField(max_length=80, blank=True)
    sent_at = models.DateTimeField()
    due_at = models.DateTimeField()
    due_warn_at = models.DateTimeField(null=True, blank=True)
    due_explanation = models.JSONField(null=True, blank=True)
    # An answer that did not do was given back: the due time is counted from here.
    returned_at = models.DateTimeField(null=True, blank=True)
    reminders = models.SmallIntegerField(default=0)
    last_reminded_at = models.DateTimeField(null=True, blank=True)
    # What the job has told already: three quarters are used, it is overdue.
    warned_at = models.DateTimeField(null=True, blank=True)
    overdue_told_at = models.DateTimeField(null=True, blank=True)
    # Overdue, and the superior told.
    escalated_at = models.DateTimeField(null=True, blank=True)

    answered_at = models.DateTimeField(null=True, blank=True)
    # Working time from the asking to the answer.
    answer_minutes = models.IntegerField(null=True, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    answered_by_name = models.CharField(max_length=80, blank=True)
    cause = models.ForeignKey(
        Cause, on_delete=models.PROTECT, null=True, blank=True, related_name="notices"
    )
    cause_text = models.TextField(blank=True)
    action = models.TextField(blank=True)
    responsible = models.CharField(max_length=60, blank=True)
    action_due = models.DateField(null=True, blank=True)

    # Later: does the measure hold?
    check_due = models.DateField(null=True, blank=True)
    check_told_at = models.DateTimeField(null=True, blank=True)
    checked_at = models.DateTimeField(null=True, blank=True)
    checked_by_name = models.CharField(max_length=80, blank=True)
    check_note = models.TextField(blank=True)
    close_reason = models.CharField(max_length=300, blank=True)
    # Of the form that made it: sent twice, it makes one.
    submit_key = models.CharField(max_length=64, null=True, blank=True, unique=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=("sent", "withdrawn")) | Q(answered_at__isnull=False),
                name="notice_answered_has_moment",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["due_at", "id"],
                condition=Q(answered_at__isnull=True, state="sent"),
                name="notice_owed",
            ),
            # In the order in which they are counted anew.
            models.Index(
                fields=["id"],
                condition=Q(answered_at__isnull=True, state="sent"),
                name="notice_owed_id",
            ),
            models.Index(fields=["unit", "state", "-id"], name="notice_unit_state"),
            models.Index(fields=["person", "state", "-id"], name="notice_person_state"),
            models.Index(fields=["sent_by", "-id"], name="notice_sender"),
            # What a week counts: sent, due, answered.
            models.Index(fields=["sent_at", "id"], name="notice_sent"),
            models.Index(fields=["state", "sent_at", "id"], name="notice_state_sent"),
            models.Index(fields=["due_at", "id"], name="notice_due"),
            models.Index(
                fields=["answered_at", "id"],
                condition=Q(answered_at__isnull=False),
                name="notice_answered",
            ),
            models.Index(
                fields=["check_due", "id"],
                condition=Q(state="answered", check_due__isnull=False),
                name="notice_to_check",
            ),
            # Measures nobody was asked yet to check, in the order in which they are told.
            models.Index(
                fields=["id"],
                condition=Q(state="answered", check_told_at__isnull=True),
                name="notice_unchecked_id",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    def search_text(self) -> str:
        return "\n".join(
            part for part in (self.number, self.text, self.cause_text, self.action) if part
        )

    @property
    def asked_at(self) -> datetime:
        return self.returned_at or self.sent_at

    def counted_as(self) -> dict[str, Any]:
        """The cell of the counter this notice stands in."""
        return {"unit_id": self.unit_id, "state": str(self.state), "owner_id": self.person_id}
