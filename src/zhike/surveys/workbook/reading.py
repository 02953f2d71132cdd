"""From a workbook back to a draft. Nothing is taken while one cell is wrong; every wrong cell is named."""

import re
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from zhike.core.errors import RuleError
from zhike.core.importer.reading import column_letter
from zhike.core.importer.reading.workbook import read_workbook
from zhike.surveys.choices import QuestionKind
from zhike.surveys.definition import DefinitionError, Draft, shaped
from zhike.surveys.definition.drafts import SURE_NUMBER
from zhike.surveys.definition.reading import FORMAT
from zhike.surveys.workbook.columns import (
    ASKS,
    CONDITIONS,
    LANGUAGES,
    LISTS,
    NO,
    PAGES,
    PARTS,
    QUESTIONS,
    QUOTAS,
    WHOLE,
    WHOLE_PARTS,
    YES,
    BookSheet,
    code_by,
    folded,
    heads,
    spelled,
)

MOST_LINES = 3000
_YES = {"1", "true", "是", "y", "x", "√"}  # zh-data
_NO = {"0", "false", "否", "n"}  # zh-data
_BETWEEN = re.compile(r"[,，、;；]+")  # zh-data
_COMMAS = re.compile(r"[,，、;；\s]+")  # zh-data


@dataclass(frozen=True)
class Fault:
    """A wrong cell: its sheet as the file calls it, row from 1, column by letter; empty where none is meant."""

    sheet: str
    row: int
    column: str
    sentence: str


class WorkbookFaults(RuleError):
    def __init__(self, faults: list[Fault]) -> None:
        super().__init__(
            "workbook_wrong",
            _("The file has %(n)s wrong cells; nothing was taken over.") % {"n": len(faults)},
            field="file",
        )
        self.faults = faults


@dataclass(frozen=True)
class Line:
    """A row with something in it: its cells by column, words by (column, language)."""

    row: int
    cells: Mapping[Any, str]

    def words(self, name: str, languages: list[str]) -> dict[str, str]:
        texts = {code: self.cells.get((name, code), "") for code in languages}
        return {code: text for code, text in texts.items() if text}


def read_book(data: bytes) -> Draft:
    """Raises WorkbookFaults with every wrong cell, RuleError when it is no such workbook at all."""
    with tempfile.NamedTemporaryFile(suffix=".xlsx") as file:
        file.write(data)
        file.flush()
        return _Reader(Path(file.name)).draft()


