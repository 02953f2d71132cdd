"""Rows to files. A spreadsheet must never take a customer's words for a formula."""

import csv
import io
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import IO, Any

import xlsxwriter
from django.utils.translation import gettext as _

from zhike.core import clock
from zhike.core.exporter.kinds import ExportColumn
from zhike.core.exporter.watermark import Watermark

Record = Mapping[str, Any]
# The full-width signs are read as the others by Excel set up for Chinese.
DANGEROUS = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n")
# Excel's own limit for a cell.
_LONGEST_CELL = 32_767
_CHUNK = 64 * 1024


def escaped(text: str) -> str:
    """Text a spreadsheet would run is led by an apostrophe; our own import takes it off again."""
    return f"'{text}" if text.startswith(DANGEROUS) else text


def shown(value: Any) -> str:
    """A value as text: moments in the company's zone."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return f"{clock.local(value):%Y-%m-%d %H:%M}"
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return value.isoformat() if isinstance(value, date) else str(value)


def write_csv(columns: Sequence[ExportColumn], records: Iterable[Record]) -> Iterator[bytes]:
    """Lines of a .csv that Excel opens in Chinese (UTF-8 with its mark), as they become ready."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)

    def flush() -> bytes:
        data = buffer.getvalue().encode()
        buffer.seek(0)
        buffer.truncate()
        return data

    buffer.write("\ufeff")
    writer.writerow([escaped(str(column.label)) for column in columns])
    yield flush()
    for n, record in enumerate(records, 1):
        writer.writerow([_cell(column, record.get(column.key)) for column in columns])
        if n % 200 == 0:
            yield flush()
    rest = flush()
    if rest:
        yield rest


def _cell(column: ExportColumn, value: Any) -> str:
    text = shown(value)
    return text if column.kind == "number" else escaped(text)


def whole_xlsx(
    columns: Sequence[ExportColumn], records: Iterable[Record], sheet_name: str, mark: Watermark
) -> Iterator[bytes]:
    """A workbook as chunks: it can be sent only when its last row is known."""
    with tempfile.TemporaryFile() as file:
        write_xlsx(columns, records, file, sheet_name, mark)
        file.seek(0)
        while chunk := file.read(_CHUNK):
            yield chunk


def write_xlsx(
    columns: Sequence[ExportColumn],
    records: Iterable[Record],
    stream: IO[bytes],
    sheet_name: str,
    mark: Watermark | None = None,
) -> int:
    """A workbook written row by row; returns the number of rows. `mark` is put into it wherever it is seen."""
    book = xlsxwriter.Workbook(
        stream,
        {
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        },
    )
    head = book.add_format({"bold": True, "bg_color": "#eef6f6", "border": 1})
    formats = {
        "text": book.add_format({"num_format": "@"}),
        "date": book.add_format({"num_format": "yyyy-mm-dd"}),
        "moment": book.add_format({"num_format": "yyyy-mm-dd hh:mm"}),
    }
    sheet = book.add_worksheet(safe_sheet_name(sheet_name))
    sheet.freeze_panes(1, 0)
    for place, column in enumerate(columns):
        sheet.set_column(place, place, column.width, formats.get(column.kind))
        sheet.write_string(0, place, str(column.label), head)
    count = 0
    for count, record in enumerate(records, 1):
        for place, column in enumerate(columns):
            _write_cell(sheet, count, place, column, record.get(column.key), formats)
    if mark is not None:
        mark_sheet(sheet, mark)
        mark_book(book, mark, head)
    book.close()
    return count


def mark_sheet(sheet: Any, mark: Watermark) -> None:
    """On paper."""
    # In a page head "&" begins a code.
    line = mark.line.replace("&", "&&")[:200]
    sheet.set_header(f"&R{line}")
    sheet.set_footer(f"&L{line}&RP. &P / &N")


def mark_book(book: Any, mark: Watermark, head: Any) -> None:
    """In the properties of the file, and on a sheet that explains it."""
    book.set_properties(
        {"title": mark.number, "author": mark.who, "subject": mark.purpose, "comments": mark.line}
    )
    book.set_custom_property("ExportNumber", mark.number)
    about = book.add_worksheet(safe_sheet_name(_("About this file")))
    about.set_column(0, 0, 18)
    about.set_column(1, 1, 80, book.add_format({"text_wrap": True, "valign": "top"}))
    for line_no, (label, value) in enumerate(mark.facts()):
        about.write_string(line_no, 0, label, head)
        about.write_string(line_no, 1, escaped(value))


def _write_cell(
    sheet: Any, line: int, place: int, column: ExportColumn, value: Any, formats: Mapping[str, Any]
) -> None:
    if value is None or value == "":
        return
    if column.kind == "number" and isinstance(value, int | float | Decimal):
        sheet.write_number(line, place, float(value))
    elif isinstance(value, datetime):
        moment = clock.local(value).replace(tzinfo=None)
        sheet.write_datetime(line, place, moment, formats["moment"])
    elif isinstance(value, date):
        sheet.write_datetime(line, place, value, formats["date"])
    else:
        text = escaped(shown(value))[:_LONGEST_CELL]
        sheet.write_string(line, place, text, formats["text"])


def safe_sheet_name(name: str) -> str:
    kept = "".join(sign for sign in name if sign not in "[]:*?/\\'")
    return kept[:31] or "Sheet"
