"""Reports open, hold what the table says, fetch nothing, and are drawn so that they can be read."""

import html
import html.parser
import re
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from tests.cli.analyze import test_customers, test_ipa, test_pls, test_reliability, test_servqual
from tests.cli.analyze.running import refused, run, table
from tests.methods.holzinger_swineford import BLOCKS
from tests.methods.holzinger_swineford import NAMES as HS_NAMES
from tests.methods.known import CANS


def written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def commands(tmp_path):
    """One of each command, on small files."""
    pls = [[*map(int, row)] for row in test_pls.answers()]
    model = written(tmp_path / "m.yaml", test_pls.MODEL)
    data = table(tmp_path / "pls.csv", test_pls.ITEMS, pls)
    cans = table(
        tmp_path / "c.csv", ("sample", "x", "size"), [(at, x, 50) for at, x in enumerate(CANS)]
    )
    ipa = table(tmp_path / "i.csv", ("item", "importance", "performance"), test_ipa.ITEMS)
    deals = table(tmp_path / "t.csv", test_customers.COLUMNS, test_customers.DAYS)
    blocks = "".join(f"  {b}: [{', '.join(i)}]\n" for b, i in BLOCKS.items())
    hs_model = written(tmp_path / "hs.yaml", f"blocks:\n{blocks}")
    hs = table(tmp_path / "hs.csv", HS_NAMES, test_reliability.rows().tolist())
    gaps = table(tmp_path / "sq.csv", test_servqual.HEADERS, test_servqual.changed(0, "E1", 5))
    scores = table(tmp_path / "n.csv", ("score",), [(at,) for at in range(11)])
    return {
        "pls": ("pls", model, data, "--bootstrap", 50),
        "reliability": ("reliability", hs_model, hs),
        "weights": ("weights", "--method", "pca", hs),
        "servqual": ("servqual", gaps),
        "ipa": ("ipa", ipa),
        "nps": ("nps", scores),
        "csat": ("csat", scores, "--scale", "0-10"),
        "rfm": ("rfm", deals),
        "spc": ("spc", cans, "--chart", "p"),
        "staffing": ("staffing", "--calls", 100, "--aht", 180),
    }


class Page(html.parser.HTMLParser):
    """Tags that open and close, addresses, and the texts."""

    VOID = frozenset({"meta", "br", "rect", "path", "circle"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)


NAMES = (
    "pls",
    "reliability",
    "weights",
    "servqual",
    "ipa",
    "nps",
    "csat",
    "rfm",
    "spc",
    "staffing",
)


@pytest.mark.parametrize("name", NAMES)
def test_a_page_stands_alone(commands, tmp_path, name):
    path = tmp_path / "report.html"
    done = run(*commands[name], "--report", path)
    assert done.exit_code == 0, done.output
    assert f"Written: {path}" in done.stderr
    text = path.read_text(encoding="utf-8")
    page = Page(text)
    assert page.open == []
    assert not {"script", "link", "img", "iframe"} & {tag for tag, _attrs in page.tags}
    outside = [
        one
        for one in re.findall(r"(?:https?:)?//[^\"' <)]+", text)
        if "www.w3.org/2000/svg" not in one
    ]
    assert outside == []
    assert "url(" not in text
    assert '<th scope="col"></th>' not in text
    assert "nan" not in re.findall(r"[\w.]+", text)
    # What the terminal says first is said here too, and each picture is told in words.
    for sentence in done.stdout.splitlines()[1:2]:
        assert sentence in page.texts
    pictures = [attrs for tag, attrs in page.tags if tag == "svg"]
    assert pictures
    for attrs in pictures:
        assert attrs["role"] == "img"
        title, words = (attrs["aria-labelledby"] or "").split()
        said = {
            a["id"]: at
            for at, (tag, a) in enumerate(page.tags)
            if tag in ("title", "desc") and "id" in a
        }
        assert {title, words} <= set(said)
    for needed in ("Sample", "Method and options", "What this does not say"):
        assert needed in page.texts


@pytest.mark.parametrize("name", ["pls", "spc", "ipa"])
def test_a_pdf_has_text(commands, tmp_path, name):
    path = tmp_path / "report.pdf"
    done = run(*commands[name], "--report", path)
    assert done.exit_code == 0, done.output
    assert path.read_bytes().startswith(b"%PDF-")
    text = subprocess.run(
        ["pdftotext", "-layout", path, "-"], capture_output=True, text=True, check=True
    ).stdout
    title = done.stdout.splitlines()[0]
    assert title in text
    assert "What this does not say" in text


@pytest.mark.parametrize("name", NAMES)
def test_a_workbook_holds_the_figures_in_full(commands, tmp_path, name):
    path = tmp_path / "report.xlsx"
    done = run(*commands[name], "--report", path)
    assert done.exit_code == 0, done.output
    book = CalamineWorkbook.from_path(path)
    first = book.get_sheet_by_name("Finding").to_python()
    assert first[0][0] == done.stdout.splitlines()[0]
    assert len(book.sheet_names) >= 3
    cells = [
        cell
        for sheet in book.sheet_names
        for row in book.get_sheet_by_name(sheet).to_python()
        for cell in row
    ]
    assert any(isinstance(cell, float) for cell in cells)
    if name == "spc":
        center = pytest.approx(sum(CANS) / 1500, rel=1e-15)
        assert any(isinstance(cell, float) and cell == center for cell in cells)


def test_a_report_is_made_anew_but_never_over_what_is_read(commands, tmp_path):
    path = tmp_path / "report.html"
    path.write_text("old")
    assert run(*commands["ipa"], "--report", path).exit_code == 0
    assert "old" not in path.read_text()[:3]
    assert (path.stat().st_mode & 0o777) == (written(tmp_path / "x", "").stat().st_mode & 0o777)
    book = tmp_path / "data.xlsx"
    assert run(*commands["nps"], "--report", book).exit_code == 0
    shutil.copy(book, tmp_path / "before")
    assert "would overwrite data.xlsx" in refused("nps", book, "--report", book)
    assert book.read_bytes() == (tmp_path / "before").read_bytes()


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("report.docx", "--report writes .html, .pdf, .xlsx; report.docx ends otherwise."),
        ("report", "--report writes .html, .pdf, .xlsx; report ends otherwise."),
        ("none/report.pdf", "There is no folder"),
    ],
)
def test_a_report_that_cannot_be_written_is_told_before(commands, tmp_path, name, sentence):
    assert sentence in refused(*commands["ipa"], "--report", tmp_path / name)


