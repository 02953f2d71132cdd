"""The change history of a file as the page shows it."""

from dataclasses import dataclass
from typing import Any

from zhike.customers.labels import field_label, shown_value
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


def change_page(customer: Customer, before: str = "") -> ChangePage:
    rows = ChangeRow.objects.filter(customer=customer)
    if before.isascii() and before.isdigit() and len(before) < 19:
        rows = rows.filter(pk__lt=int(before))
    found = list(rows.order_by("-pk")[: PAGE + 1])
    own = dict(CustomFieldDefinition.objects.values_list("code", "label"))
    lines = [_line(row, own) for row in found[:PAGE]]
    return ChangePage(lines, str(found[PAGE - 1].pk) if len(found) > PAGE else "")


def _line(row: ChangeRow, own: dict[str, str]) -> ShownChange:
    # A sealed side says only that something stood there; the address itself is looked at on the file.
    hidden = "••••"
    before: Any = hidden if row.is_sealed and row.before else row.before
    after: Any = hidden if row.is_sealed and row.after else row.after
    return ShownChange(
        row,
        field_label(row.field, own),
        shown_value(row.field, before),
        shown_value(row.field, after),
    )