class _Reader:
    def __init__(self, path: Path) -> None:
        self._path = path
        self._names, _first = read_workbook(path, "")
        self._faults: list[Fault] = []
        self._languages: list[str] = []
        self._columns: dict[str, dict[Any, int]] = {}
        # Which row a part of the document came from, for what only the whole can tell.
        self._rows: dict[str, tuple[str, int]] = {}

    def draft(self) -> Draft:
        whole = self._whole()
        self._stop_at_faults()
        sections = self._pages()
        by_key = {one["key"]: one for one in sections}
        questions = self._questions(by_key)
        self._parts(questions)
        self._conditions(by_key, questions)
        document = {
            "format": FORMAT,
            "languages": self._languages,
            **whole,
            "sections": sections,
            "quotas": self._quotas(questions),
        }
        self._stop_at_faults()
        try:
            return shaped(document)
        except DefinitionError as error:
            for problem in error.problems:
                sheet, row = self._row_of(problem.place)
                self._faults.append(Fault(sheet, row, "", problem.sentence))
            raise WorkbookFaults(self._faults) from error

    def _row_of(self, place: str) -> tuple[str, int]:
        """The row the part came from; of what lies within it too."""
        while place:
            if place in self._rows:
                return self._rows[place]
            place = place.rpartition(".")[0]
        return "", 0

    def _stop_at_faults(self) -> None:
        if self._faults:
            raise WorkbookFaults(self._faults)

    # Sheets

    def _whole(self) -> Draft:
        name, lines = self._sheet(WHOLE)
        if not lines:
            self._faults.append(Fault(name, 1, "A", _("This sheet is empty.")))
            return {}
        at = {}
        for place, text in enumerate(lines[0][1:], 1):
            code = code_by(LANGUAGES, text) if text else None
            if code is not None and code not in at:
                at[code] = place
            elif text:
                self._wrong(
                    name, 1, place, _("This is no language of the program, or stands twice.")
                )
        self._languages = list(at)
        if not at:
            self._wrong(name, 1, 1, _("Here stands the first language, such as English."))
        found: Draft = {"title": {}}
        for row, cells in enumerate(lines[1:], 2):
            part = code_by(WHOLE_PARTS, cells[0]) if cells and cells[0] else None
            if part is not None:
                texts = {code: cells[place] for code, place in at.items() if place < len(cells)}
                found[part] = {code: text for code, text in texts.items() if text}
            elif any(cells):
                self._wrong(name, row, 0, _("Here stands title, beginning or end."))
        return found

    def _pages(self) -> list[Draft]:
        found: list[Draft] = []
        for line in self._lines(PAGES):
            key = self._key(PAGES, line, "key", {one["key"] for one in found})
            if not key:
                self._wrong_cell(PAGES, line, "key", _("Here stands a name such as s1."))
            self._rows[f"sections[{len(found)}]"] = self._where(PAGES, line)
            page: Draft = {"key": key, "questions": []}
            for name in ("title", "intro"):
                page[name] = line.words(name, self._languages)
            page["shuffle"] = self._flag(PAGES, line, "shuffle")
            found.append(page)
        return found

    def _questions(self, pages: Mapping[str, Draft]) -> dict[str, Draft]:
        found: dict[str, Draft] = {}
        for line in self._lines(QUESTIONS):
            page = pages.get(line.cells.get("page", ""))
            if page is None:
                self._wrong_cell(QUESTIONS, line, "page", _("There is no such page on its sheet."))
                continue
            key = self._key(QUESTIONS, line, "key", set(found))
            kind = code_by(dict(QuestionKind.choices), line.cells.get("kind", ""))
            if kind is None:
                self._wrong_cell(
                    QUESTIONS, line, "kind", _("Please choose how the question is answered.")
                )
            question: Draft = {"key": key, "kind": kind}
            for name in ("text", "help", "low", "high", "unit", "rival"):
                question[name] = line.words(name, self._languages)
            for name in ("required", "shuffle"):
                question[name] = self._flag(QUESTIONS, line, name)
            question["asks"] = self._asks(line)
            for name in ("points", "least", "most"):
                number = self._number(QUESTIONS, line, name)
                if number is not None:
                    question[name] = number
            at = f"sections[{list(pages).index(page['key'])}].questions[{len(page['questions'])}]"
            self._rows[at] = self._where(QUESTIONS, line)
            page["questions"].append(question)
            if key:
                found[key] = question
        return found

    def _asks(self, line: Line) -> list[str]:
        found = []
        for text in _BETWEEN.split(line.cells.get("asks", "")):
            part = code_by(ASKS, text) if text.strip() else ""
            if part is None:
                self._wrong_cell(
                    QUESTIONS,
                    line,
                    "asks",
                    _("A contact is a name, a phone number or an e-mail address."),
                )
            elif part:
                found.append(part)
        return found

    def _parts(self, questions: Mapping[str, Draft]) -> None:
        for line in self._lines(PARTS):
            question = questions.get(line.cells.get("question", ""))
            if question is None:
                self._wrong_cell(
                    PARTS, line, "question", _("There is no such question on its sheet.")
                )
                continue
            name = code_by(LISTS, line.cells.get("list", ""))
            if name is None:
                self._wrong_cell(PARTS, line, "list", _("Here stands choice or item."))
                continue
            listed: list[Draft] = question.setdefault(name, [])
            part: Draft = {
                "key": self._key(PARTS, line, "key", {one["key"] for one in listed}),
                "text": line.words("text", self._languages),
            }
            for flag in ("opens_text", "alone"):
                part[flag] = self._flag(PARTS, line, flag)
            listed.append(part)

    def _conditions(self, pages: Mapping[str, Draft], questions: Mapping[str, Draft]) -> None:
        for line in self._lines(CONDITIONS):
            page, question = line.cells.get("page", ""), line.cells.get("question", "")
            column = "question" if question else "page"
            target = questions.get(question) if question else pages.get(page)
            if target is None or (page and question):
                self._wrong_cell(
                    CONDITIONS,
                    line,
                    column,
                    _("Here stands one page or one question that is shown."),
                )
                continue
            values = [one for one in _COMMAS.split(line.cells.get("values", "")) if one]
            condition: Draft = {"question": line.cells.get("asked", ""), "values": values}
            if condition["question"] not in questions:
                self._wrong_cell(
                    CONDITIONS, line, "asked", _("There is no such question on its sheet.")
                )
            if not values:
                self._wrong_cell(CONDITIONS, line, "values", _("Here stand the choices."))
            condition["negated"] = self._flag(CONDITIONS, line, "negated")
            target.setdefault("when", []).append(condition)

    def _quotas(self, questions: Mapping[str, Draft]) -> list[Draft]:
        found: list[Draft] = []
        for line in self._lines(QUOTAS):
            asked, value = line.cells.get("question", ""), line.cells.get("value", "")
            if asked not in questions:
                self._wrong_cell(
                    QUOTAS, line, "question", _("There is no such question on its sheet.")
                )
            if not value:
                self._wrong_cell(QUOTAS, line, "value", _("Here stands the choice."))
            most = self._number(QUOTAS, line, "most")
            if most is None or most != int(most):
                self._wrong_cell(QUOTAS, line, "most", _("A quota is a whole number from 1."))
                continue
            self._rows[f"quotas[{len(found)}]"] = self._where(QUOTAS, line)
            found.append({"question": asked, "value": value, "most": int(most)})
        return found

    # Cells

    def _sheet(self, sheet: BookSheet) -> tuple[str, list[list[str]]]:
        wanted = spelled(sheet.label) | {folded(sheet.code)}
        name = next((one for one in self._names if folded(one) in wanted), None)
        if name is None:
            self._faults.append(
                Fault(str(sheet.label), 0, "", _("There is no such sheet in the file."))
            )
            return str(sheet.label), []
        _names, found = read_workbook(self._path, name)
        if len(found.lines) > MOST_LINES:
            self._faults.append(
                Fault(name, MOST_LINES, "", _("At most %(most)s lines.") % {"most": MOST_LINES})
            )
            return name, []
        return name, found.lines

    def _lines(self, sheet: BookSheet) -> Iterator[Line]:
        name, rows = self._sheet(sheet)
        if not rows:
            return
        at: dict[Any, int] = {}
        headers = [folded(text) for text in rows[0]]
        for column, language, _label in heads(sheet, self._languages):
            spellings = spelled(column.label)
            if language:
                end = folded(f" · {LANGUAGES[language]}")
                spellings = frozenset(f"{one}{end}" for one in spellings)
            place = next((n for n, text in enumerate(headers) if text in spellings), None)
            if place is None and not column.is_later:
                self._wrong(name, 1, 0, _("The column “%(name)s” is missing.") % {"name": _label})
            elif place is not None:
                at[column.code, language] = place
                if not language:
                    at[column.code] = place
        self._columns[sheet.code] = at
        if any(fault.sheet == name and fault.row == 1 for fault in self._faults):
            return
        for row, cells in enumerate(rows[1:], 2):
            found = {code: cells[n] for code, n in at.items() if n < len(cells) and cells[n]}
            if found:
                yield Line(row, found)

    def _key(self, sheet: BookSheet, line: Line, column: str, taken: set[str]) -> str:
        key = line.cells.get(column, "")
        if key and key in taken:
            self._wrong_cell(
                sheet, line, column, _("The key “%(key)s” stands twice.") % {"key": key}
            )
        return key

    def _flag(self, sheet: BookSheet, line: Line, column: str) -> bool:
        text = folded(line.cells.get(column, ""))
        if text in _YES or text in spelled(YES):
            return True
        if text and text not in _NO and text not in spelled(NO):
            self._wrong_cell(sheet, line, column, _("This is neither yes nor no."))
        return False

    def _number(self, sheet: BookSheet, line: Line, column: str) -> float | None:
        text = line.cells.get(column, "")
        if not text:
            return None
        try:
            number = float(text)
        except ValueError:
            number = float("nan")
        if not abs(number) <= SURE_NUMBER:
            self._wrong_cell(sheet, line, column, _("This is no number."))
            return None
        return number

    def _where(self, sheet: BookSheet, line: Line) -> tuple[str, int]:
        return str(sheet.label), line.row

    def _wrong_cell(self, sheet: BookSheet, line: Line, column: str, sentence: str) -> None:
        place = self._columns.get(sheet.code, {}).get(column, 0)
        self._wrong(str(sheet.label), line.row, place, sentence)

    def _wrong(self, sheet: str, row: int, place: int, sentence: str) -> None:
        self._faults.append(Fault(sheet, row, column_letter(place), sentence))
