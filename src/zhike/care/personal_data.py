"""What follow-up visits give to a person's copy of their data."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from zhike.care.models import FollowUp
from zhike.core.exporter import ExportColumn
from zhike.privacy.slots import PARTS, PersonalPart

VISITS = (
    ExportColumn("number", _("Case number"), width=18),
    ExportColumn("at", _("Recorded"), width=18),
    ExportColumn("result", pgettext_lazy("follow-up", "Result"), width=14),
    ExportColumn("words", _("The customer's words"), width=60),
)


def register() -> None:
    PARTS.fill(PersonalPart("visits", _("Follow-up visits"), VISITS, _visits, 30))


def _visits(ids: Sequence[int]) -> Iterable[Mapping[str, Any]]:
    rows = FollowUp.objects.filter(customer_id__in=ids).select_related("case")
    for row in rows.exclude(result="").order_by("pk"):
        yield {
            "number": row.case.number,
            "at": row.done_at,
            "result": row.get_result_display(),
            "words": row.words,
        }
