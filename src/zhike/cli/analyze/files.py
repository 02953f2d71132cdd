"""Tables from files: .csv in the encodings and with the delimiters people here use, and .xlsx.

The importer's reader is for registers of up to 200,000 rows with headers people wrote; it needs the program's
settings. Here columns are named exactly, a million rows must pass, and a cell that is no number is told
by its row.
"""

import codecs
import csv
import io
import itertools
import math
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zhike.cli.analyze.figures import listed
from zhike.cli.analyze.problems import Problem
from zhike.cli.analyze.sheets import Row, rows_of_workbook
from zhike.cli.texts import gettext as _
from zhike.methods.given import Floats

# What programs write where nothing was answered: R, spreadsheets, pandas, SPSS, SQL.
MISSING = frozenset({"", "NA", "N/A", "#N/A", "NaN", "nan", "NULL", "null", "."})
DELIMITERS = (",", ";", "\t")
_AT_ONCE = 20_000
_LONGEST_SHOWN = 30
# Signs between, or none: four, two and two digits. A time of day behind it is cut off.
_DAY = re.compile(  # zh-data
    r"(?:(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?|(\d{4})(\d{2})(\d{2}))(?:[T ]\s*[\d:.+Z-]+)?"
)
_GROUPED = re.compile(r"[+-]?[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?")
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True)
class Columns:
    """The columns asked for, without empty rows; `rows` are the file's own numbers, the header's being 1."""

    file: str
    rows: NDArray[np.int64]
    numbers: dict[str, Floats]
    texts: dict[str, list[str]]
    days: dict[str, NDArray[np.int64]]

    @property
    def count(self) -> int:
        return self.rows.size

    def matrix(self, names: Sequence[str]) -> Floats:
        """(rows, names), NaN where an answer is missing."""
        return np.column_stack([self.numbers[name] for name in names])

    def within(self, names: Iterable[str], low: float, high: float) -> None:
        """Refuses the first number off the scale, with its row and column."""
        for name in names:
            off = np.flatnonzero((self.numbers[name] < low) | (self.numbers[name] > high))
            if off.size:
                at = int(off[0])
                raise Problem(
                    _(
                        "{file}, row {row}, column “{column}”: {value} lies outside of the scale "
                        "from {low} to {high}."
                    ).format(
                        file=self.file, row=int(self.rows[at]), column=name,
                        value=f"{self.numbers[name][at]:g}", low=f"{low:g}", high=f"{high:g}",
                    )
                )  # fmt: skip

    def whole(self, names: Iterable[str]) -> None:
        """Refuses the first number that is not whole, with its row and column."""
        for name in names:
            given = self.numbers[name]
            off = np.flatnonzero(~np.isnan(given) & (given != np.rint(given)))
            if off.size:
                at = int(off[0])
                raise Problem(
                    _(
                        "{file}, row {row}, column “{column}”: {value} is no point of the scale; "
                        "answers are whole numbers."
                    ).format(
                        file=self.file,
                        row=int(self.rows[at]),
                        column=name,
                        value=f"{given[at]:g}",
                    )
                )

    def not_below_zero(self, names: Iterable[str]) -> None:
        """Refuses the first negative number, with its row and column."""
        for name in names:
            off = np.flatnonzero(self.numbers[name] < 0)
            if off.size:
                raise Problem(
                    _("{file}, row {row}, column “{column}”: {value} is below 0.").format(
                        file=self.file,
                        row=int(self.rows[off[0]]),
                        column=name,
                        value=f"{self.numbers[name][off[0]]:g}",
                    )
                )

    def answered(self, names: Iterable[str]) -> None:
        """Refuses a column in which no row has an answer."""
        for name in names:
            if np.isnan(self.numbers[name]).all():
                raise Problem(_("Column “{item}” is empty: nobody answered it.").format(item=name))

    def complete(self, names: Iterable[str]) -> None:
        """Refuses the first empty cell, with its row and column."""
        for name in names:
            empty = np.flatnonzero(np.isnan(self.numbers[name]))
            if empty.size:
                raise Problem(
                    _("{file}, row {row}, column “{column}” is empty.").format(
                        file=self.file, row=int(self.rows[empty[0]]), column=name
                    )
                )

    def each_once(self, name: str) -> None:
        """Refuses a name that is empty or stands there twice, with its row."""
        seen: set[str] = set()
        for row, text in zip(self.rows, self.texts[name], strict=True):
            if not text.strip():
                raise Problem(
                    _("{file}, row {row}, column “{column}” is empty.").format(
                        file=self.file, row=int(row), column=name
                    )
                )
            if text in seen:
                raise Problem(
                    _("{file}, row {row}, column “{column}”: “{text}” stands there twice.").format(
                        file=self.file, row=int(row), column=name, text=_short(text)
                    )
                )
            seen.add(text)

    def row_of(self, position: int) -> int:
        """The file's row for a row a method counted from 1."""
        return int(self.rows[position - 1]) if 1 <= position <= self.count else position


