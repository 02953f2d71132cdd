"""Reading: encodings, delimiters, workbooks, a million rows, and every way a file can be wrong."""

import datetime
import io
import time

import numpy as np
import pytest
import xlsxwriter

from tests.cli.analyze.running import found, refused
from tests.proofs import figure
from zhike.cli.analyze.files import Source
from zhike.cli.analyze.problems import Problem

TEXT = "编号,满意度\n1,5\n2,4\n3,\n4,1\n"


def workbook(rows, sheet="Sheet1") -> bytes:
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True, "default_date_format": "yyyy-mm-dd"})
    page = book.add_worksheet(sheet)
    for line, cells in enumerate(rows):
        for at, value in enumerate(cells):
            if isinstance(value, datetime.date):
                page.write_datetime(line, at, value)
            else:
                page.write(line, at, value)
    book.add_worksheet("Other").write(0, 0, "x")
    book.close()
    return file.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        TEXT.encode(),
        TEXT.encode("utf-8-sig"),
        TEXT.encode("gb18030"),
        TEXT.encode("utf-16"),
        TEXT.replace(",", ";").encode(),
        TEXT.replace(",", "\t").encode(),
        TEXT.replace("\n", "\r\n").encode(),
        ("sep=;\r\n" + TEXT.replace(",", ";")).encode(),
        TEXT.replace("4,1\n", "\n\n4,1").encode(),
        TEXT.replace("3,", '3,"NA"').encode(),
        TEXT.replace("3,", "3").encode(),
        TEXT.replace("3,", "3,,,").encode(),
        workbook([("编号", "满意度"), (1, 5), (2, 4.0), (3, None), (4, "1")]),
    ],
    ids=["utf8", "bom", "gb18030", "utf16", "semicolon", "tab", "crlf", "sep", "blank", "NA", "short",
         "long but empty", "xlsx"],
)  # fmt: skip
def test_the_same_table_in_every_form(tmp_path, data):
    path = tmp_path / "table.dat"
    path.write_bytes(data)
    looked = found("csat", path, "--column", "满意度")
    assert (looked["n"], looked["excluded"]["missing"]) == (3, 1)
    assert looked["distribution"] == {"1": 1, "2": 0, "3": 0, "4": 1, "5": 1}


