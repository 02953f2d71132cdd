from django.conf import settings
from django.db import models
from django.db.models import F, Q

from zhike.desk.choices import LinkKind
from zhike.desk.models.cases import Case
from zhike.desk.models.events import CaseEvent


class CaseLink(models.Model):
    """`case` stands in a relation to `other`; one row serves both directions."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="links")
    other = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="links_here")
    kind = models.CharField(max_length=12, choices=LinkKind.choices)
    made_at = models.DateTimeField()
    made_by_name = models.CharField(max_length=80)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "other", "kind"], name="case_link_once"),
            models.CheckConstraint(condition=~Q(case=F("other")), name="case_link_to_another"),
        ]


class Mention(models.Model):
    """Somebody was asked in a note; who sees only their own cases sees this one from then on."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="mentions")
    event = models.ForeignKey(CaseEvent, on_delete=models.PROTECT, related_name="mentions")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["event", "user"], name="mention_once_per_note")
        ]
        indexes = [models.Index(fields=["user", "case"], name="mention_user_case")]


class Draft(models.Model):
    """What somebody is writing to a case and has not sent; saved while typing, gone once sent."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="drafts")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    is_note = models.BooleanField(default=False)
    text = models.TextField()
    # The version of the case the draft was begun on.
    seq = models.BigIntegerField()
    saved_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "case", "is_note"], name="draft_per_user_and_case"
            )
        ]


class Attempt(models.Model):
    """Failed look-ups of a number with its query code, to slow down guessing. `key` is a keyed hash."""

    key = models.CharField(max_length=64, primary_key=True)
    failures = models.IntegerField(default=0)
    expires_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["expires_at"], name="desk_attempt_expires")]