class Source:
    """A file with its headers read; `columns` goes through its rows once."""

    def __init__(self, path: Path, sheet: str = "") -> None:
        self.path = path
        self._rows, self.commas_group = _rows_of(path, sheet)
        self.headers = self._headers()

    def _headers(self) -> tuple[str, ...]:
        first = next(self._rows, None)
        if first is None or not any(_text(cell) for cell in first):
            raise Problem(_("{file} has no headers in its first row.").format(file=self.path.name))
        # Spaces at the ends of a header cannot be seen.
        headers = tuple(_text(cell).strip() for cell in first)
        for at, header in enumerate(headers):
            if header and header in headers[:at]:
                raise Problem(
                    _(
                        "{file}, row 1: columns {first} and {second} are both called “{column}”. Give "
                        "each a name of its own."
                    ).format(
                        file=self.path.name,
                        column=header,
                        first=headers.index(header) + 1,
                        second=at + 1,
                    )
                )
        return headers

    def require(self, names: Iterable[str]) -> None:
        lacking = [name for name in names if name not in self.headers]
        if lacking:
            raise Problem(
                _("{file} has no column “{column}”. Its columns: {columns}.").format(
                    file=self.path.name,
                    column=lacking[0],
                    columns=listed([header for header in self.headers if header]),
                )
            )

    def first_is_text(self, number: Callable[[Any], float | None] | None = None) -> bool:
        """Do the first rows hold names in their first column? They stay to be read."""
        head = list(itertools.islice(self._rows, 20))
        self._rows = itertools.chain(head, self._rows)
        cells = [_text(row[0]).strip() for row in head if row]
        filled = [cell for cell in cells if cell not in MISSING]
        return bool(filled) and not any(
            self._is_number(cell) or (number is not None and number(cell) is not None)
            for cell in filled
        )

    def columns(
        self,
        numbers: Sequence[str] = (),
        texts: Sequence[str] = (),
        days: Sequence[str] = (),
        number: Callable[[Any], float | None] | None = None,
    ) -> Columns:
        """Reads the rows. `number` reads a cell that `float` cannot, and answers None where it cannot either."""
        self.require([*numbers, *texts, *days])
        places = {name: self.headers.index(name) for name in (*numbers, *texts, *days)}
        places_read: list[NDArray[np.int64]] = []
        found: dict[str, list[Floats]] = {name: [] for name in numbers}
        words: dict[str, list[str]] = {name: [] for name in texts}
        dates: dict[str, list[int]] = {name: [] for name in days}
        known: dict[Any, int] = {}
        for lines, rows in self._chunks():
            places_read.append(np.array(lines, dtype=np.int64))
            # Turned once: a column is then at hand as it is.
            turned = list(zip(*rows, strict=True))
            for name in numbers:
                cells = turned[places[name]]
                found[name].append(self._numbers(name, cells, lines, number))
            for name in texts:
                words[name] += map(_text, turned[places[name]])
            for name in days:
                dates[name] += self._days(name, turned[places[name]], lines, known)
        if not places_read:
            raise Problem(_("{file} has no rows below its headers.").format(file=self.path.name))
        return Columns(
            self.path.name,
            np.concatenate(places_read),
            {name: np.concatenate(parts) for name, parts in found.items()},
            words,
            {name: np.array(parts, dtype=np.int64) for name, parts in dates.items()},
        )

    def _chunks(self) -> Iterator[tuple[list[int], list[Row]]]:
        """Rows with anything in them and their numbers, each as long as the headers."""
        width, line = len(self.headers), 1
        while chunk := list(itertools.islice(self._rows, _AT_ONCE)):
            lines = list(range(line + 1, line + 1 + len(chunk)))
            line += len(chunk)
            if not all(map(any, chunk)):
                kept = [at for at, row in enumerate(chunk) if any(map(_text, row))]
                lines, chunk = [lines[at] for at in kept], [chunk[at] for at in kept]
            if any(len(row) != width for row in chunk):
                chunk = [self._fitted(row, at, width) for row, at in zip(chunk, lines, strict=True)]
            if chunk:
                yield lines, chunk

    def _fitted(self, row: Row, line: int, width: int) -> Row:
        if len(row) > width and any(map(_text, row[width:])):
            raise Problem(
                _("{file}, row {row} has {found} cells, but there are {headers} headers.").format(
                    file=self.path.name, row=line, found=len(row), headers=width
                )
            )
        # Spreadsheets leave out empty cells at the end of a line.
        return [*row[:width], *[""] * (width - len(row))]

    def _numbers(
        self,
        name: str,
        cells: Row,
        lines: list[int],
        other: Callable[[Any], float | None] | None,
    ) -> Floats:
        found = _plain_numbers(cells)
        if found is None:
            found = np.array(
                [self._number(name, cell, at, other) for cell, at in zip(cells, lines, strict=True)]
            )
        return found

    def _number(
        self, name: str, cell: Any, line: int, other: Callable[[Any], float | None] | None
    ) -> float:
        text = _text(cell).strip()
        if text in MISSING:
            return math.nan
        try:
            found = math.inf if "_" in text or isinstance(cell, bool) else self._float(text)
        except ValueError:
            found = math.inf
        if not math.isfinite(found) and other is not None:
            again = other(text)
            found = math.inf if again is None else again
        if math.isfinite(found):
            return found
        raise Problem(
            _("{file}, row {row}, column “{column}”: “{cell}” is no number.").format(
                file=self.path.name, row=line, column=name, cell=_short(text)
            )
        )

    def _float(self, text: str) -> float:
        """1,234.50 too, but not where semicolons part the cells: there 1,234 may well be 1.234."""
        if self.commas_group and _GROUPED.fullmatch(text):
            text = text.replace(",", "")
        return float(text)

    def _is_number(self, text: str) -> bool:
        try:
            return math.isfinite(self._float(text))
        except ValueError:
            return False

    def _days(self, name: str, cells: Row, lines: list[int], known: dict[Any, int]) -> list[int]:
        found = []
        for cell, line in zip(cells, lines, strict=True):
            day = known.get(cell)
            if day is None:
                day = ordinal(cell)
                if day is None:
                    raise Problem(
                        _(
                            "{file}, row {row}, column “{column}”: “{cell}” is no date; write it "
                            "as 2026-03-31."
                        ).format(
                            file=self.path.name, row=line, column=name, cell=_short(_text(cell))
                        )
                    )
                known[cell] = day
            found.append(day)
        return found


