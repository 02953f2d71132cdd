from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from zhike.complaints.choices import Severity, Unconfirmed, Verdict, WayOut
from zhike.complaints.models.causes import Cause
from zhike.complaints.rules import Step
from zhike.core.models import StoredFile
from zhike.desk.models import Case

# Nobody will say any more whether the customer is content: for a supervisor to archive.
TO_ARCHIVE = ~Q(unconfirmed="") & Q(archived_at__isnull=True)
# What was asked or promised is not settled yet: `Complaint.is_held` in SQL.
HELD = Q(open_notices__gt=0) | Q(open_approvals__gt=0) | Q(open_remedies__gt=0)


class Complaint(models.Model):
    """What a case of kind complaint has beyond a case. The case's state drives; this is the evidence.

    It begins with the case, or when a case turns out to be a complaint, and stays when the kind is changed back.
    """

    case = models.OneToOneField(
        Case, on_delete=models.PROTECT, primary_key=True, related_name="complaint"
    )
    # A customer who is not content opens the next one; its steps begin anew.
    round = models.SmallIntegerField(default=1)
    round_since = models.DateTimeField()
    # The first step not done in this round: 1 to 6, and 7 after the last. Kept for lists.
    step = models.SmallIntegerField(default=1)
    step_since = models.DateTimeField()
    wish = models.TextField(blank=True)
    verdict = models.CharField(max_length=10, choices=Verdict.choices, blank=True)
    severity = models.SmallIntegerField(choices=Severity.choices, null=True, blank=True)
    is_safety = models.BooleanField(default=False)
    cause = models.ForeignKey(
        Cause, on_delete=models.PROTECT, null=True, blank=True, related_name="complaints"
    )
    learned = models.TextField(blank=True)
    # Proposals of this round the customer did not agree to.
    refusals = models.SmallIntegerField(default=0)
    way_out = models.CharField(max_length=12, choices=WayOut.choices, blank=True)
    way_out_why = models.CharField(max_length=500, blank=True)
    way_out_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    # Open ones, so that lists and gates need no counting; kept under the lock of the case.
    open_notices = models.SmallIntegerField(default=0)
    open_approvals = models.SmallIntegerField(default=0)
    open_remedies = models.SmallIntegerField(default=0)
    # Set once it is closed and no visit is due any more that could tell. Kept when it is archived so.
    unconfirmed = models.CharField(max_length=12, choices=Unconfirmed.choices, blank=True)
    archived_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(step__range=(1, 7)), name="complaint_step"),
            models.CheckConstraint(condition=Q(round__gte=1), name="complaint_round"),
            models.CheckConstraint(
                condition=Q(open_notices__gte=0, open_approvals__gte=0, open_remedies__gte=0),
                name="complaint_open_counts",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["step", "-case"], name="complaint_step_newest"),
            models.Index(fields=["archived_at"], name="complaint_archived"),
            models.Index(fields=["-case"], condition=TO_ARCHIVE, name="complaint_to_archive"),
        ]

    @property
    def is_archived(self) -> bool:
        return self.archived_at is not None

    @property
    def is_to_archive(self) -> bool:
        return bool(self.unconfirmed) and self.archived_at is None

    @property
    def is_past_steps(self) -> bool:
        return self.step > Step.AGREE

    @property
    def is_held(self) -> bool:
        """An open notice, approval or remedy keeps it from being closed, whatever step it is at."""
        return bool(self.open_notices or self.open_approvals or self.open_remedies)


class StepRecord(models.Model):
    """One step of one round, done or skipped, with what shows it."""

    complaint = models.ForeignKey(Complaint, on_delete=models.PROTECT, related_name="steps")
    round = models.SmallIntegerField()
    step = models.SmallIntegerField()
    # {field of rules.Field: what was given}
    evidence = models.JSONField(default=dict, blank=True)
    done_at = models.DateTimeField()
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    done_by_name = models.CharField(max_length=80, blank=True)
    # Working minutes since the step became the current one.
    minutes = models.IntegerField(default=0)
    is_skipped = models.BooleanField(default=False)
    skip_reason = models.CharField(max_length=300, blank=True)
    # The line of the case's record that says so.
    event_seq = models.BigIntegerField()
    # Corrected since; every version stands in the record of the case.
    corrected_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["round", "step"]
        constraints = [
            models.UniqueConstraint(fields=["complaint", "round", "step"], name="step_once"),
            models.CheckConstraint(condition=Q(step__range=(1, 6)), name="step_of_six"),
            models.CheckConstraint(
                condition=Q(is_skipped=False) | ~Q(skip_reason=""), name="step_skip_reason"
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["done_at"], name="step_done_at"),
        ]


class ArchivePaper(models.Model):
    """The paper of one round that was archived. It stays when the customer is not content after all."""

    complaint = models.ForeignKey(Complaint, on_delete=models.PROTECT, related_name="papers")
    round = models.SmallIntegerField()
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    archived_at = models.DateTimeField()
    made_at = models.DateTimeField()

    class Meta:
        ordering = ["-round"]
        constraints = [
            models.UniqueConstraint(fields=["complaint", "round"], name="paper_once"),
            models.CheckConstraint(condition=Q(round__gte=1), name="paper_round"),
        ]


class WayOutRule(models.Model):
    """One row: how often, over how many days, a customer must have been tried before they count as unreachable."""

    attempts = models.SmallIntegerField()
    days = models.SmallIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(pk=1), name="way_out_rule_one_row"),
            models.CheckConstraint(
                condition=Q(attempts__range=(1, 20), days__range=(0, 60)),
                name="way_out_rule_range",
            ),
        ]
