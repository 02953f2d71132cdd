"""A finding as a report: a page in one file, the same as PDF, or a workbook."""

from dataclasses import dataclass

from jinja2 import ChoiceLoader, Environment, PackageLoader

from zhike import __version__
from zhike.cli.analyze.findings import Finding, Table
from zhike.cli.analyze.problems import Problem
from zhike.cli.texts import gettext as _
from zhike.cli.texts import screen_language
from zhike.core.drawing.draw import draw
from zhike.core.drawing.figures import shown

# Chinese fonts draw the quotation marks of English a whole character wide.
_CHINESE = "Noto Sans CJK SC, Noto Sans SC, PingFang SC, Microsoft YaHei, sans-serif"
_TRADITIONAL = "Noto Sans CJK TC, Noto Sans TC, PingFang TC, Microsoft JhengHei, sans-serif"
FONTS = {
    "zh-hans": _CHINESE,
    "zh-hant": _TRADITIONAL,
    "en": f"Noto Sans, DejaVu Sans, Segoe UI, Helvetica, Arial, {_CHINESE}",
}
LANGUAGES = {"zh-hans": "zh-CN", "zh-hant": "zh-TW", "en": "en"}
# A page of more rows helps nobody; the workbook and JSON hold them all.
_MOST_ROWS = 300


@dataclass(frozen=True)
class ShownTable(Table):
    """A table cut to what a page holds, and the sentence about the rest."""

    left: str = ""


def report(finding: Finding, kind: str) -> bytes:
    if kind == ".xlsx":
        from zhike.cli.analyze.workbook import workbook

        return workbook(finding)
    page = html_of(finding)
    return page.encode() if kind == ".html" else _pdf(page)


def html_of(finding: Finding) -> str:
    """One file with all it shows: no script, no font, nothing fetched."""
    pages = Environment(
        loader=ChoiceLoader([PackageLoader("zhike.cli.analyze"), PackageLoader("zhike.core")]),
        autoescape=True,
        trim_blocks=True,
    )
    language = screen_language()
    return pages.get_template("report.html").render(
        _=_,
        finding=finding,
        drawings=[draw(chart) for chart in finding.charts],
        tables=[_cut(table) for table in finding.tables],
        shown=shown,
        language=LANGUAGES[language],
        fonts=FONTS[language],
        foot=_("Made by Zhike {version} (zhike analyze)").format(version=__version__),
    )


def _cut(table: Table) -> ShownTable:
    left = len(table.rows) - _MOST_ROWS
    words = ""
    if left > 0:
        words = _("{left} more rows; the .xlsx report and --json hold them all.").format(left=left)
    return ShownTable(table.title, table.columns, table.rows[:_MOST_ROWS], table.note, words)


def _pdf(page: str) -> bytes:
    from zhike.core import printing

    # Asked first: what the printer itself says about a lack needs the program's settings.
    if not printing.can_print():
        raise Problem(
            _("This machine cannot make PDFs. Install what it needs with: {line}").format(
                line=printing.APT_LINE
            )
        )
    return printing.pdf_of(page)
