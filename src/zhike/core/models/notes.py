from django.db import models


class Notification(models.Model):
    """A line under somebody's bell. `text` is a template key with values, translated when shown."""

    user_id = models.BigIntegerField()
    kind = models.CharField(max_length=40)
    values = models.JSONField(default=dict)
    url = models.CharField(max_length=200, blank=True)
    made_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["user_id", "read_at", "-id"], name="notification_bell")]
