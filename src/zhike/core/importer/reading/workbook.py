"""Workbooks. What is inside the zip is measured before anything unpacks it into memory."""

import re
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as _noop
from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetTypeEnum

from zhike.core.errors import RuleError
from zhike.core.importer.reading.delimited import unescaped
from zhike.core.importer.reading.table import (
    MAX_CELLS,
    MAX_COLUMNS,
    MAX_ROWS,
    FileNote,
    Sheet,
)

FORMULAS = _noop("%(n)s cells hold formulas; the values Excel last computed for them are read.")
_MAX_UNPACKED = 400 * 1024 * 1024
_MAX_PARTS = 2000
_MAX_TEXT = 400 * 1024 * 1024
_CHUNK = 1024 * 1024
# A cell with content: its reference, its type, and whether a formula stands in it.
_CELL = re.compile(
    rb"<(?:\w+:)?c\b(?P<attrs>[^>]*[^/>])>(?P<formula>\s*<(?:\w+:)?f\b[^>]*?"
    rb"(?:/>|>[^<]*</(?:\w+:)?f>)\s*(?P<value><(?:\w+:)?v>[^<]|<(?:\w+:)?is>)?)?"
)
_REF = re.compile(rb'\br="([A-Z]{1,3})([0-9]{1,7})"')
_ERROR = re.compile(rb'\bt="e"')
_SHARED = re.compile(rb'\bt="s"[^>]*>\s*<(?:\w+:)?v>([0-9]+)')
_ITEM = re.compile(rb"<(?:\w+:)?si\b.*?(?:</(?:\w+:)?si>|/>)", re.S)


def read_workbook(path: Path, sheet_name: str) -> tuple[list[str], Sheet]:
    """The names of the sheets, and the chosen one (the first with anything in it when none is named)."""
    formulas, broken = _inspect(path)
    try:
        book = CalamineWorkbook.from_path(path)
        names = [meta.name for meta in book.sheets_metadata if meta.typ == SheetTypeEnum.WorkSheet]
        if sheet_name and sheet_name not in names:
            raise RuleError("sheet_unknown", _("There is no worksheet of this name in the file."))
        for position, name in enumerate(book.sheet_names):
            if name not in names or (sheet_name and name != sheet_name):
                continue
            lines = [[cell_text(cell) for cell in row] for row in _lines(book, name)]
            if sheet_name or any(any(line) for line in lines):
                return names, _sheet(name, lines, formulas.get(position, 0), broken.get(position))
    except PasswordError as error:
        raise RuleError(
            "file_protected", _("The workbook is protected by a password. Save it without one.")
        ) from error
    except (CalamineError, OSError) as error:
        raise damaged() from error
    return names, Sheet(names[0] if names else "", [])


def _lines(book: CalamineWorkbook, name: str) -> Iterator[list[Any]]:
    return iter(book.get_sheet_by_name(name).to_python(skip_empty_area=False))


def _sheet(
    name: str, lines: list[list[str]], formulas: int, broken: set[tuple[int, int]] | None
) -> Sheet:
    notes = (FileNote(FORMULAS, {"n": formulas}),) if formulas else ()
    return Sheet(name, lines, frozenset(broken or ()), notes)


