"""Worksheets: the reader of cells knows no formulas and gives nothing where a figure could not be computed.

An error would then pass for a missing answer, and a column that a program wrote as formulas for an empty one.
So the sheet itself is looked through for both; one without formulas and errors costs a search of two words.
"""

import io
import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, TypeAlias

from zhike.cli.analyze.figures import listed
from zhike.cli.analyze.problems import Problem
from zhike.cli.texts import gettext as _

Row: TypeAlias = Sequence[Any]
# A cell with anything in it: what is said of it, its formula, and the value last computed.
_CELL = re.compile(
    rb"<(?:\w+:)?c\b(?P<about>[^>]*[^/>])>\s*"
    rb"(?P<formula><(?:\w+:)?f\b[^>]*?(?:/>|>[^<]*</(?:\w+:)?f>)\s*)?"
    rb"(?:<(?:\w+:)?v>(?P<value>[^<]+)<)?"
)
_PLACE = re.compile(rb'\br="([A-Z]{1,3})([0-9]{1,7})"')
_TEXT_OR_ERROR = re.compile(rb'\bt="(str|e)"')
# The one error people write on purpose: there is no such figure. It counts as a missing answer.
_NOT_AVAILABLE = "#N/A"


def rows_of_workbook(path: Path, data: bytes, sheet: str) -> Iterator[Row]:
    """The rows of the worksheet called `sheet`, or of the first; errors stand there as Excel shows them."""
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        if sheet and sheet not in book.sheet_names:
            raise Problem(
                _("{file} has no worksheet “{sheet}”. Its worksheets: {sheets}.").format(
                    file=path.name, sheet=sheet, sheets=listed(book.sheet_names)
                )
            )
        name = sheet or book.sheet_names[0]
        errors = _errors(path, data, book.sheet_names.index(name))
        rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
    except (
        CalamineError,
        OSError,
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        RuntimeError,
    ) as error:
        raise Problem(
            _("{file} is damaged or protected and cannot be opened as a workbook.").format(
                file=path.name
            )
        ) from error
    for (row, column), text in errors.items():
        if row <= len(rows) and column <= len(rows[row - 1]):
            rows[row - 1][column - 1] = text
    return iter(rows)


def _errors(path: Path, data: bytes, position: int) -> dict[tuple[int, int], str]:
    """Errors by row and column from 1; refuses a formula that no program has computed yet."""
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        part = _part(book, position)
        content = book.read(part) if part else b""
    found: dict[tuple[int, int], str] = {}
    if not re.search(rb'<(?:\w+:)?f\b|\bt="e"', content):
        return found
    for cell in _CELL.finditer(content):
        kind = _TEXT_OR_ERROR.search(cell["about"])
        place = _PLACE.search(cell["about"])
        if place is None or not (cell["formula"] or kind):
            continue
        if kind and kind[1] == b"e":
            text = (cell["value"] or b"").decode("utf-8", "replace")
            if text and text != _NOT_AVAILABLE:
                found[int(place[2]), _column(place[1])] = text
        elif cell["formula"] and cell["value"] is None and kind is None:
            raise Problem(
                _(
                    "{file}, cell {cell} holds a formula that was never computed; open the file in a "
                    "spreadsheet program and save it."
                ).format(file=path.name, cell=f"{place[1].decode()}{place[2].decode()}")
            )
    return found


def _part(book: zipfile.ZipFile, position: int) -> str:
    """The part of the zip that holds the sheet at `position`; empty where the directory does not say."""
    names = set(book.namelist())
    if not {"xl/workbook.xml", "xl/_rels/workbook.xml.rels"} <= names:
        return ""
    targets = {}
    for tag in re.findall(
        rb"<(?:\w+:)?Relationship\b[^>]*>", book.read("xl/_rels/workbook.xml.rels")
    ):
        key, target = re.search(rb'\bId="([^"]+)"', tag), re.search(rb'\bTarget="([^"]+)"', tag)
        if key and target:
            where = posixpath.join("/xl", target[1].decode("utf-8", "replace"))
            targets[key[1]] = posixpath.normpath(where).lstrip("/")
    sheets = re.findall(rb"<(?:\w+:)?sheet\b[^>]*>", book.read("xl/workbook.xml"))
    key = re.search(rb'\b\w+:id="([^"]+)"', sheets[position]) if position < len(sheets) else None
    part = targets.get(key[1], "") if key else ""
    return part if part in names else ""


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number
