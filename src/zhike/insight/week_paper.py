"""The week on two pages of A4, and its text for an e-mail."""

from django.template.loader import render_to_string

from zhike.core import clock
from zhike.core.exporter.watermark import Watermark
from zhike.core.printing import pdf_of
from zhike.insight.figures import FIGURES
from zhike.insight.week_page import WeekPage

# So much fits on two pages; the page on the screen and the workbook hold all.
MOST_CAUSES = 9
MOST_DEPARTMENTS = 8
MOST_ACTIONS = 5
MOST_WORDS = 3
MOST_MEASURES = 4


def week_html(page: WeekPage, mark: Watermark | None = None) -> str:
    context = {
        "mark": mark.line if mark is not None else "",
        "page": page,
        "week": page.week,
        "figures": FIGURES,
        "causes": [row for row in page.causes if row.this or row.last][:MOST_CAUSES],
        "departments": sorted(page.departments, key=lambda row: -row.sent)[:MOST_DEPARTMENTS],
        "actions": page.actions[:MOST_ACTIONS],
        "words": page.words[:MOST_WORDS],
        "carried": page.carried[:MOST_MEASURES],
        "planned": page.planned[:MOST_MEASURES],
        "printed_at": clock.now(),
    }
    return render_to_string("insight/week_paper.html", context)


def week_pdf(page: WeekPage, mark: Watermark | None = None) -> bytes:
    """`mark` for a paper somebody takes away; a mail goes to who asked for it."""
    return pdf_of(week_html(page, mark))
