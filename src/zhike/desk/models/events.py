from django.db import models
from django.db.models import Q

from zhike.core.models import StoredFile
from zhike.core.search import Searchable
from zhike.desk.choices import SEARCHED_KINDS, Delivery, EventKind, Visibility
from zhike.desk.models.cases import Case


class CaseEvent(Searchable):
    """One line of a case's record. Nothing is changed or deleted, only voided or blanked."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="events", db_index=False)
    seq = models.BigIntegerField()
    kind = models.CharField(max_length=20, choices=EventKind.choices)
    visibility = models.CharField(
        max_length=10, choices=Visibility.choices, default=Visibility.INTERNAL
    )
    actor_id = models.BigIntegerField(null=True, blank=True)
    actor_name = models.CharField(max_length=80, blank=True)
    actor_kind = models.CharField(max_length=12)
    text = models.TextField(blank=True)
    data = models.JSONField(default=dict, blank=True)
    at = models.DateTimeField()
    delivered = models.CharField(max_length=20, choices=Delivery.choices, blank=True)
    submit_key = models.CharField(max_length=64, blank=True)
    voided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "seq"], name="case_event_seq"),
            models.UniqueConstraint(
                fields=["case", "submit_key"],
                condition=~Q(submit_key=""),
                name="case_event_submit_key",
            ),
        ]

    def search_text(self) -> str:
        return self.text if self.kind in SEARCHED_KINDS else ""


class Attachment(models.Model):
    """A file of a case, under the name its sender gave it."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="attachments")
    event = models.ForeignKey(CaseEvent, on_delete=models.PROTECT, related_name="attachments")
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=200)
    size_bytes = models.BigIntegerField()
    content_type = models.CharField(max_length=100)
