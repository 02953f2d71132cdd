from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from zhike.complaints.choices import ApprovalKind, ApprovalState, RemedyKind, RemedyState
from zhike.desk.models import Attachment, Case


class Remedy(models.Model):
    """What the customer gets to make it good. Amounts in cents; proof when it was carried out."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="remedies")
    # Of its case, kept in step: who may see it is then asked of no other table.
    case_unit = models.ForeignKey(
        "accounts.Unit", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    round = models.SmallIntegerField(default=1)
    kind = models.CharField(max_length=12, choices=RemedyKind.choices)
    state = models.CharField(max_length=12, choices=RemedyState.choices)
    text = models.CharField(max_length=500)
    # What it is meant to cost the house; 0 for an apology.
    amount_cents = models.BigIntegerField()
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    proposed_by_name = models.CharField(max_length=80, blank=True)
    proposed_at = models.DateTimeField()
    carried_out_at = models.DateTimeField(null=True, blank=True)
    carried_out_by_name = models.CharField(max_length=80, blank=True)
    # What it did cost, for the ledger.
    cost_cents = models.BigIntegerField(null=True, blank=True)
    proof = models.CharField(max_length=500, blank=True)
    proof_file = models.ForeignKey(
        Attachment, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    end_reason = models.CharField(max_length=300, blank=True)
    submit_key = models.CharField(max_length=64, null=True, blank=True, unique=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount_cents__gte=0), name="remedy_amount"),
            models.CheckConstraint(
                condition=~Q(state="carried_out")
                | (Q(carried_out_at__isnull=False, cost_cents__gte=0) & ~Q(proof="")),
                name="remedy_carried_out_has_proof",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["state", "-id"], name="remedy_state"),
            models.Index(
                fields=["carried_out_at", "id"],
                condition=Q(carried_out_at__isnull=False),
                name="remedy_ledger",
            ),
        ]


class RemedyLimit(models.Model):
    """How much somebody of this role may decide alone for one case, all its remedies together."""

    role = models.OneToOneField(
        "accounts.Role", on_delete=models.CASCADE, related_name="remedy_limit"
    )
    limit_cents = models.BigIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(limit_cents__gte=0), name="remedy_limit_amount")
        ]


class Approval(models.Model):
    """A decision somebody else must take; the first who decides, decides."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="approvals")
    # Of its case, kept in step: who may see it is then asked of no other table.
    case_unit = models.ForeignKey(
        "accounts.Unit", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    kind = models.CharField(max_length=10, choices=ApprovalKind.choices)
    state = models.CharField(
        max_length=10, choices=ApprovalState.choices, default=ApprovalState.OPEN
    )
    remedy = models.OneToOneField(
        Remedy, on_delete=models.PROTECT, null=True, blank=True, related_name="approval"
    )
    why = models.CharField(max_length=500)
    # When it was asked: what all remedies of the case came to, and how much the asking person may decide alone.
    sum_cents = models.BigIntegerField(null=True, blank=True)
    limit_cents = models.BigIntegerField(null=True, blank=True)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    asked_by_name = models.CharField(max_length=80, blank=True)
    asked_at = models.DateTimeField()
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    decided_by_name = models.CharField(max_length=80, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case"],
                condition=Q(kind="prank", state="open"),
                name="approval_one_open_prank",
            ),
            models.CheckConstraint(
                condition=Q(state="open", decided_at__isnull=True)
                | (~Q(state="open") & Q(decided_at__isnull=False)),
                name="approval_decided_has_moment",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["state", "-id"], name="approval_state"),
        ]
