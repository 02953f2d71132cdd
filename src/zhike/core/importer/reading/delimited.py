"""Text tables: UTF-8 with or without mark, UTF-16, GB18030; comma, semicolon or tab."""

import codecs
import csv
import io
import re
from pathlib import Path

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as _noop

from zhike.core.errors import RuleError
from zhike.core.exporter.writers import DANGEROUS
from zhike.core.importer.reading.table import MAX_CELLS, MAX_ROWS, FileNote, Sheet

DELIMITERS = (",", "\t", ";")
DAMAGED = _noop(
    "Some characters (�) were lost before this file came here. Better export it once more."
)
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# ="13800002222" is how people keep Excel from rounding a number.
_FORCED_TEXT = re.compile(r'="(.*)"', re.S)
_CONTROL = re.compile(r"[\x01-\x08\x0b\x0c\x0e-\x1f\x7f]")
_LONGEST_CELL = 100_000


def decode(data: bytes) -> str:
    """The text of a file in any of the encodings people here use."""
    encoding = next((name for bom, name in _BOMS if data.startswith(bom)), "")
    if not encoding and b"\x00" in data[:4000]:
        # UTF-16 without a mark: every other byte of the (ASCII) delimiters is zero.
        even, odd = data[:4000:2].count(0), data[1:4000:2].count(0)
        encoding = "utf-16-le" if odd > even else "utf-16-be"
    for name in [encoding] if encoding else ["utf-8", "gb18030"]:
        try:
            text = data.decode(name)
        except UnicodeDecodeError:
            continue
        if "\x00" in text or len(_CONTROL.findall(text[:20_000])) > 20:
            break
        return text
    raise RuleError(
        "file_encoding",
        _(
            "The characters of this file cannot be read. In Excel, choose “Save as” and the type "
            "“CSV UTF-8”, or save it as .xlsx."
        ),
    )


def sniff_delimiter(text: str) -> str:
    """The delimiter that cuts the first lines into the most columns, most evenly."""
    lines = [line for line in text[:20_000].splitlines() if line.strip()][:20]
    best, best_score = ",", 0.0
    for delimiter in DELIMITERS:
        widths = [len(row) for row in csv.reader(lines, delimiter=delimiter)]
        usual = max(set(widths), key=lambda width: (widths.count(width), width))
        score = (usual - 1) * widths.count(usual) / len(widths)
        # The header line says most: a text may hold any number of commas.
        score += (widths[0] - 1) * 0.5
        if score > best_score:
            best, best_score = delimiter, score
    return best


def read_delimited(path: Path) -> Sheet:
    text = decode(path.read_bytes())
    delimiter = ""
    first_line, _newline, rest = text.partition("\n")
    declared = re.fullmatch(r"sep=(.)\s*", first_line)
    if declared:
        delimiter, text = declared[1], rest
    if not text.strip():
        raise RuleError("file_empty", _("There is nothing in this file but empty cells."))
    lines = _cut(text, delimiter or sniff_delimiter(text))
    notes = (FileNote(DAMAGED),) if "�" in text else ()
    return Sheet("", lines, notes=notes)


def _cut(text: str, delimiter: str) -> list[list[str]]:
    csv.field_size_limit(_LONGEST_CELL)
    lines: list[list[str]] = []
    cells = 0
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        for row in reader:
            lines.append([_cell(cell) for cell in row])
            cells += len(row)
            if cells > MAX_CELLS or len(lines) > MAX_ROWS * 2:
                raise RuleError(
                    "file_too_long",
                    _("The file has more than %(most)s rows. Please split it.")
                    % {"most": f"{MAX_ROWS:,}"},
                )
    except csv.Error as error:
        raise RuleError(
            "file_quotes",
            _(
                "From line %(line)s on, the file cannot be cut into cells: a quotation mark is "
                "opened and not closed."
            )
            % {"line": len(lines) + 1},
        ) from error
    return lines


def _cell(text: str) -> str:
    forced = _FORCED_TEXT.fullmatch(text)
    return unescaped(_CONTROL.sub("", forced[1] if forced else text).strip())


def unescaped(text: str) -> str:
    """Without the apostrophe our own exports put before what a spreadsheet would run."""
    return text[1:] if len(text) > 1 and text[0] == "'" and text[1] in DANGEROUS else text
