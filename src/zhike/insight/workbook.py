"""The week as a workbook: a sheet for each table, figures with numerator, denominator and definition."""

import tempfile
from collections.abc import Iterable, Sequence
from typing import IO, Any

import xlsxwriter
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from zhike.core.exporter.watermark import Watermark
from zhike.core.exporter.writers import escaped, mark_book, mark_sheet, safe_sheet_name
from zhike.core.search import masked_numbers
from zhike.insight.week_page import WeekPage, notice_word

Cells = Sequence[Any]
# Its name, titles and rows.
Sheet = tuple[str, list[str], Iterable[Cells]]


def write_week(page: WeekPage, mark: Watermark) -> IO[bytes]:
    file = tempfile.TemporaryFile()  # noqa: SIM115  (closed by the response)
    book = xlsxwriter.Workbook(
        file,
        {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False},
    )
    head = book.add_format({"bold": True, "bg_color": "#eef6f6", "border": 1})
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    for name, titles, rows in _sheets(page):
        sheet = book.add_worksheet(safe_sheet_name(name))
        mark_sheet(sheet, mark)
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, 0, 28)
        sheet.set_column(1, max(1, len(titles) - 1), 16)
        for place, title in enumerate(titles):
            sheet.write_string(0, place, title, head)
        for line, cells in enumerate(rows, 1):
            for place, value in enumerate(cells):
                _write(sheet, line, place, value, day)
    mark_book(book, mark, head)
    book.close()
    file.seek(0)
    return file


def _write(sheet: Any, line: int, place: int, value: Any, day: Any) -> None:
    if value is None or value == "":
        return
    if isinstance(value, int | float):
        sheet.write_number(line, place, value)
    elif hasattr(value, "isoformat"):
        sheet.write_datetime(line, place, value, day)
    else:
        sheet.write_string(line, place, escaped(str(value)))


def _sheets(page: WeekPage) -> Iterable[Sheet]:
    this, last = _("This week"), _("Last week")
    yield (
        _("Figures"),
        [_("Figure"), this, _("Out of"), last, _("Out of, last week"), _("Definition")],
        [
            (
                line.figure.label,
                *_amount(line.figure, line.this),
                *_amount(line.figure, line.last),
                line.figure.definition,
            )
            for line in page.lines
        ],
    )
    yield from _part_sheets(page, this, last)
    yield from _text_sheets(page)


def _part_sheets(page: WeekPage, this: str, last: str) -> Iterable[Sheet]:
    for name, parts in (
        (_("By type"), page.types),
        (_("By channel"), page.channels),
        (_("Open by age"), page.ages),
        (_("Complaints by cause"), page.causes),
    ):
        rows = [("\u3000" * part.depth + str(part.label), part.this, part.last) for part in parts]
        yield name, [name, this, last], rows
    yield (
        _("Notices by department"),
        [
            pgettext("notice", "Department"),
            pgettext("figure", "Sent"),
            _("Answered in time"),
            _("Answered or overdue"),
            _("Not yet answered"),
            _("Overdue now"),
        ],
        [
            (row.name, row.sent, row.in_time, row.judged, row.waiting, row.overdue)
            for row in page.departments
        ],
    )


def _text_sheets(page: WeekPage) -> Iterable[Sheet]:
    yield (
        _("Measures of departments"),
        [
            _("Notice"), pgettext("notice", "Department"), pgettext("measure", "What"),
            pgettext("measure", "Who"), pgettext("measure", "By when"), _("State"),
        ],
        [
            # Whoever takes it, whatever they may look at: a file is read by others.
            (n.number, n.unit.name, masked_numbers(n.action), n.responsible, n.action_due, notice_word(n))
            for n in page.actions
        ],
    )  # fmt: skip
    yield (
        _("Customers' words"),
        [_("Words"), _("Where from")],
        [(words.text, words.note) for words in page.words],
    )
    yield (
        _("Twelve weeks"),
        [_("Week"), _("All contacts"), pgettext("report", "Complaints"), _("Per 1,000 contacts")],
        [(row["week"].code, row["contacts"], row["complaints"], row["rate"]) for row in page.trend],
    )
    yield (
        _("Measures of the week"),
        [
            _("Week"), pgettext("measure", "What"), pgettext("measure", "Who"),
            pgettext("measure", "By when"), pgettext("measure", "Carried out"), _("Note"),
        ],
        [
            (str(row.monday), row.what, row.who, row.due, _done(row.is_done), row.note)
            for row in [*page.carried, *page.planned]
        ],
    )  # fmt: skip


def _amount(figure: Any, tally: Any) -> tuple[float, int | None]:
    return (tally.numerator / 100 if figure.amount else tally.numerator, tally.denominator)


def _done(is_done: bool | None) -> str:
    return "" if is_done is None else _("yes") if is_done else _("no")
