from django.db import models
from django.db.models import F, Q

from zhike.surveys.choices import ResponseState
from zhike.surveys.models.surveys import Survey, SurveyVersion


class Link(models.Model):
    """An open way to a questionnaire: an address, printed as a code on a poster, or open on a counter's tablet."""

    survey = models.ForeignKey(Survey, on_delete=models.PROTECT, related_name="links")
    token = models.CharField(max_length=16, unique=True)
    name = models.CharField(max_length=80)
    # A tablet that stands on a counter begins anew after each answer.
    is_counter = models.BooleanField(default=False)
    is_open = models.BooleanField(default=True)
    # Where it hangs or stands; empty where it belongs to no place.
    unit = models.ForeignKey(
        "accounts.Unit", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    # Of a sending: each of its customers has a link of their own, and the token opens nothing.
    is_personal = models.BooleanField(default=False)
    made_at = models.DateTimeField()
    made_by_name = models.CharField(max_length=80, blank=True)
    submit_key = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["submit_key"],
                condition=~Q(submit_key=""),
                name="survey_link_submitted_once",
            )
        ]
        indexes = [models.Index(fields=["survey", "id"], name="survey_link")]


class Response(models.Model):
    """One person's answers, written by themselves without signing in.

    One INSERT or UPDATE of this row is all an answer costs; a job counts it afterwards.
    """

    # Known to the one who answers: who holds it may go on, and change their answers for a time.
    ref = models.CharField(max_length=32, unique=True)
    survey = models.ForeignKey(Survey, on_delete=models.PROTECT, related_name="responses")
    version = models.ForeignKey(SurveyVersion, on_delete=models.PROTECT, related_name="+")
    link = models.ForeignKey(Link, on_delete=models.PROTECT, related_name="responses")
    # Whose personal link it came by; empty for open links, and once the person was erased.
    invitation = models.OneToOneField(
        "surveys.Invitation",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="response",
    )
    language = models.CharField(max_length=8)
    state = models.CharField(max_length=8, choices=ResponseState.choices)
    answers = models.JSONField()
    began_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    # Grows with every save; what is counted in the tallies is the state and answers of counted_revision.
    revision = models.IntegerField(default=1)
    counted_revision = models.IntegerField(default=0)
    # What was counted, kept from the moment it no longer is what stands in `answers`.
    counted_state = models.CharField(max_length=8, blank=True)
    counted_answers = models.JSONField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="response_counted_as_written",
                condition=Q(counted_revision__gte=0) & Q(counted_revision__lte=F("revision")),
            )
        ]
        indexes = [
            models.Index(
                fields=["id"],
                name="response_uncounted",
                condition=Q(counted_revision__lt=F("revision")),
            ),
            # By the secret, which says nothing of who came when: so single answers are listed.
            models.Index(fields=["survey", "state", "ref"], name="response_survey"),
        ]


class Tally(models.Model):
    """How often a part of a questionnaire was answered by a value, by link and day.

    An empty value counts who answered the part at all, and `amount` sums what they answered in figures.
    An empty part counts responses by their state.
    """

    survey = models.ForeignKey(Survey, on_delete=models.CASCADE, related_name="tallies")
    link = models.ForeignKey(Link, on_delete=models.CASCADE, related_name="+")
    # The day it was answered, in the company's zone.
    day = models.DateField()
    part = models.CharField(max_length=80)
    value = models.CharField(max_length=40)
    count = models.IntegerField(default=0)
    amount = models.FloatField(default=0.0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["survey", "part", "value", "link", "day"], name="survey_tally_once"
            )
        ]
