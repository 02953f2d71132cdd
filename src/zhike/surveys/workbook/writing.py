from collections.abc import Iterator, Mapping
from typing import IO, Any

import xlsxwriter

from zhike.core.exporter.writers import escaped, safe_sheet_name
from zhike.surveys.choices import QuestionKind
from zhike.surveys.definition import Draft
from zhike.surveys.workbook.columns import (
    ASKS,
    CONDITIONS,
    LANGUAGES,
    LISTS,
    PAGES,
    PARTS,
    QUESTIONS,
    QUOTAS,
    SHEETS,
    WHOLE,
    WHOLE_PARTS,
    YES,
    BookSheet,
    heads,
)

# Excel allows 255 characters for a list written into the rule.
_LONGEST_LIST = 255
_PREPARED_ROWS = 500


def write_book(draft: Draft, stream: IO[bytes]) -> None:
    """All of the draft; `read_book` gives it back as it was."""
    book = xlsxwriter.Workbook(
        stream,
        {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False},
    )
    as_text = book.add_format({"num_format": "@", "text_wrap": True, "valign": "top"})
    head = book.add_format({"bold": True, "bg_color": "#eef6f6", "border": 1})
    rows: Mapping[str, Iterator[Mapping[Any, str]]] = {
        PAGES.code: _pages(draft),
        QUESTIONS.code: _questions(draft),
        PARTS.code: _parts(draft),
        CONDITIONS.code: _conditions(draft),
        QUOTAS.code: _quotas(draft),
    }
    languages: list[str] = draft["languages"]
    for sheet in SHEETS:
        page = book.add_worksheet(safe_sheet_name(str(sheet.label)))
        page.freeze_panes(1, 0)
        if sheet is WHOLE:
            _whole(page, draft, head, as_text)
            continue
        columns = list(heads(sheet, languages))
        for place, (column, _language, label) in enumerate(columns):
            page.set_column(place, place, max(column.width, len(label) * 2), as_text)
            page.write_string(0, place, label, head)
            _choose(page, sheet, column.code, place)
        for line, row in enumerate(rows[sheet.code], 1):
            for place, (column, language, _label) in enumerate(columns):
                text = row.get((column.code, language) if language else column.code, "")
                if text:
                    page.write_string(line, place, escaped(text), as_text)
    book.close()


def _whole(page: Any, draft: Draft, head: Any, as_text: Any) -> None:
    page.set_column(0, 0, 18, as_text)
    page.write_string(0, 0, str(WHOLE.columns[0].label), head)
    for place, code in enumerate(draft["languages"], 1):
        page.set_column(place, place, 60, as_text)
        page.write_string(0, place, LANGUAGES[code], head)
        for line, part in enumerate(WHOLE_PARTS, 1):
            text = draft.get(part, {}).get(code, "")
            if text:
                page.write_string(line, place, escaped(text), as_text)
    for line, label in enumerate(WHOLE_PARTS.values(), 1):
        page.write_string(line, 0, str(label), as_text)


def _choose(page: Any, sheet: BookSheet, column: str, place: int) -> None:
    """What may stand in a column, as a list to choose from."""
    offered: list[str] = []
    if column == "kind":
        offered = [str(label) for label in QuestionKind.labels]
    elif column == "list":
        offered = [str(label) for label in LISTS.values()]
    elif column in ("required", "shuffle", "opens_text", "alone", "negated"):
        offered = [str(YES)]
    # A comma would cut a choice in two.
    if offered and not any("," in one for one in offered):
        if len(",".join(offered)) > _LONGEST_LIST:
            return
        rule = {"validate": "list", "source": offered, "error_type": "warning"}
        page.data_validation(1, place, _PREPARED_ROWS, place, rule)


def _figure(number: float) -> str:
    """Every figure of it, so that it comes back the same."""
    return str(int(number)) if float(number).is_integer() else repr(float(number))


def _words(part: Draft, *names: str) -> dict[Any, str]:
    return {(name, code): text for name in names for code, text in part.get(name, {}).items()}


def _flags(part: Draft, *names: str) -> dict[Any, str]:
    return {name: str(YES) for name in names if part.get(name)}


def _pages(draft: Draft) -> Iterator[dict[Any, str]]:
    for section in draft["sections"]:
        yield {
            "key": section["key"],
            **_words(section, "title", "intro"),
            **_flags(section, "shuffle"),
        }


def _questions(draft: Draft) -> Iterator[dict[Any, str]]:
    for section in draft["sections"]:
        for one in section["questions"]:
            numbers = {
                name: _figure(one[name])
                for name in ("least", "most", "points")
                if one.get(name) is not None and (name != "points" or one[name])
            }
            yield {
                "page": section["key"],
                "key": one["key"],
                "kind": str(QuestionKind(one["kind"]).label),
                "asks": ", ".join(str(ASKS[part]) for part in one.get("asks", []) if part in ASKS),
                **numbers,
                **_words(one, "text", "help", "low", "high", "unit", "rival"),
                **_flags(one, "required", "shuffle"),
            }


def _parts(draft: Draft) -> Iterator[dict[Any, str]]:
    for section in draft["sections"]:
        for question in section["questions"]:
            for name, label in LISTS.items():
                for one in question.get(name, []):
                    yield {
                        "question": question["key"],
                        "list": str(label),
                        "key": one["key"],
                        **_words(one, "text"),
                        **_flags(one, "opens_text", "alone"),
                    }


def _conditions(draft: Draft) -> Iterator[dict[Any, str]]:
    for section in draft["sections"]:
        for target, part in (("page", section), *(("question", q) for q in section["questions"])):
            for one in part.get("when", []):
                yield {
                    target: part["key"],
                    "asked": one["question"],
                    "values": ", ".join(one["values"]),
                    **_flags(one, "negated"),
                }


def _quotas(draft: Draft) -> Iterator[dict[Any, str]]:
    for one in draft.get("quotas", []):
        yield {"question": one["question"], "value": one["value"], "most": str(one["most"])}