def test_a_machine_without_pango_says_what_to_install(commands, tmp_path, monkeypatch):
    monkeypatch.setattr("zhike.core.printing.can_print", lambda: False)
    sentence = refused(*commands["ipa"], "--report", tmp_path / "r.pdf")
    assert sentence.startswith(
        "This machine cannot make PDFs. Install what it needs with: apt install"
    )
    assert not (tmp_path / "r.pdf").exists()


def test_names_are_text_wherever_they_stand(tmp_path):
    rows = [("<b>&\"'</b>", 4.5, 2.0), ("=1+1", 4.0, 4.5), ("{{ 7*7 }}", 2.0, 2.0)]
    path = table(tmp_path / "i.csv", ("item", "importance", "performance"), [])
    path.write_text(
        "item;importance;performance\n"
        + "".join('"' + a.replace('"', '""') + f'";{b};{c}\n' for a, b, c in rows)
    )
    page = tmp_path / "r.html"
    assert run("ipa", path, "--report", page).exit_code == 0
    text = page.read_text()
    assert "<b>" not in text
    assert "49" not in Page(text).texts
    book = tmp_path / "r.xlsx"
    assert run("ipa", path, "--report", book).exit_code == 0
    cells = CalamineWorkbook.from_path(book).get_sheet_by_index(1).to_python()
    assert [row[0] for row in cells[1:]] == ["<b>&\"'</b>", "{{ 7*7 }}", "=1+1"]


def test_a_name_with_an_apostrophe_may_name_a_sheet(tmp_path):
    model = written(tmp_path / "m.yaml", test_pls.MODEL.replace("Loyalty", '"O\'Brien [x]"'))
    rows = [[*map(int, row)] for row in test_pls.answers()]
    data = table(tmp_path / "pls.csv", test_pls.ITEMS, rows)
    path = tmp_path / "r.xlsx"
    done = run("pls", model, data, "--bootstrap", 20, "--report", path)
    assert done.exit_code == 0, done.output
    book = CalamineWorkbook.from_path(path)
    assert any("O'Brien" in name for name in book.sheet_names)
    with zipfile.ZipFile(path) as parts:
        charts = [parts.read(name).decode() for name in parts.namelist() if "charts/chart" in name]
    formulas = {one for text in charts for one in re.findall(r"<c:f>(.*?)</c:f>", text)}
    # Each names a sheet that is there, its apostrophes doubled.
    for formula in formulas:
        quoted = html.unescape(formula).rpartition("!")[0]
        assert quoted.strip("'").replace("''", "'") in book.sheet_names, formula


def test_a_line_of_more_points_than_a_workbook_draws_is_left_out_and_told(
    monkeypatch, commands, tmp_path
):
    monkeypatch.setattr("zhike.cli.analyze.workbook._MOST_DRAWN", 20)
    path = tmp_path / "r.xlsx"
    assert run(*commands["spc"], "--report", path).exit_code == 0
    book = CalamineWorkbook.from_path(path)
    assert not [name for name in book.sheet_names if name.startswith("Chart")]
    front = [row[1] for row in book.get_sheet_by_name("Finding").to_python()]
    assert (
        "“Control chart (p)” has 30 points, more than a workbook draws; .html and .pdf do." in front
    )
    assert len(book.get_sheet_by_name("Points").to_python()) == 31


def test_a_table_longer_than_a_worksheet_says_so(monkeypatch, commands, tmp_path):
    monkeypatch.setattr("zhike.cli.analyze.workbook._MOST_ROWS", 20)
    path = tmp_path / "r.xlsx"
    assert run(*commands["spc"], "--report", path).exit_code == 0
    book = CalamineWorkbook.from_path(path)
    front = [row[1] for row in book.get_sheet_by_name("Finding").to_python()]
    assert "“Points”: a worksheet holds 20 rows; --json holds all 30." in front
    assert len(book.get_sheet_by_name("Points").to_python()) == 21
