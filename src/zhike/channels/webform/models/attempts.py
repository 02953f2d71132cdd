from django.db import models


class Attempt(models.Model):
    """How often something public was tried within a window. `key` is a keyed hash: no address is kept."""

    key = models.CharField(max_length=64, primary_key=True)
    count = models.IntegerField(default=0)
    expires_at = models.DateTimeField()

    class Meta:
        db_table = "webform_attempt"
        indexes = [models.Index(fields=["expires_at"], name="webform_attempt_expires")]
