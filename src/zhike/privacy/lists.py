"""The list of requests, and the register as a file."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from zhike.core.access import Grants
from zhike.core.exporter import ExportColumn, ExportKind
from zhike.core.listing import Choice, Column, DateRange, Keyword, Listing, Sort, Tab
from zhike.privacy.choices import IdentityCheck, Kind, State
from zhike.privacy.models import STILL_OPEN, DataRequest
from zhike.privacy.permissions import HANDLE
from zhike.privacy.selectors import overdue, visible_requests

OPEN_TABS = ("open", "overdue")


def _by_word(rows: Any, text: str) -> Any:
    return rows.filter(
        Q(number__iexact=text)
        | Q(customer__name__icontains=text)
        | Q(taken_by_name__icontains=text)
    )


def request_listing(tab: str = "") -> Listing:
    """Open ones by when they are due, the archive newest first."""
    return Listing(
        "data_requests",
        columns=(
            Column("number", _("Request"), always=True),
            Column("kind", pgettext_lazy("data request", "Asks to")),
            Column("customer", _("Customer")),
            Column("asked", pgettext_lazy("data request", "Asked"), sort="asked"),
            Column("due", pgettext_lazy("queue", "Due"), sort="due"),
            Column("state", _("State")),
            Column("taken_by", _("Taken in by")),
            Column("ended", pgettext_lazy("data request", "Answered"), sort="ended", shown=False),
        ),
        tabs=(
            Tab(
                "open", pgettext_lazy("data requests", "Open"), lambda rows: rows.filter(STILL_OPEN)
            ),
            Tab("overdue", _("Overdue"), overdue),
            Tab(
                "done",
                pgettext_lazy("data requests", "Answered"),
                lambda rows: rows.exclude(STILL_OPEN),
            ),
            Tab("all", _("All")),
        ),
        filters=(
            Keyword("q", _("Number, customer, person"), _by_word),
            DateRange("asked", pgettext_lazy("data request", "Asked"), field="asked_at"),
            Choice(
                "kind",
                pgettext_lazy("data request", "Asks to"),
                Kind.choices,
                field="kind",
                multiple=True,
            ),
            Choice("state", _("State"), State.choices, field="state", more=True),
        ),
        sorts=(
            Sort("due", "due_at"),
            Sort("asked", "asked_at"),
            Sort("ended", "ended_at", nullable=True),
        ),
        default_sort="due" if (tab or "open") in OPEN_TABS else "-asked",
    )


class RequestExport(ExportKind):
    """The register: who asked what when, and how it was answered; not what was written."""

    key = "data_requests"
    label = _("Requests about personal data")
    permission = HANDLE
    columns: ClassVar[tuple[ExportColumn, ...]] = (
        ExportColumn("number", _("Request"), width=18),
        ExportColumn("kind", pgettext_lazy("data request", "Asks to"), width=16),
        ExportColumn("customer", _("Customer"), width=16),
        ExportColumn("unit", _("Unit"), width=14),
        ExportColumn("channel", _("How it was asked"), width=12),
        ExportColumn("asked", pgettext_lazy("data request", "Asked"), "moment", 17),
        ExportColumn("due", pgettext_lazy("queue", "Due"), "moment", 17),
        ExportColumn("identity", _("Identity"), width=24),
        ExportColumn("state", _("State"), width=14),
        ExportColumn("refusal", _("Reason of the refusal"), width=24),
        ExportColumn("ended", pgettext_lazy("data request", "Answered"), "moment", 17),
        ExportColumn("by", _("Answered by"), width=12),
    )

    def rows(self, grants: Grants) -> "QuerySet[DataRequest]":
        return visible_requests(grants).select_related("customer", "unit")

    def records(
        self, batch: Sequence[Any], grants: Grants, reveal: bool
    ) -> Sequence[Mapping[str, Any]]:
        return [self._record(row) for row in batch]

    @staticmethod
    def _record(row: DataRequest) -> Mapping[str, Any]:
        how = dict(IdentityCheck.choices).get(row.identity_check, "")
        return {
            "number": row.number,
            "kind": row.get_kind_display(),
            "customer": row.customer.name,
            "unit": row.unit.name,
            "channel": row.get_channel_display(),
            "asked": row.asked_at,
            "due": row.due_at,
            "identity": str(how),
            "state": row.get_state_display(),
            "refusal": row.get_refusal_display(),
            "ended": row.ended_at,
            "by": row.ended_by_name,
        }
