from datetime import datetime
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from zhike.care import rules
from zhike.care.choices import CallOff, Result, State
from zhike.care.models.scripts import ScriptVersion
from zhike.desk.models import Case, CaseType

STILL_DUE = Q(state="due")


class FollowUp(models.Model):
    """A visit owed to a customer after their case was closed: was it carried out, are they content?

    One a round; a customer who is only partly content gets another one, the next in `sequence`.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="follow_ups")
    # Of the complaint, or how often the case was closed.
    round = models.SmallIntegerField()
    sequence = models.SmallIntegerField(default=1)
    unit = models.ForeignKey(
        "accounts.Unit", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    type_code = models.CharField(max_length=30)
    customer = models.ForeignKey(
        "customers.Customer", on_delete=models.PROTECT, related_name="follow_ups"
    )
    # Flat copies for lists, kept in step by handlers.
    customer_name = models.CharField(max_length=120, blank=True)
    customer_tier = models.CharField(max_length=20, blank=True)
    assigned = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    assigned_name = models.CharField(max_length=60, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.DUE)
    made_at = models.DateTimeField()
    due_at = models.DateTimeField()
    due_warn_at = models.DateTimeField(null=True, blank=True)
    due_explanation = models.JSONField(null=True, blank=True)
    # Each time it came to be owed, and within what (services/owing.py); empty: by the plans since it was made.
    owed = models.JSONField(null=True, blank=True)
    # When it is to be tried: the time agreed for the next call, else the due time.
    plan_at = models.DateTimeField()
    next_try_at = models.DateTimeField(null=True, blank=True)
    # When the bell rings; empty once it has rung.
    remind_at = models.DateTimeField(null=True, blank=True)
    best_time = models.CharField(max_length=120, blank=True)
    # Of the visit before it, when that found something missing.
    to_check = models.TextField(blank=True)

    attempts = models.SmallIntegerField(default=0)
    last_attempt_at = models.DateTimeField(null=True, blank=True)
    result = models.CharField(max_length=12, choices=Result.choices, blank=True)
    words = models.TextField(blank=True)
    missing = models.TextField(blank=True)
    # {question id: True, False, 1 to 5, or text}; the questions are those of `script`.
    answers = models.JSONField(default=dict, blank=True)
    script = models.ForeignKey(
        ScriptVersion, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    done_by_name = models.CharField(max_length=80, blank=True)
    # The complaint a customer who was not content got in place of a case that was none.
    new_case = models.ForeignKey(
        Case, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    ended_at = models.DateTimeField(null=True, blank=True)
    call_off = models.CharField(max_length=10, choices=CallOff.choices, blank=True)
    call_off_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "round", "sequence"], name="follow_up_once"),
            models.CheckConstraint(
                condition=Q(state="due", result="", done_at__isnull=True, ended_at__isnull=True)
                | Q(state="done", done_at__isnull=False, ended_at__isnull=False) & ~Q(result="")
                | Q(state="called_off", result="", ended_at__isnull=False) & ~Q(call_off=""),
                name="follow_up_state",
            ),
            models.CheckConstraint(
                condition=Q(round__gte=1, sequence__gte=1, attempts__gte=0),
                name="follow_up_numbers",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            # What is still to be made stays few whatever the archive grows to.
            models.Index(fields=["plan_at", "id"], condition=STILL_DUE, name="follow_up_plan"),
            models.Index(
                fields=["assigned", "plan_at", "id"], condition=STILL_DUE, name="follow_up_mine"
            ),
            models.Index(
                fields=["unit", "plan_at", "id"], condition=STILL_DUE, name="follow_up_unit_plan"
            ),
            models.Index(
                fields=["remind_at"],
                condition=Q(state="due", remind_at__isnull=False),
                name="follow_up_bell",
            ),
            models.Index(fields=["due_at", "id"], name="follow_up_due"),
            # Lists, and the figures of a stretch of days: counted in the index alone.
            models.Index(
                fields=["unit", "due_at", "id"],
                include=["case", "state", "result", "attempts", "done_at"],
                name="follow_up_unit_due",
            ),
        ]

    @property
    def is_due(self) -> bool:
        return self.state == State.DUE

    @property
    def is_reached(self) -> bool:
        return self.result in rules.ANSWERED

    def is_overdue(self, now: datetime) -> bool:
        return self.is_due and self.due_at <= now

    def counted_as(self) -> dict[str, Any]:
        """The cell of the counter this visit stands in."""
        return {
            "unit_id": self.unit_id,
            "state": str(self.state),
            "kind": str(self.result),
            "owner_id": self.assigned_id,
        }


class FollowUpAttempt(models.Model):
    """One try to reach the customer."""

    follow_up = models.ForeignKey(FollowUp, on_delete=models.PROTECT, related_name="tries")
    at = models.DateTimeField()
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    by_name = models.CharField(max_length=80, blank=True)
    reached = models.BooleanField()
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["at", "id"]


class FollowUpRule(models.Model):
    """Whether closing a case of this type makes a visit. A type without a row makes none."""

    type = models.OneToOneField(
        CaseType,
        on_delete=models.CASCADE,
        to_field="code",
        db_column="type",
        primary_key=True,
        related_name="follow_up_rule",
    )
    is_on = models.BooleanField(default=False)
