from django.db import models

from zhike.customers.models.customers import Customer


class Erasure(models.Model):
    """That a person was erased, when, by whom and why, and how many rows of which kind: never what they held.

    It is also where the job notes how far it has come: `place` is the one it is in, `after` the last row of it.
    """

    token = models.CharField(max_length=36, unique=True)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="erasures")
    # The file and those merged into it, with the keys they are sealed under.
    files = models.JSONField(default=list)
    keys = models.JSONField(default=list)
    unit_id = models.BigIntegerField()
    reason = models.CharField(max_length=300)
    asked_at = models.DateTimeField()
    actor_id = models.BigIntegerField(null=True)
    actor_name = models.CharField(max_length=80)
    # Done again from the list beside the keys, after a restore.
    is_again = models.BooleanField(default=False)
    done_at = models.DateTimeField(null=True, blank=True)
    place = models.CharField(max_length=60, blank=True)
    after = models.BigIntegerField(default=0)
    counts = models.JSONField(default=dict)

    class Meta:
        constraints = [
            # A second request finds the first one.
            models.UniqueConstraint(fields=["customer"], name="erasure_once"),
        ]
        indexes = [
            models.Index(
                fields=["id"], condition=models.Q(done_at__isnull=True), name="erasure_running"
            )
        ]

    @property
    def is_done(self) -> bool:
        return self.done_at is not None
