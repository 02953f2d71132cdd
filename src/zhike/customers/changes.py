"""The change history of a file as the page shows it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from zhike.core.access import Grants
from zhike.customers.labels import field_label, own_labels, shown_value
from zhike.customers.masks import is_shown, personal_codes, shown
from zhike.customers.models import ChangeRow, Customer, CustomFieldDefinition

PAGE = 50


@dataclass(frozen=True)
class ShownChange:
    row: ChangeRow
    label: Any
    before: Any
    after: Any


@dataclass(frozen=True)
class ChangePage:
    lines: list[ShownChange]
    older: str


def change_page(customer: Customer, grants: Grants, before: str = "") -> ChangePage:
    """Fields hidden from the reader have no line, so a page may hold fewer than it could."""
    rows = ChangeRow.objects.filter(customer=customer)
    if before.isascii() and before.isdigit() and len(before) < 19:
        rows = rows.filter(pk__lt=int(before))
    found = list(rows.order_by("-pk")[: PAGE + 1])
    definitions = list(CustomFieldDefinition.objects.all())
    own, personal = own_labels(definitions), personal_codes(definitions)
    lines = [
        _line(row, own, lambda field, value: shown(grants, field, value, personal))
        for row in found[:PAGE]
        if is_shown(grants, row.field, personal)
    ]
    return ChangePage(lines, str(found[PAGE - 1].pk) if len(found) > PAGE else "")


def _line(row: ChangeRow, own: dict[str, str], told: Callable[[str, Any], Any]) -> ShownChange:
    # A sealed side says only that something stood there; the address itself is looked at on the file.
    hidden = "••••"
    before: Any = hidden if row.is_sealed and row.before else row.before
    after: Any = hidden if row.is_sealed and row.after else row.after
    return ShownChange(
        row,
        field_label(row.field, own),
        told(row.field, shown_value(row.field, before)),
        told(row.field, shown_value(row.field, after)),
    )
