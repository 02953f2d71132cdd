import io
import zipfile
from datetime import date, datetime
from pathlib import Path

import pytest
import xlsxwriter

from zhike.core.errors import RuleError
from zhike.core.importer import reading
from zhike.core.importer.reading import column_letter, open_table, workbook
from zhike.core.importer.reading.delimited import sniff_delimiter

TEXT = "姓名,电话,备注\n陈志强,13800002222,「急」\n王芳,021-12345678,a，b\n"


@pytest.fixture
def put(tmp_path):
    def write(data: bytes, name: str = "客户.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(data)
        return path

    return write


def book(fill, name: str = "客户.xlsx", folder: Path | None = None) -> bytes:
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream) as made:
        fill(made)
    return stream.getvalue()


def rows(table) -> list[tuple[int, list[str]]]:
    return list(table.rows())


def refused(path: Path) -> RuleError:
    with pytest.raises(RuleError) as caught:
        open_table(path)
    return caught.value


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be"]
)
def test_every_encoding_people_here_use_gives_the_same_table(put, encoding) -> None:
    table = open_table(put(TEXT.encode(encoding)))
    assert table.headers == ["姓名", "电话", "备注"]
    assert rows(table)[1] == (3, ["王芳", "021-12345678", "a，b"])


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_delimiter_is_found(put, delimiter) -> None:
    text = f'姓名{delimiter}说了什么\n甲{delimiter}"好,很好;真的"\n乙{delimiter}还行\n'
    assert open_table(put(text.encode())).headers == ["姓名", "说了什么"]
    assert sniff_delimiter("只有一列\n你好,世界\n") == ","


def test_lines_are_counted_as_excel_does_and_blank_ones_are_no_rows(put) -> None:
    table = open_table(put('甲,乙\n1,"两\n行"\n\n,\n3,4\n'.encode()))
    assert rows(table) == [(2, ["1", "两\n行"]), (5, ["3", "4"])]
    assert table.row_count() == 2
    assert list(table.rows(after_line=2)) == [(5, ["3", "4"])]


def test_a_title_above_the_headers_is_not_taken_for_them(put) -> None:
    table = open_table(put("二〇二六年十月客户表,,\n姓名,电话,姓名\n甲,1,2\n".encode()))
    assert (table.header_line, table.headers) == (2, ["姓名", "电话", "姓名 (2)"])


def test_the_trick_that_forces_text_is_undone(put) -> None:
    table = open_table(put('电话,备注\n="13800002222","=1+1"\n'.encode()))
    assert rows(table)[0][1] == ["13800002222", "=1+1"]


def test_a_workbook_gives_numbers_and_dates_as_people_write_them(put) -> None:
    def fill(made) -> None:
        made.add_worksheet("说明").write(0, 0, "")
        sheet = made.add_worksheet("十月")
        day = made.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write_row(0, 0, ["电话", "日期", "时刻", "金额", "是否"])
        sheet.write_number(1, 0, 13812345678)
        sheet.write_datetime(1, 1, datetime(2026, 10, 8), day)
        sheet.write_datetime(1, 2, datetime(2026, 10, 8, 14, 5), day)
        sheet.write_number(1, 3, 12.5)
        sheet.write_boolean(1, 4, True)

    table = open_table(put(book(fill)))
    assert table.sheets == ["说明", "十月"]
    assert table.sheet.name == "十月"
    assert rows(table)[0] == (
        2,
        ["13812345678", "2026-10-08", "2026-10-08 14:05:00", "12.5", "TRUE"],
    )


def test_formulas_are_read_as_values_with_a_note_and_refused_without_one(put) -> None:
    def fill(made) -> None:
        sheet = made.add_worksheet()
        sheet.write_row(0, 0, ["甲", "乙", "丙"])
        sheet.write_formula(1, 0, "=1+1", None, 2)
        sheet.write_formula(1, 1, "=1/0", None, "#DIV/0!")
        sheet.write_string(1, 2, "=1+1")

    table = open_table(put(book(fill)))
    assert rows(table)[0][1] == ["2", "", "=1+1"]
    assert table.notes[0].values == {"n": 2}
    assert table.is_broken(2, 1)
    assert not table.is_broken(2, 0)
    assert not table.is_broken(2, 2)


def test_other_files_are_refused_with_a_sentence(put) -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as made:
        made.writestr("readme.txt", "nothing")
    cases = {
        "file_not_a_workbook": archive.getvalue(),
        "file_old_excel": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 100,
        "file_not_a_table": b"\x89PNG\r\n\x1a\n" + b"\0" * 100,
        "file_is_web_page": b"<html><table><tr><td>1</td></tr></table></html>",
        "file_encoding": b"\xff\xff\x81\x20\x80\xff,\xfe\xfe\n" * 20,
        "file_empty": b",,\n,,\n",
        "file_without_rows": "姓名,电话\n".encode(),
        "file_quotes": ('甲,乙\n1,"' + "没有结尾" * 60_000).encode(),
        "file_damaged": b"PK\x03\x04" + b"\0" * 60,
    }
    for code, data in cases.items():
        error = refused(put(data, f"{code}.xlsx"))
        assert (error.code, error.status) == (code, 422)
        assert len(str(error)) > 8


def test_too_many_rows_or_columns_are_said(put, monkeypatch) -> None:
    monkeypatch.setattr(reading.table, "MAX_ROWS", 3)
    assert refused(put(b"a,b\n" + b"1,2\n" * 4)).code == "file_too_long"
    wide = ",".join(f"h{i}" for i in range(201))
    assert refused(put(f"{wide}\n{wide}\n".encode())).code == "file_too_wide"


def repacked(data: bytes, part: str, content: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", 8) as new:
        for name in old.namelist():
            new.writestr(name, content if name == part else old.read(name))
    return out.getvalue()


def simple() -> bytes:
    return book(lambda made: made.add_worksheet().write_row(0, 0, ["a", "b"]))


def test_bombs_are_refused_before_they_unpack(put, monkeypatch) -> None:
    monkeypatch.setattr(workbook, "_MAX_UNPACKED", 1_000_000)
    big = repacked(simple(), "xl/styles.xml", b" " * 2_000_000)
    assert len(big) < 20_000
    assert refused(put(big)).code == "file_unpacks_too_large"
    # A directory that lies about the size ends at the checksum.
    lying = bytearray(repacked(simple(), "xl/worksheets/sheet1.xml", b"<x/>" * 200_000))
    size = (800_000).to_bytes(4, "little")
    while (place := lying.find(size)) >= 0:
        lying[place : place + 4] = (100).to_bytes(4, "little")
    assert refused(put(bytes(lying))).code == "file_damaged"


def test_a_single_cell_at_the_far_corner_does_not_make_a_giant_sheet(put) -> None:
    sheet = b'<worksheet><sheetData><row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData></worksheet>'
    assert (
        refused(put(repacked(simple(), "xl/worksheets/sheet1.xml", sheet))).code == "file_too_long"
    )


def test_one_long_text_repeated_is_measured(put, monkeypatch) -> None:
    def fill(made) -> None:
        sheet = made.add_worksheet()
        for line in range(300):
            sheet.write_string(line, 0, "长" * 3000)

    data = book(fill)
    assert open_table(put(data)).row_count() == 299
    monkeypatch.setattr(workbook, "_MAX_TEXT", 500_000)
    assert refused(put(data)).code == "file_unpacks_too_large"


def test_columns_are_named_like_excels() -> None:
    assert [column_letter(n) for n in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]
    assert date(2026, 10, 8).isoformat() == workbook.cell_text(date(2026, 10, 8))
