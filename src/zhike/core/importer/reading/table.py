from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from zhike.core.errors import RuleError
from zhike.core.files import sniff_type

MAX_ROWS = 200_000
MAX_COLUMNS = 200
# A workbook is read into memory as a rectangle; this bounds it.
MAX_CELLS = 4_000_000
# The title of a sheet may stand above the headers, but not further down than this.
_HEADER_WITHIN = 10

Line = tuple[int, list[str]]


@dataclass(frozen=True)
class FileNote:
    """Something worth knowing about a file that can be read all the same: a message template with values."""

    text: str
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Sheet:
    """The raw lines of one sheet. `broken` are cells (line, column) whose formula has no usable result."""

    name: str
    lines: list[list[str]]
    broken: frozenset[tuple[int, int]] = frozenset()
    notes: tuple[FileNote, ...] = ()


@dataclass(frozen=True)
class Table:
    """A sheet with its headers. Lines are counted as Excel does: the first one is 1."""

    sheets: list[str]
    sheet: Sheet
    header_line: int
    headers: list[str]

    @property
    def notes(self) -> tuple[FileNote, ...]:
        return self.sheet.notes

    def rows(self, after_line: int = 0) -> Iterator[Line]:
        """Lines below the headers that hold anything, with their line number."""
        start = max(self.header_line, after_line)
        for line, cells in enumerate(self.sheet.lines[start:], start + 1):
            if any(cells):
                yield line, cells

    def row_count(self) -> int:
        return sum(1 for _row in self.rows())

    def is_broken(self, line: int, column: int) -> bool:
        return (line, column) in self.sheet.broken


def open_table(path: Path, sheet: str = "") -> Table:
    """Read a stored file. Raises RuleError with a sentence when it is no table we can read."""
    from zhike.core.importer.reading.delimited import read_delimited
    from zhike.core.importer.reading.workbook import read_workbook

    with path.open("rb") as stream:
        head = stream.read(2048)
    kind = sniff_type(head)
    if kind == "application/zip":
        names, found = read_workbook(path, sheet)
    else:
        _refuse_other_types(kind, head)
        names, found = [], read_delimited(path)
    return _with_headers(names, found)


def _refuse_other_types(kind: str, head: bytes) -> None:
    if kind == "application/x-ole-storage":
        raise RuleError(
            "file_old_excel",
            _(
                "This is an old .xls workbook, or one protected by a password. "
                "Open it in Excel and save it as .xlsx without a password."
            ),
        )
    if kind.startswith(("image/", "video/", "audio/")) or kind == "application/pdf":
        raise RuleError(
            "file_not_a_table",
            _("This file holds no table. Please choose an .xlsx or .csv file."),
        )
    if head.lstrip(b"\xef\xbb\xbf \r\n\t")[:1] == b"<":
        raise RuleError(
            "file_is_web_page",
            _(
                "This is a web page under the name of a table. "
                "Open it in Excel and save it as .xlsx."
            ),
        )


def _with_headers(names: list[str], sheet: Sheet) -> Table:
    filled = [(n, line) for n, line in enumerate(sheet.lines[:500], 1) if any(line)]
    if not filled:
        raise RuleError("file_empty", _("There is nothing in this file but empty cells."))
    first, cells = filled[0]
    # A single filled cell above broader lines is the title of the sheet, not its header.
    if sum(map(bool, cells)) == 1:
        for n, line in filled[1:_HEADER_WITHIN]:
            if sum(map(bool, line)) > 1:
                first, cells = n, line
                break
    headers = _distinct([" ".join(cell.split())[:120] for cell in cells])
    while headers and not headers[-1]:
        headers.pop()
    if len(headers) > MAX_COLUMNS:
        raise RuleError(
            "file_too_wide",
            _("The table has more than %(most)s columns. Please delete those you do not need.")
            % {"most": MAX_COLUMNS},
        )
    table = Table(names, sheet, first, headers)
    count = table.row_count()
    if count == 0:
        raise RuleError(
            "file_without_rows", _("The file has a line of headers, but no rows below it.")
        )
    if count > MAX_ROWS:
        raise RuleError(
            "file_too_long",
            _("The file has more than %(most)s rows. Please split it.") % {"most": f"{MAX_ROWS:,}"},
        )
    return table


def _distinct(headers: list[str]) -> list[str]:
    seen: dict[str, int] = {}
    result = []
    for header in headers:
        seen[header] = seen.get(header, 0) + 1
        repeated = header and seen[header] > 1
        result.append(f"{header} ({seen[header]})" if repeated else header)
    return result


def column_letter(column: int) -> str:
    """0 → A, 26 → AA, as Excel names columns."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