def test_rows_are_numbered_as_a_spreadsheet_numbers_them(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text('name,x\n"two\nlines",1\n\n"a ""quoted"" one",2\n;,bad\n', encoding="utf-8")
    with pytest.raises(Problem, match=r"t\.csv, row 5, column “x”: “bad” is no number\."):
        Source(path).columns(numbers=["x"])


def test_spaces_around_a_header_do_not_matter(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text(" score\t,w \n10,1\n9,2\n", encoding="utf-8")
    assert found("nps", path, "--column", "score", "--weights", "w")["n"] == 2
    path.write_text("score,score \n10,1\n", encoding="utf-8")
    assert "columns 1 and 2 are both called “score”" in refused("nps", path)


@pytest.mark.parametrize("delimiter", [",", "\t"])
def test_thousands_may_be_parted_by_commas(tmp_path, delimiter):
    path = tmp_path / "t.csv"
    cells = ["1,234.50", "-1,234", "12,345,678", "1.5"]
    path.write_text("n" + delimiter + "x\n" + "".join(f'a{delimiter}"{c}"\n' for c in cells))
    numbers = Source(path).columns(numbers=["x"]).numbers["x"]
    assert numbers.tolist() == [1234.5, -1234, 12345678, 1.5]


@pytest.mark.parametrize("cell", ["12,34", "1,2345", "1234,567", "1,234,5", "1,234.5,6", ",123"])
def test_other_commas_are_no_thousands(tmp_path, cell):
    path = tmp_path / "t.csv"
    path.write_text(f'n,x\na,"{cell}"\n')
    with pytest.raises(Problem, match=f"row 2, column “x”: “{cell}” is no number"):
        Source(path).columns(numbers=["x"])


def test_where_semicolons_part_cells_a_comma_may_be_the_point_and_is_not_guessed(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("n;x\na;1,234\n")
    with pytest.raises(Problem, match="row 2, column “x”: “1,234” is no number"):
        Source(path).columns(numbers=["x"])


def with_formulas(*cells: tuple[str, object]) -> bytes:
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True})
    book.add_worksheet("First").write_formula("A1", "=1+1", None, 2)
    page = book.add_worksheet("数据")
    page.write_row(0, 0, ["score", "b"])
    page.write_row(1, 0, [10, 1])
    for at, (formula, value) in enumerate(cells, 2):
        page.write_formula(at, 0, formula, None, value)
        page.write(at, 1, 1)
    book.close()
    return file.getvalue()


def test_formulas_are_read_as_last_computed(tmp_path):
    path = tmp_path / "t.xlsx"
    path.write_bytes(with_formulas(("=A2-1", 9), ("=NA()", "#N/A"), ('=LEFT("3")', "3")))
    data = found("nps", path, "--column", "score", "--sheet", "数据")
    assert (data["n"], data["excluded"]["missing"], data["estimate"]) == (
        3,
        1,
        pytest.approx(100 / 3),
    )


def test_an_error_is_no_missing_answer(tmp_path):
    path = tmp_path / "t.xlsx"
    path.write_bytes(with_formulas(("=A2-1", 9), ("=1/0", "#DIV/0!")))
    sentence = refused("nps", path, "--column", "score", "--sheet", "数据")
    assert sentence == "t.xlsx, row 4, column “score”: “#DIV/0!” is no number."
    assert found("nps", path, "--column", "b", "--sheet", "数据")["n"] == 3


def test_a_formula_never_computed_is_no_missing_answer(tmp_path):
    path = tmp_path / "t.xlsx"
    path.write_bytes(with_formulas(("=A2-1", 9), ("=A2-2", "")))
    sentence = refused("nps", path, "--column", "score", "--sheet", "数据")
    assert sentence.startswith("t.xlsx, cell A4 holds a formula that was never computed; open")


def test_dates_and_whole_numbers_of_a_workbook(tmp_path):
    path = tmp_path / "t.xlsx"
    day = datetime.date(2026, 3, 31)
    path.write_bytes(
        workbook([("customer", "date", "amount"), (7, day, 1.5), ("7", "2026-04-01", 2)])
    )
    columns = Source(path).columns(numbers=["amount"], texts=["customer"], days=["date"])
    assert columns.texts["customer"] == ["7", "7"]
    assert columns.days["date"].tolist() == [day.toordinal(), day.toordinal() + 1]
    assert columns.numbers["amount"].tolist() == [1.5, 2]


def test_a_sheet_is_chosen_by_its_name(tmp_path):
    path = tmp_path / "t.xlsx"
    path.write_bytes(workbook([("a",), (5,)], "回答"))
    assert found("csat", path, "--sheet", "回答")["n"] == 1
    assert refused("csat", path, "--sheet", "x") == (
        "t.xlsx has no worksheet “x”. Its worksheets: 回答, Other."
    )
    assert "no rows below its headers" in refused("csat", path, "--sheet", "Other")


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "t.csv is empty."),
        (b"\n \n", "t.csv is empty."),
        (b"\n1,2\n", "t.csv has no headers in its first row."),
        (b"a,b\n", "t.csv has no rows below its headers."),
        (b"a,b\n,\n", "t.csv has no rows below its headers."),
        (b"a,b,a\n1,2,3\n", "t.csv, row 1: columns 1 and 3 are both called “a”."),
        (b'a,b\n1,"2\n3,4\n', "t.csv, row 2: a quotation mark is opened and not closed"),
        (b"a,b\n1,2\n1,2,3\n", "t.csv, row 3 has 3 cells, but there are 2 headers."),
        (b"a,b\n1_0,2\n", "t.csv, row 2, column “a”: “1_0” is no number."),
        (b"a,b\n1e999,2\n", "t.csv, row 2, column “a”: “1e999” is no number."),
        (b"a,b\n85%,2\n", "t.csv, row 2, column “a”: “85%” is no number."),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\xff\xd8", "The characters of t.csv cannot be read"),
        (b"\xff\xff\xff\xff", "The characters of t.csv cannot be read"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "t.csv is an old .xls workbook or has a password"),
        (b"PK\x03\x04 nothing behind", "t.csv is damaged or protected"),
        (workbook([("a", "b"), (True, 1)]), "t.csv, row 2, column “a”: “True” is no number."),
    ],
)
def test_what_is_no_table_is_one_sentence(tmp_path, data, sentence):
    path = tmp_path / "t.csv"
    path.write_bytes(data)
    assert sentence in refused("csat", path, "--column", "a", "--scale", "0-10")


def test_a_file_that_lacks_is_one_sentence(tmp_path):
    assert refused("nps", tmp_path / "none.csv") == f"There is no file {tmp_path / 'none.csv'}."
    assert "cannot be read" in refused("nps", tmp_path)


def test_capitals_of_headers_matter(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("Score, scores\n5,5\n", encoding="utf-8")
    assert refused("nps", path, "--column", "score") == (
        "t.csv has no column “score”. Its columns: Score, scores."
    )


def test_a_million_rows_are_a_matter_of_seconds(tmp_path):
    draw = np.random.Generator(np.random.PCG64(4))
    answers = draw.integers(0, 11, size=1_000_000)
    path = tmp_path / "million.csv"
    path.write_text("id,score\n" + "".join(f"{at},{one}\n" for at, one in enumerate(answers)))
    begin, worked = time.perf_counter(), time.process_time()
    data = found("nps", path, "--column", "score")
    seconds, worked = time.perf_counter() - begin, time.process_time() - worked
    figure("Seconds for the score of a million rows", round(seconds, 1))
    assert data["n"] == 1_000_000
    share = np.mean(answers >= 9) - np.mean(answers <= 6)
    assert data["estimate"] == pytest.approx(100 * share)
    # Ten times what it takes, in time of the processor: the machine may do other things at once.
    assert worked < 20
    path.write_text(path.read_text().replace("\n999998,", "\n999998,x"))
    assert "row 1000000, column “score”: “x" in refused("nps", path, "--column", "score")
