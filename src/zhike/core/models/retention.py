from django.db import models
from django.db.models import Q

# Six months: what the cyber-security law wants logs kept at least.
AUDIT_LEAST_DAYS = 183
LEAST_DAYS, MOST_DAYS = 1, 36_500


class RetentionPolicy(models.Model):
    """How long one class of data is kept. Without a row the class's own default holds."""

    key = models.CharField(max_length=40, unique=True)
    days = models.IntegerField()
    is_on = models.BooleanField(default=False)
    changed_at = models.DateTimeField()
    changed_by_name = models.CharField(max_length=80)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(days__range=(LEAST_DAYS, MOST_DAYS)), name="retention_days"
            ),
            models.CheckConstraint(
                condition=~Q(key="core.audit") | Q(days__gte=AUDIT_LEAST_DAYS),
                name="retention_audit_floor",
            ),
        ]


class RetentionRun(models.Model):
    """Proof of one round: which class, up to which moment, how many, and a digest over the ids, in their order.

    Triggers refuse to change one that is done, and to delete any.
    """

    key = models.CharField(max_length=40)
    days = models.IntegerField()
    cutoff = models.DateTimeField()
    started_at = models.DateTimeField()
    # Where it stands: a round that was killed goes on here.
    after = models.BigIntegerField(default=0)
    rows = models.IntegerField(default=0)
    digest = models.CharField(max_length=64, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["key", "-id"], name="retention_run_key")]
        constraints = [
            models.UniqueConstraint(
                fields=["key"], condition=Q(done_at__isnull=True), name="retention_one_round"
            )
        ]
