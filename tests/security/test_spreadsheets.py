"""What customers wrote never becomes a formula in a file that somebody opens in Excel."""

import csv
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cast import Cast, make_customer
from zhike.core.exporter.kinds import ExportColumn
from zhike.core.exporter.writers import escaped, write_csv, write_xlsx
from zhike.core.importer.reading.delimited import read_delimited
from zhike.core.importer.reading.workbook import read_workbook

LEADS = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t=", "\r=", "\n=")
TEXTS = [f"{lead}cmd|' /C calc'!A0" for lead in LEADS]
COLUMNS = (ExportColumn("words", "原话"), ExportColumn("n", "数", kind="number"))


def records() -> Iterator[dict[str, Any]]:
    for n, text in enumerate(TEXTS):
        yield {"words": text, "n": -n}


@pytest.mark.parametrize("text", TEXTS)
def test_a_leading_sign_is_led_by_an_apostrophe(text: str) -> None:
    assert escaped(text) == f"'{text}"
    assert escaped(f"说：{text}") == f"说：{text}"


def test_a_csv_holds_no_formula(tmp_path: Path) -> None:
    data = b"".join(write_csv(COLUMNS, records()))
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))[1:]
    assert all(words.startswith("'") for words, _n in rows)
    # Numbers of our own stay numbers.
    assert [n for _words, n in rows[:3]] == ["0", "-1", "-2"]
    # And our own import takes the apostrophe off again.
    file = tmp_path / "a.csv"
    file.write_bytes(data)
    kept = [line[0] for line in read_delimited(file).lines[1:]]
    assert kept[:8] == TEXTS[:8]


def test_a_workbook_holds_no_formula_and_no_link(tmp_path: Path) -> None:
    file = tmp_path / "a.xlsx"
    with file.open("wb") as stream:
        write_xlsx(COLUMNS, [*records(), {"words": "http://evil.example/", "n": 1}], stream, "甲")
    with zipfile.ZipFile(file) as book:
        parts = {
            name: book.read(name).decode() for name in book.namelist() if name.endswith(".xml")
        }
    sheet = parts["xl/worksheets/sheet1.xml"]
    assert "<f>" not in sheet
    assert "<hyperlink" not in sheet
    assert not any("externalLink" in name for name in parts)
    _names, read = read_workbook(file, "")
    assert [line[0] for line in read.lines[1:9]] == TEXTS[:8]


@pytest.mark.django_db
@pytest.mark.parametrize("file_format", ["csv", "xlsx"])
def test_an_export_of_customers_holds_no_formula(
    cast: Cast, file_format: str, tmp_path: Path
) -> None:
    make_customer(cast.zhoukou, name="＝HYPERLINK(A1)")
    make_customer(cast.zhoukou, name="=1+1")
    asked = {"format": file_format, "reason": "核对名单"}
    answer: Any = cast.wang.client().post("/customers/export/", asked)
    data = b"".join(answer.streaming_content) if answer.streaming else answer.content
    if file_format == "csv":
        cells = [cell for row in csv.reader(io.StringIO(data.decode("utf-8-sig"))) for cell in row]
        assert {"'=1+1", "'＝HYPERLINK(A1)"} <= set(cells)
        assert not any(cell.startswith(("=", "＝")) for cell in cells)
    else:
        with zipfile.ZipFile(io.BytesIO(data)) as book:
            parts = [book.read(name).decode() for name in book.namelist() if "/worksheets/" in name]
        assert not any("<f>" in part for part in parts)
