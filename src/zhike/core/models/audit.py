from django.db import models


class AuditRow(models.Model):
    """One write (or look at masked data), as it happened. Database triggers refuse UPDATE and DELETE."""

    at = models.DateTimeField()
    actor_id = models.BigIntegerField(null=True)
    actor_name = models.CharField(max_length=80)
    actor_kind = models.CharField(max_length=12)
    via = models.CharField(max_length=20, blank=True)
    ip = models.CharField(max_length=45, blank=True)
    action = models.CharField(max_length=60)
    object_type = models.CharField(max_length=60)
    object_id = models.BigIntegerField(null=True)
    unit_id = models.BigIntegerField(null=True)
    reason = models.CharField(max_length=300, blank=True)
    # JSON {"before": …, "after": …}; sealed under `subject_key_id` when it can hold personal data.
    payload = models.TextField(blank=True)
    subject_key_id = models.BigIntegerField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["object_type", "object_id", "-id"], name="audit_object"),
            models.Index(fields=["actor_id", "-id"], name="audit_actor"),
            models.Index(fields=["at"], name="audit_at"),
        ]


class AuditSeal(models.Model):
    """One link of the chain over audit rows, in commit order. Apart, so that rows stay untouched."""

    audit = models.OneToOneField(AuditRow, on_delete=models.PROTECT, related_name="seal")
    # Unique, so that two workers cannot lengthen the chain from the same link.
    previous = models.CharField(max_length=64, unique=True)
    digest = models.CharField(max_length=64)
    at = models.DateTimeField()


class AuditCheck(models.Model):
    """One reading of the whole chain: how far it reached and the first thing that was wrong."""

    at = models.DateTimeField()
    rows = models.BigIntegerField()
    # The last digest: noted elsewhere, it shows later that nothing was cut off.
    head = models.CharField(max_length=64, blank=True)
    # Empty while the chain is whole; else one of `audit_chain.Fault`.
    fault = models.CharField(max_length=20, blank=True)
    fault_row = models.BigIntegerField(null=True)