def cell_text(value: Any) -> str:
    """A cell as a person would write it: whole numbers without a point, dates as 2026-10-08."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e18 else repr(value)
    if isinstance(value, datetime):
        midnight = (value.hour, value.minute, value.second) == (0, 0, 0)
        return value.date().isoformat() if midnight else value.isoformat(" ", "seconds")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value)
    return unescaped(str(value).replace("\x00", "").strip())


def damaged() -> RuleError:
    return RuleError(
        "file_damaged",
        _("The workbook is damaged and cannot be opened. Open it in Excel and save it once more."),
    )


def _inspect(path: Path) -> tuple[dict[int, int], dict[int, set[tuple[int, int]]]]:
    """Refuse what would grow beyond bounds; return, per sheet, how many formulas and which are unusable."""
    try:
        with zipfile.ZipFile(path) as book:
            _check_directory(book)
            _check_small_parts(book)
            lengths = _shared_lengths(book)
            formulas: dict[int, int] = {}
            broken: dict[int, set[tuple[int, int]]] = {}
            for position, part in enumerate(_sheet_parts(book)):
                formulas[position], broken[position] = _scan(_unpack(book, part), lengths)
            return formulas, broken
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError) as error:
        raise damaged() from error
    except RuntimeError as error:  # a zip whose parts are encrypted
        raise damaged() from error


def _check_directory(book: zipfile.ZipFile) -> None:
    names = set(book.namelist())
    if "xl/workbook.bin" in names:
        raise RuleError(
            "file_binary_excel", _("This is an .xlsb workbook. Save it as .xlsx in Excel.")
        )
    if "xl/workbook.xml" not in names:
        raise RuleError(
            "file_not_a_workbook",
            _("This is a zip archive, not an Excel workbook, whatever its name says."),
        )
    if len(names) > _MAX_PARTS or sum(part.file_size for part in book.infolist()) > _MAX_UNPACKED:
        raise too_big()


def _check_small_parts(book: zipfile.ZipFile) -> None:
    for part in book.infolist():
        if part.filename.endswith((".xml", ".rels")) and "/worksheets/" not in part.filename:
            with book.open(part) as stream:
                while stream.read(_CHUNK):
                    pass


def too_big() -> RuleError:
    return RuleError(
        "file_unpacks_too_large",
        _(
            "Unpacked, this workbook is far too large. Please send only the sheet and columns needed."
        ),
    )


def _unpack(book: zipfile.ZipFile, part: str) -> bytes:
    # zipfile stops at the size the directory declares and then compares the checksum, so a directory that
    # lies about a bomb ends here and not in the reader.
    chunks = []
    with book.open(part) as stream:
        while chunk := stream.read(_CHUNK):
            chunks.append(chunk)
    return b"".join(chunks)


def _sheet_parts(book: zipfile.ZipFile) -> list[str]:
    """The parts of the sheets in the order of the workbook."""
    workbook = book.read("xl/workbook.xml")
    try:
        relations = book.read("xl/_rels/workbook.xml.rels")
    except KeyError as error:
        raise damaged() from error
    targets: dict[bytes, str] = {}
    for tag in re.findall(rb"<(?:\w+:)?Relationship\b[^>]*>", relations):
        key = re.search(rb'\bId="([^"]+)"', tag)
        target = re.search(rb'\bTarget="([^"]+)"', tag)
        if key and target:
            name = target[1].decode("utf-8", "replace")
            targets[key[1]] = name.lstrip("/") if name.startswith("/") else f"xl/{name}"
    found = []
    for tag in re.findall(rb"<(?:\w+:)?sheet\b[^>]*>", workbook):
        key = re.search(rb'\b\w+:id="([^"]+)"', tag)
        part = targets.get(key[1], "") if key else ""
        found.append(part if part in book.namelist() else "")
    if not any(found):
        raise damaged()
    return [part or "xl/workbook.xml" for part in found]


def _shared_lengths(book: zipfile.ZipFile) -> list[int]:
    if "xl/sharedStrings.xml" not in book.namelist():
        return []
    return [len(item) for item in _ITEM.findall(_unpack(book, "xl/sharedStrings.xml"))]


def _scan(data: bytes, lengths: list[int]) -> tuple[int, set[tuple[int, int]]]:
    formulas = 0
    broken: set[tuple[int, int]] = set()
    last_row = last_column = cells = 0
    for match in _CELL.finditer(data):
        cells += 1
        reference = _REF.search(match["attrs"])
        row, column = (int(reference[2]), _number(reference[1])) if reference else (0, 0)
        last_row, last_column = max(last_row, row), max(last_column, column)
        if match["formula"] is not None:
            formulas += 1
        if (match["formula"] is not None and not match["value"]) or _ERROR.search(match["attrs"]):
            broken.add((row, column - 1))
    if last_column > MAX_COLUMNS * 4 or last_row > MAX_ROWS * 2:
        raise RuleError(
            "file_too_long",
            _(
                "The sheet reaches to row %(row)s, column %(column)s. Delete the empty rows and "
                "columns at its end, or split it."
            )
            % {"row": last_row, "column": last_column},
        )
    if cells > MAX_CELLS or last_row * last_column > MAX_CELLS * 4:
        raise too_big()
    # One long text referred to by a million cells would unpack into more memory than there is.
    if lengths and cells * max(lengths) > _MAX_TEXT:
        total = sum(lengths[i] for i in map(int, _SHARED.findall(data)) if i < len(lengths))
        if total > _MAX_TEXT:
            raise too_big()
    return formulas, broken


def _number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number
