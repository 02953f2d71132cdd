"""The built-in kinds of case: their number prefix and words. Seeded by a migration; own kinds can be added."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import pgettext_lazy


@dataclass(frozen=True)
class BuiltinType:
    code: str
    prefix: str
    label: Any


COMPLAINT = "complaint"
INQUIRY = "inquiry"
OTHER_PREFIX = "FW"

BUILTIN_TYPES = (
    BuiltinType("inquiry", "ZX", pgettext_lazy("case type", "Inquiry")),
    BuiltinType("complaint", "TS", pgettext_lazy("case type", "Complaint")),
    BuiltinType("repair", "BX", pgettext_lazy("case type", "Repair")),
    BuiltinType("request", OTHER_PREFIX, pgettext_lazy("case type", "Request")),
    BuiltinType("return", "TH", pgettext_lazy("case type", "Return")),
    BuiltinType("suggestion", OTHER_PREFIX, pgettext_lazy("case type", "Suggestion")),
    BuiltinType("praise", OTHER_PREFIX, pgettext_lazy("case type", "Praise")),
)
TYPE_LABELS = {kind.code: kind.label for kind in BUILTIN_TYPES}
