"""Workbooks that go back to people: the template of a kind, and the faulty rows of an import."""

from collections.abc import Sequence
from typing import IO, Any

import xlsxwriter
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhike.core.exporter.writers import escaped, safe_sheet_name
from zhike.core.importer.context import table_of
from zhike.core.importer.fields import ImportField
from zhike.core.importer.issues import shown_issue
from zhike.core.importer.kinds import ImportKind
from zhike.core.importer.reading import column_letter
from zhike.core.importer.sifting import fixes_of
from zhike.core.models import ImportIssue, ImportRun

# So many rows of a template carry formats and drop-downs.
_PREPARED_ROWS = 2000
_KINDS: dict[str, Any] = {
    "date": gettext_lazy("A day, such as 2026-10-08"),
    "datetime": gettext_lazy("A moment, such as 2026-10-08 14:20"),
    "number": gettext_lazy("A number"),
    "integer": gettext_lazy("A whole number"),
    "money": gettext_lazy("An amount in yuan"),
    "phone": gettext_lazy("A phone number, as text"),
    "id_card": gettext_lazy("An identity card number, as text"),
    "email": gettext_lazy("An e-mail address"),
    "flag": gettext_lazy("Yes or no"),
    "choice": gettext_lazy("One of the list"),
}
_OPTIONS = {
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}


def write_template(kind: ImportKind, stream: IO[bytes]) -> None:
    write_table(kind.label, kind.all_fields(), [[f.example for f in kind.all_fields()]], stream)


def write_table(
    label: Any, fields: Sequence[ImportField], rows: Sequence[Sequence[str]], stream: IO[bytes]
) -> None:
    """Headers in the reader's language, these rows, drop-downs, and a sheet that explains each field."""
    book = xlsxwriter.Workbook(stream, _OPTIONS)
    as_text = book.add_format({"num_format": "@"})
    head = book.add_format({"bold": True, "bg_color": "#eef6f6", "border": 1})
    needed = book.add_format({"bold": True, "bg_color": "#d5eaea", "border": 1})
    sheet = book.add_worksheet(safe_sheet_name(str(label)))
    sheet.freeze_panes(1, 0)
    for place, field in enumerate(fields):
        # Text everywhere: Excel then keeps phone numbers, cards and days as they are typed.
        sheet.set_column(place, place, max(14, len(str(field.label)) * 2 + 4), as_text)
        sheet.write_string(0, place, heading(field), needed if field.required else head)
        _drop_down(sheet, place, field)
    for line, cells in enumerate(rows, 1):
        for place, text in enumerate(cells):
            sheet.write_string(line, place, escaped(text), as_text)
    _explain(book, fields)
    book.close()


def heading(field: ImportField) -> str:
    return f"{field.label} *" if field.required else str(field.label)


def _drop_down(sheet: Any, place: int, field: ImportField) -> None:
    labels = [str(label) for _value, label in field.choice_list()]
    if field.kind == "flag":
        labels = [_("Yes"), _("No")]
    # Excel allows 255 characters for a list written into the rule.
    if labels and len(",".join(labels)) <= 255:
        rule = {"validate": "list", "source": labels, "error_type": "warning"}
        sheet.data_validation(1, place, _PREPARED_ROWS, place, rule)


def _explain(book: Any, fields: Sequence[ImportField]) -> None:
    sheet = book.add_worksheet(safe_sheet_name(_("How to fill it in")))
    head = book.add_format({"bold": True, "bg_color": "#eef6f6", "border": 1})
    wrap = book.add_format({"text_wrap": True, "valign": "top"})
    for place, (label, width) in enumerate(
        (
            (_("Column"), 24),
            (_("Needed"), 8),
            (_("Form"), 30),
            (_("Remarks"), 60),
            (_("Example"), 30),
        )
    ):
        sheet.set_column(place, place, width, wrap)
        sheet.write_string(0, place, label, head)
    for line, field in enumerate(fields, 1):
        choices = "、".join(str(label) for _value, label in field.choice_list())
        remarks = " ".join(part for part in (str(field.help), choices) if part)
        texts = (
            str(field.label),
            _("Yes") if field.required else "",
            str(_KINDS.get(field.kind, "")),
            remarks,
            field.example,
        )
        for place, text in enumerate(texts):
            sheet.write_string(line, place, text, wrap)
    rules = (
        _("Delete the example row before importing."),
        _("Keep the first row: the columns are recognised by it. Their order does not matter."),
        _("Columns you do not need may be deleted; the import also accepts your own headers."),
    )
    for offset, text in enumerate(rules, len(fields) + 2):
        sheet.write_string(offset, 0, text)


def write_error_book(run: ImportRun, stream: IO[bytes]) -> int:
    """The faulty rows with their original columns, what is wrong in front; returns the number of rows."""
    table = table_of(run)
    reasons: dict[int, list[str]] = {}
    for issue in ImportIssue.objects.filter(run=run).order_by("line", "id").iterator(500):
        told = shown_issue(issue, run, reveal=True)
        where = f"{told.heading}：" if told.heading else ""
        advice = f"（{told.suggestion}）" if told.suggestion else ""
        reasons.setdefault(issue.line, []).append(f"{where}{told.reason}{advice}")
    book = xlsxwriter.Workbook(stream, {**_OPTIONS, "constant_memory": True})
    sheet = book.add_worksheet(safe_sheet_name(_("Rows with errors")))
    head = book.add_format({"bold": True, "bg_color": "#fdeeec", "border": 1})
    as_text = book.add_format({"num_format": "@"})
    names = [name or column_letter(i) for i, name in enumerate(run.headers)]
    for place, name in enumerate([_("Reason of the error"), _("Line"), *names]):
        sheet.set_column(place, place, 50 if place == 0 else 16, as_text)
        sheet.write_string(0, place, escaped(name), head)
    fixes, count = fixes_of(run), 0
    for line, cells in table.rows():
        if line not in reasons:
            continue
        count += 1
        mended = fixes.get(line, {})
        texts = [mended.get(i, cell) for i, cell in enumerate(cells)]
        for place, text in enumerate(["；".join(reasons[line]), str(line), *texts]):
            sheet.write_string(count, place, escaped(text)[:32_767], as_text)
    book.close()
    return count
