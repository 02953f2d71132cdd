from django.db import models


class LiveTopic(models.Model):
    """The last number of a topic. Its row is locked until commit, so numbers appear in order."""

    name = models.CharField(max_length=80, primary_key=True)
    seq = models.BigIntegerField(default=0)


class LiveEvent(models.Model):
    """What happened on a topic, for pages that ask "since N"."""

    topic = models.CharField(max_length=80)
    seq = models.BigIntegerField()
    kind = models.CharField(max_length=40)
    payload = models.JSONField(default=dict)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["topic", "seq"], name="live_event_topic_seq")
        ]
        indexes = [models.Index(fields=["at"], name="live_event_at")]
