from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from zhike.insight.choices import FINAL, MailProblem
from zhike.insight.models.settlements import Frozen

LONGEST_SAID = 300


class WeekReport(models.Model):
    """A finalised week of a unit: what its page showed, kept. Never changed."""

    monday = models.DateField()
    unit = models.ForeignKey("accounts.Unit", on_delete=models.PROTECT, related_name="+")
    finalised_at = models.DateTimeField()
    finalised_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
    )
    finalised_by_name = models.CharField(max_length=80)
    version = models.SmallIntegerField()
    # All the page shows, codes and numbers; words are looked up when it is read.
    content = models.JSONField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["unit", "monday"], name="week_report_once"),
        ]


class WeekFigure(Frozen):
    report = models.ForeignKey(WeekReport, on_delete=models.PROTECT, related_name="figures")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["report", "key"], name="week_figure_once"),
        ]


class WeekMeasure(models.Model):
    """What a week's meeting decided to do: what, who, by when; and later, whether it was carried out."""

    monday = models.DateField()
    unit = models.ForeignKey("accounts.Unit", on_delete=models.PROTECT, related_name="+")
    what = models.CharField(max_length=200)
    who = models.CharField(max_length=60)
    due = models.DateField()
    added_at = models.DateTimeField()
    added_by_name = models.CharField(max_length=80)
    is_done = models.BooleanField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by_name = models.CharField(max_length=80, blank=True)
    note = models.CharField(max_length=200, blank=True)
    # Of the form that made it: sent twice, it makes one.
    submit_key = models.CharField(max_length=64, null=True, blank=True, unique=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(is_done__isnull=True, answered_at__isnull=True)
                | Q(is_done__isnull=False, answered_at__isnull=False),
                name="measure_answered_has_moment",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["unit", "monday", "id"], name="measure_week"),
        ]


class Subscription(models.Model):
    """Whether somebody gets a report by e-mail."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="report_subscriptions"
    )
    report = models.CharField(max_length=20)
    is_on = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "report"], name="subscription_once"),
        ]


class WeeklyMail(models.Model):
    """That a week went to somebody, or why not, so that a job that runs twice mails once."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    monday = models.DateField()
    sent_at = models.DateTimeField(null=True, blank=True)
    # While it is handed over, so that no second job does the same.
    begun_at = models.DateTimeField(null=True, blank=True)
    attempts = models.SmallIntegerField(default=0)
    problem = models.CharField(max_length=8, choices=MailProblem.choices, blank=True)
    # By the server, in its own words.
    said = models.CharField(max_length=LONGEST_SAID, blank=True)
    failed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "monday"], name="weekly_mail_once"),
            models.CheckConstraint(
                condition=Q(sent_at__isnull=True) | Q(problem="", begun_at__isnull=True),
                name="weekly_mail_sent_or_problem",
            ),
        ]

    @property
    def is_over(self) -> bool:
        """Sent, refused, or perhaps there already: not tried again by itself."""
        return self.sent_at is not None or self.problem in FINAL
