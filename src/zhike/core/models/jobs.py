from django.db import models


class WorkerBeat(models.Model):
    """A worker that lives: it renews `at` each second. Rows it runs are given back once the beat is old."""

    worker_id = models.CharField(max_length=64, primary_key=True)
    at = models.DateTimeField()
    started_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["at"], name="worker_beat_at")]


class PeriodicRun(models.Model):
    """When a repeating job is due next. Workers compete for `next_at` by compare-and-set."""

    name = models.CharField(max_length=160, primary_key=True)
    next_at = models.DateTimeField()
    last_at = models.DateTimeField(null=True, blank=True)
    # The last failure of a job run without a row of its own; empty after the next success.
    last_error = models.TextField(blank=True)


class JobProgress(models.Model):
    """How far a job has come, and whether somebody asked it to stop."""

    job_id = models.UUIDField(primary_key=True)
    title = models.CharField(max_length=120, blank=True)
    done = models.BigIntegerField(default=0)
    total = models.BigIntegerField(null=True, blank=True)
    note = models.CharField(max_length=300, blank=True)
    cancel_requested = models.BooleanField(default=False)
    changed_at = models.DateTimeField()
