"""Follow-up visits as a file."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from zhike.care.models import FollowUp
from zhike.care.selectors import visible_follow_ups
from zhike.core.access import Grants
from zhike.core.exporter import ExportColumn, ExportKind
from zhike.core.search import masked_numbers
from zhike.customers.permissions import TEXT, may_reveal
from zhike.desk.permissions import EXPORT


class FollowUpExport(ExportKind):
    key = "follow_ups"
    label = _("Follow-up visits")
    permission = EXPORT
    reveal_permission = "customers.reveal"
    columns: ClassVar[tuple[ExportColumn, ...]] = (
        ExportColumn("number", _("Case number"), width=18),
        ExportColumn("title", _("Subject"), width=40),
        ExportColumn("customer", _("Customer"), width=16),
        ExportColumn("round", _("Round"), kind="number", width=8),
        ExportColumn("sequence", _("Visit"), kind="number", width=8),
        ExportColumn("state", _("State"), width=10),
        ExportColumn("made", _("Case closed"), kind="moment", width=17),
        ExportColumn("due", _("Due"), kind="moment", width=17),
        ExportColumn("attempts", pgettext_lazy("follow-up", "Calls"), kind="number", width=9),
        ExportColumn("result", pgettext_lazy("follow-up", "Result"), width=12),
        ExportColumn("words", _("The customer's words"), width=50),
        ExportColumn("missing", _("Still missing"), width=40),
        ExportColumn("done", _("Recorded"), kind="moment", width=17),
        ExportColumn("assigned", _("Assigned to"), width=12),
        ExportColumn("done_by", _("Recorded by"), width=12),
    )

    def rows(self, grants: Grants) -> "QuerySet[FollowUp]":
        rows = visible_follow_ups(grants).select_related("case")
        return rows.defer("due_explanation", "case__folded", "case__bigrams", "case__clocks")

    def records(
        self, batch: Sequence[Any], grants: Grants, reveal: bool
    ) -> Sequence[Mapping[str, Any]]:
        return [self._record(visit, reveal and may_reveal(grants, TEXT)) for visit in batch]

    @staticmethod
    def _record(visit: FollowUp, reveal: bool) -> Mapping[str, Any]:
        def spoken(text: str) -> str:
            return text if reveal else masked_numbers(text)

        return {
            "number": visit.case.number,
            "title": spoken(visit.case.title),
            "customer": visit.customer_name,
            "round": visit.round,
            "sequence": visit.sequence,
            "state": visit.get_state_display(),
            "made": visit.made_at,
            "due": visit.due_at,
            "attempts": visit.attempts,
            "result": visit.get_result_display() if visit.result else "",
            "words": spoken(visit.words),
            "missing": spoken(visit.missing),
            "done": visit.done_at,
            "assigned": visit.assigned_name,
            "done_by": visit.done_by_name,
        }
