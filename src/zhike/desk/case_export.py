"""Cases as a file: what a list shows and a little more, in clear words."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from zhike.core.access import Grants
from zhike.core.exporter.kinds import ExportColumn, ExportKind
from zhike.core.search import masked_numbers
from zhike.desk.models import Case
from zhike.desk.permissions import EXPORT
from zhike.desk.selectors.queues import NOT_LISTED
from zhike.desk.selectors.scope import visible_cases


class CaseExport(ExportKind):
    key = "case"
    label = _("Cases")
    permission = EXPORT
    columns: ClassVar[tuple[ExportColumn, ...]] = (
        ExportColumn("number", _("Case number"), width=18),
        ExportColumn("title", _("Subject"), width=40),
        ExportColumn("type", _("Type"), width=10),
        ExportColumn("state", _("State"), width=12),
        ExportColumn("customer", _("Customer"), width=18),
        ExportColumn("channel", _("Channel"), width=10),
        ExportColumn("unit", _("Unit"), width=14),
        ExportColumn("owner", _("Owner"), width=10),
        ExportColumn("opened_at", _("Opened"), kind="moment", width=17),
        ExportColumn("first_reply_at", _("First reply"), kind="moment", width=17),
        ExportColumn("due_at", _("Due"), kind="moment", width=17),
        ExportColumn("closed_at", _("Closed"), kind="moment", width=17),
        ExportColumn("outcome", _("Outcome"), width=14),
        ExportColumn("handovers", _("Hand-overs"), kind="number", width=9),
        ExportColumn("reopenings", _("Reopenings"), kind="number", width=9),
        ExportColumn("last_text", _("Last words"), width=50),
    )

    def rows(self, grants: Grants) -> "QuerySet[Case]":
        rows = visible_cases(grants).select_related("type", "unit")
        return rows.defer(*NOT_LISTED)

    def records(
        self, batch: Sequence[Any], grants: Grants, reveal: bool
    ) -> Sequence[Mapping[str, Any]]:
        return [self._record(case) for case in batch]

    @staticmethod
    def _record(case: Case) -> Mapping[str, Any]:
        return {
            "number": case.number,
            "title": masked_numbers(case.title),
            "type": str(case.type.label),
            "state": case.get_state_display(),
            "customer": case.customer_name,
            "channel": case.get_channel_display(),
            "unit": case.unit.name,
            "owner": case.owner_name,
            "opened_at": case.opened_at,
            "first_reply_at": case.first_reply_at,
            "due_at": case.due_at,
            "closed_at": case.closed_at,
            "outcome": case.get_outcome_display() if case.outcome else "",
            "handovers": case.handover_count,
            "reopenings": case.reopened_count,
            "last_text": masked_numbers(case.last_words),
        }