def ordinal(cell: Any) -> int | None:
    """A day as its number: 2026-03-31, 2026/3/31, 20260331, 2026年3月31日, with a time behind it or not."""
    if isinstance(cell, datetime | date):
        return cell.toordinal()
    found = _DAY.fullmatch(_text(cell).strip())
    if not found:
        return None
    try:
        return date(*(int(part) for part in found.groups() if part is not None)).toordinal()
    except ValueError:
        return None


def _text(cell: Any) -> str:
    """As a person would write it: whole numbers of a workbook without a point."""
    if isinstance(cell, str):
        return cell
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    return str(cell)


def _plain_numbers(cells: Row) -> Floats | None:
    """Texts that are all numbers or empty, the quick way; None where a cell needs to be looked at."""
    try:
        joined = "".join(cells)
        # What Python reads as a number, but no person writes as one.
        if "_" in joined:
            return None
        found = np.array([float(cell) if cell else math.nan for cell in cells])
    except (ValueError, TypeError):
        return None
    return None if np.isinf(found).any() else found


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _LONGEST_SHOWN else text[:_LONGEST_SHOWN] + "…"


def _rows_of(path: Path, sheet: str) -> tuple[Iterator[Row], bool]:
    """Rows, and whether a comma within a number can only part its thousands."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise Problem(_("There is no file {file}.").format(file=path)) from None
    except OSError as error:
        raise Problem(
            _("{file} cannot be read: {why}.").format(file=path, why=error.strerror or error)
        ) from error
    if data.startswith(b"PK\x03\x04"):
        return rows_of_workbook(path, data, sheet), True
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise Problem(
            _("{file} is an old .xls workbook or has a password; save it as .xlsx without.").format(
                file=path.name
            )
        )
    return _rows_of_text(path, data)


def _rows_of_text(path: Path, data: bytes) -> tuple[Iterator[Row], bool]:
    encoding = next((name for bom, name in _BOMS if data.startswith(bom)), "")
    text = None
    for name in [encoding] if encoding else ["utf-8", "gb18030"]:
        try:
            text = data.decode(name)
            break
        except UnicodeDecodeError:
            continue
    if text is None or "\x00" in text:
        raise Problem(
            _("The characters of {file} cannot be read; save it as CSV UTF-8 or .xlsx.").format(
                file=path.name
            )
        )
    if not text.strip():
        raise Problem(_("{file} is empty.").format(file=path.name))
    header, _newline, rest = text.partition("\n")
    # Excel's own way to name the delimiter; it shows this line as no row.
    declared = re.fullmatch(r"sep=(.)\r?", header)
    if declared:
        text = rest
    delimiter = declared[1] if declared else max(DELIMITERS, key=header.count)
    return _cut(path, text, delimiter), delimiter != ";"


def _cut(path: Path, text: str, delimiter: str) -> Iterator[Row]:
    line = 0
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True):
            line += 1
            yield row
    except csv.Error as error:
        raise Problem(
            _(
                "{file}, row {row}: a quotation mark is opened and not closed, or stands within "
                "a cell."
            ).format(file=path.name, row=line + 1)
        ) from error
