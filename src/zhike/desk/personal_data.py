"""What the desk gives to a person's copy of their data: cases, and what was written to and by them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from zhike.core.exporter import ExportColumn
from zhike.desk.choices import Visibility
from zhike.desk.models import Case, CaseEvent
from zhike.privacy.slots import PARTS, PersonalPart

CASES = (
    ExportColumn("number", _("Case number"), width=18),
    ExportColumn("type", _("Type"), width=12),
    ExportColumn("title", _("Subject"), width=40),
    ExportColumn("state", _("State"), width=14),
    ExportColumn("opened", _("Opened"), width=18),
    ExportColumn("closed", _("Closed"), width=18),
)
MESSAGES = (
    ExportColumn("number", _("Case number"), width=18),
    ExportColumn("at", _("When"), width=18),
    ExportColumn("who", pgettext_lazy("message", "From"), width=14),
    ExportColumn("text", _("Text"), width=60),
)


def register() -> None:
    PARTS.fill(PersonalPart("cases", _("Cases"), CASES, _cases, 20))
    PARTS.fill(PersonalPart("messages", _("Messages"), MESSAGES, _messages, 21))


def _cases(ids: Sequence[int]) -> Iterable[Mapping[str, Any]]:
    rows = Case.objects.filter(customer_id__in=ids, voided_at__isnull=True).select_related("type")
    for row in rows.order_by("pk"):
        yield {
            "number": row.number,
            "type": str(row.type.label),
            "title": row.title,
            "state": row.get_state_display(),
            "opened": row.opened_at,
            "closed": row.closed_at,
        }


def _messages(ids: Sequence[int]) -> Iterable[Mapping[str, Any]]:
    """Public lines alone; what a customer wrote is one, whatever it came by."""
    rows = CaseEvent.objects.filter(
        case__customer_id__in=ids, visibility=Visibility.PUBLIC, voided_at__isnull=True
    ).exclude(text="")
    for row in rows.select_related("case").order_by("case_id", "seq"):
        yield {
            "number": row.case.number,
            "at": row.at,
            "who": str(_("Customer")) if row.actor_kind == "customer" else row.actor_name,
            "text": row.text,
        }
