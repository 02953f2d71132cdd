"""Sheets and columns. Heads are in the reader's language; a file in any of the three languages is read.

A text has a column for each language of the questionnaire, named “Question · English”; the columns of the first
sheet say which languages these are, and in which order.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from zhike.surveys.choices import ContactPart

LANGUAGES: Mapping[str, str] = dict(settings.LANGUAGES)


@dataclass(frozen=True)
class Column:
    code: str
    label: Any
    # One for each language.
    is_words: bool = False
    width: int = 14
    # Files written before there was such a column lack it.
    is_later: bool = False


@dataclass(frozen=True)
class BookSheet:
    code: str
    label: Any
    columns: tuple[Column, ...]


WHOLE = BookSheet(
    "questionnaire",
    _("Questionnaire"),
    (Column("part", pgettext_lazy("workbook", "Part")),),
)
# What stands in the first column of the first sheet.
WHOLE_PARTS: Mapping[str, Any] = {
    "title": pgettext_lazy("questionnaire", "Title"),
    "intro": _("Words at the beginning"),
    "thanks": _("Words at the end"),
}
PAGES = BookSheet(
    "pages",
    pgettext_lazy("workbook", "Pages"),
    (
        Column("key", pgettext_lazy("workbook", "Page")),
        Column("title", _("Title of the page"), is_words=True, width=30),
        Column("intro", _("Words above the questions"), is_words=True, width=40),
        Column("shuffle", pgettext_lazy("workbook", "Random order")),
    ),
)
QUESTIONS = BookSheet(
    "questions",
    _("Questions"),
    (
        Column("page", pgettext_lazy("workbook", "Page")),
        Column("key", pgettext_lazy("workbook", "Question no.")),
        Column("kind", _("How it is answered"), width=22),
        Column("text", _("Question"), is_words=True, width=44),
        Column("help", _("Help below it"), is_words=True, width=30),
        Column("required", _("Must be answered")),
        Column("points", _("Steps of the scale")),
        Column("low", _("Lowest step means"), is_words=True, width=18),
        Column("high", _("Highest step means"), is_words=True, width=18),
        Column("least", pgettext_lazy("workbook", "Least")),
        Column("most", pgettext_lazy("workbook", "Most")),
        Column("unit", pgettext_lazy("questionnaire", "Unit of the number"), is_words=True),
        Column("rival", _("Name of the rival"), is_words=True),
        Column("asks", _("What is asked for"), width=20, is_later=True),
        Column("shuffle", pgettext_lazy("workbook", "Random order")),
    ),
)
PARTS = BookSheet(
    "choices",
    pgettext_lazy("workbook", "Choices and items"),
    (
        Column("question", pgettext_lazy("workbook", "Question no.")),
        Column("list", pgettext_lazy("workbook", "Choice or item")),
        Column("key", pgettext_lazy("workbook", "No.")),
        Column("text", pgettext_lazy("workbook", "Words"), is_words=True, width=40),
        Column("opens_text", _("may add own words")),
        Column("alone", _("goes with no other")),
    ),
)
CONDITIONS = BookSheet(
    "conditions",
    pgettext_lazy("workbook", "Conditions"),
    (
        Column("page", pgettext_lazy("workbook", "Page that is shown")),
        Column("question", pgettext_lazy("workbook", "Question that is shown")),
        Column("asked", pgettext_lazy("workbook", "By the answer to question"), width=22),
        Column("values", pgettext_lazy("workbook", "Choices, with commas"), width=22),
        Column("negated", pgettext_lazy("workbook", "Hidden instead of shown"), width=18),
    ),
)
QUOTAS = BookSheet(
    "quotas",
    pgettext_lazy("questionnaire", "Quotas"),
    (
        Column("question", pgettext_lazy("workbook", "Question no.")),
        Column("value", pgettext_lazy("workbook", "Choice")),
        Column("most", pgettext_lazy("workbook", "At most so many answers"), width=20),
    ),
)
SHEETS = (WHOLE, PAGES, QUESTIONS, PARTS, CONDITIONS, QUOTAS)
LISTS: Mapping[str, Any] = {
    "options": pgettext_lazy("workbook", "Choice"),
    "rows": pgettext_lazy("workbook", "Item"),
}
ASKS: Mapping[str, Any] = dict(ContactPart.choices)
YES = pgettext_lazy("workbook", "Yes")
NO = pgettext_lazy("workbook", "No")


def heads(sheet: BookSheet, languages: list[str]) -> Iterator[tuple[Column, str, str]]:
    """Each column with its head; of words the language too."""
    for column in sheet.columns:
        if not column.is_words:
            yield column, "", str(column.label)
            continue
        for code in languages:
            yield column, code, f"{column.label} · {LANGUAGES[code]}"


def spelled(label: Any) -> frozenset[str]:
    """How a label is written in all our languages."""
    found = set()
    for code in LANGUAGES:
        with translation.override(code):
            found.add(folded(str(label)))
    return frozenset(found)


def folded(text: str) -> str:
    return "".join(text.split()).replace("・", "·").replace("•", "·").lower()


def code_by(labels: Mapping[str, Any], text: str) -> str | None:
    """The code a person meant: by its label in any language, or the code itself."""
    wanted = folded(text)
    for code, label in labels.items():
        if wanted == folded(code) or wanted in spelled(label):
            return code
    return None
