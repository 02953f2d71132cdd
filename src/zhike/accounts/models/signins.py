"""What guards the door: the company's rules for signing in, and the failures counted against them."""

from django.db import models
from django.db.models import Q


class SignInRules(models.Model):
    """One row; without it the defaults hold."""

    most_failures = models.PositiveSmallIntegerField(default=5)
    # Many colleagues share one address behind an office's router, so it is patient.
    address_failures = models.PositiveSmallIntegerField(default=50)
    lock_minutes = models.PositiveSmallIntegerField(default=15)
    least_length = models.PositiveSmallIntegerField(default=10)
    idle_minutes = models.PositiveSmallIntegerField(default=30)
    session_hours = models.PositiveSmallIntegerField(default=12)
    # Ids of the roles whose holders must have a second factor.
    second_factor_roles = models.JSONField(default=list)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="one_row_of_sign_in_rules")]


class Attempt(models.Model):
    """Failures in a row of one staff number, or from one address. A staff number nobody has is counted alike."""

    class Kind(models.TextChoices):
        ACCOUNT = "account"
        ADDRESS = "address"
        TOKEN = "token"

    kind = models.CharField(max_length=8, choices=Kind.choices)
    what = models.CharField(max_length=45)
    failures = models.PositiveIntegerField(default=0)
    last_at = models.DateTimeField(db_index=True)
    held_until = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "what"], name="attempt_once")]
