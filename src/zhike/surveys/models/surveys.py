from django.db import models
from django.db.models import Q

from zhike.surveys.choices import SurveyState


class Survey(models.Model):
    """A questionnaire: the draft that is being written, and the version customers answer."""

    title = models.CharField(max_length=300)
    unit = models.ForeignKey("accounts.Unit", on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=8, choices=SurveyState.choices, default=SurveyState.DRAFT)
    # A document of zhike.surveys.definition, perhaps with faults still; publishing refuses those.
    draft = models.JSONField(default=dict)
    # Grows with every change of the draft: two people cannot overwrite each other unseen.
    draft_seq = models.IntegerField(default=1)
    current = models.ForeignKey(
        "surveys.SurveyVersion", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    # The ready one of the library it was made from.
    origin = models.CharField(max_length=40, blank=True)
    # The round before this one, of which it is a copy.
    earlier = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="later"
    )
    # Since when its results are kept until it is closed; empty: they are shown as answers come.
    kept_since = models.DateTimeField(null=True, blank=True)
    # Closed for good, and its results may be read. Only where they were kept until then.
    readable_at = models.DateTimeField(null=True, blank=True)
    made_at = models.DateTimeField()
    made_by_name = models.CharField(max_length=80, blank=True)
    changed_at = models.DateTimeField()
    # Of whoever calls, made their own: asked twice, it is one questionnaire.
    submit_key = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["submit_key"], condition=~Q(submit_key=""), name="survey_submitted_once"
            ),
            # What was read is never added to.
            models.CheckConstraint(
                name="survey_read_when_closed",
                condition=Q(readable_at__isnull=True)
                | Q(state=SurveyState.CLOSED, kept_since__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["-changed_at", "-id"], name="survey_changed"),
            models.Index(fields=["state", "-changed_at", "-id"], name="survey_state"),
        ]

    @property
    def is_kept(self) -> bool:
        """Nothing of what was answered may be read yet."""
        return self.kept_since is not None and self.readable_at is None


class SurveyVersion(models.Model):
    """What was asked from its publication on. Never changed: an answer keeps the question it was given to."""

    survey = models.ForeignKey(Survey, on_delete=models.PROTECT, related_name="versions")
    number = models.IntegerField()
    definition = models.JSONField()
    made_at = models.DateTimeField()
    made_by_name = models.CharField(max_length=80, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["survey", "number"], name="survey_version_once")
        ]
