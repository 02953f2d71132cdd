from django.db import models
from django.db.models import F, Q

from zhike.desk.choices import CUSTOMERS_RIGHT, LegalKind, LegalResult
from zhike.desk.models.cases import Case


class LegalClock(models.Model):
    """A time a law sets, running beside a case's own. While it runs its account lies in `case.clocks`."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="legal_clocks")
    kind = models.CharField(max_length=20, choices=LegalKind.choices)
    # The day it counts from, which does not count itself.
    since = models.DateField()
    # The last day as the authority's notice names it; beats the plan.
    named_on = models.DateField(null=True, blank=True)
    authority = models.CharField(max_length=80, blank=True)
    reference = models.CharField(max_length=60, blank=True)
    started_at = models.DateTimeField()
    started_by_name = models.CharField(max_length=80)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by_name = models.CharField(max_length=80, blank=True)
    result = models.CharField(max_length=15, choices=LegalResult.choices, blank=True)
    done_on = models.DateField(null=True, blank=True)
    is_late = models.BooleanField(null=True, blank=True)
    reason = models.CharField(max_length=300, blank=True)
    # As they stood at the end; until then they follow the plan.
    due_at = models.DateTimeField(null=True, blank=True)
    source = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["case", "kind"], condition=Q(ended_at__isnull=True), name="legal_runs_once"
            ),
            models.CheckConstraint(
                condition=Q(result="", ended_at__isnull=True, done_on__isnull=True)
                | Q(result=LegalResult.DONE, ended_at__isnull=False, done_on__isnull=False)
                | Q(
                    result=LegalResult.NOT_APPLICABLE, ended_at__isnull=False, done_on__isnull=True
                ),
                name="legal_end",
            ),
            models.CheckConstraint(
                condition=Q(named_on__isnull=True)
                | Q(kind=LegalKind.AUTHORITY, named_on__gte=F("since")),
                name="legal_named",
            ),
            models.CheckConstraint(
                condition=Q(done_on__isnull=True) | Q(done_on__gte=F("since")), name="legal_done_on"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id}: {self.get_kind_display()}"

    @property
    def is_owed(self) -> bool:
        return self.kind not in CUSTOMERS_RIGHT
