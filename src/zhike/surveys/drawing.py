"""A page of a questionnaire as its template draws it: words of one language, in one person's order.

The page customers answer and the preview of who writes it are drawn from the same.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import pgettext

from zhike.surveys import flow
from zhike.surveys.choices import ContactPart, QuestionKind
from zhike.surveys.definition import Definition, Option, Question
from zhike.surveys.definition.parts import SIDES, USUAL_FILES

FACES = 5


@dataclass(frozen=True, slots=True)
class Choice:
    value: str
    label: str
    is_on: bool
    # The field for words beside this choice, where it has one.
    words_name: str = ""
    words: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A field, or a row of choices; `label` is empty where the text of the question or row says all."""

    name: str
    label: str
    choices: Sequence[Choice] = ()
    value: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    label: str
    lines: Sequence[Line]


@dataclass(frozen=True, slots=True)
class DrawnQuestion:
    key: str
    kind: str
    number: int
    text: str
    help: str
    is_required: bool
    low: str
    high: str
    unit: str
    rows: Sequence[Row]
    problem: str
    # Five points in one line are drawn as faces.
    has_faces: bool
    # What was left before and is not shown again in full.
    kept: str = ""
    files: Sequence[tuple[str, str]] = ()
    most: int = 0


@dataclass(frozen=True, slots=True)
class DrawnPage:
    """`number` from 0 among all sections; `place` of `places` among those that come for these answers."""

    number: int
    place: int
    places: int
    is_last: bool
    has_back: bool
    title: str
    intro: str
    page_title: str
    page_intro: str
    questions: Sequence[DrawnQuestion]

    @property
    def takes_files(self) -> bool:
        return any(one.kind == QuestionKind.FILE for one in self.questions)

    @property
    def problems(self) -> list[DrawnQuestion]:
        return [one for one in self.questions if one.problem]


def draw(
    definition: Definition,
    number: int,
    answers: Mapping[str, Any],
    *,
    language: str,
    seed: str,
    posted: Mapping[str, Sequence[str]] | None = None,
    problems: Mapping[str, str] | None = None,
    kept: Mapping[str, str] | None = None,
    files: Mapping[str, Sequence[tuple[str, str]]] | None = None,
) -> DrawnPage:
    """`posted` is shown as it was sent in when the page comes back with `problems`, else what was answered.

    `kept` tells, by question, what was left before and stays where it is; `files` those sent, by token.
    """
    section = definition.sections[number]
    coming = list(flow.pages(definition, answers))
    asked = flow.asked(section, answers, seed)
    shown = posted if posted is not None else _as_posted(asked, answers)
    drawer = _Drawer(definition, answers, language, seed, shown, problems or {}, kept or {})
    drawer.files = files or {}
    # Those of the whole questionnaire, as in the builder and the results; a branch not taken leaves its numbers
    # out. Where the order is by chance they stand in the order shown.
    place = {one.key: at for at, one in enumerate(definition.questions(), 1)}
    numbers = sorted(place[one.key] for one in asked)
    is_first = not coming or number == coming[0]
    return DrawnPage(
        number=number,
        place=coming.index(number) + 1 if number in coming else 1,
        places=max(1, len(coming)),
        is_last=flow.next_page(definition, answers, number) is None,
        has_back=not is_first,
        title=drawer.words(definition.title),
        intro=drawer.words(definition.intro) if is_first else "",
        page_title=drawer.words(section.title),
        page_intro=drawer.words(section.intro),
        questions=[drawer.question(one, at) for one, at in zip(asked, numbers, strict=True)],
    )


class _Drawer:
    def __init__(
        self,
        definition: Definition,
        answers: Mapping[str, Any],
        language: str,
        seed: str,
        posted: Mapping[str, Sequence[str]],
        problems: Mapping[str, str],
        kept: Mapping[str, str],
    ) -> None:
        self._definition, self._answers = definition, answers
        self._language, self._seed = language, seed
        self._posted, self._problems, self._kept = posted, problems, kept
        self.files: Mapping[str, Sequence[tuple[str, str]]] = {}

    def words(self, text: Mapping[str, str]) -> str:
        return flow.said(self._definition, text, self._answers, self._language)

    def question(self, question: Question, number: int) -> DrawnQuestion:
        return DrawnQuestion(
            key=question.key,
            kind=str(question.kind),
            number=number,
            text=self.words(question.text),
            help=self.words(question.help),
            is_required=question.required,
            low=self.words(question.low),
            high=self.words(question.high),
            unit=self.words(question.unit),
            rows=self._rows(question),
            problem=self._problems.get(question.key, ""),
            has_faces=question.kind == QuestionKind.SCALE and question.points == FACES,
            kept=self._kept.get(question.key, ""),
            files=self.files.get(question.key, ()),
            most=int(question.most or USUAL_FILES) if question.kind == QuestionKind.FILE else 0,
        )

    def _rows(self, question: Question) -> list[Row]:
        key, kind = question.key, question.kind
        if kind in SIDES:
            names = (
                (pgettext("answer", "Expected"), pgettext("answer", "Found"))
                if kind == QuestionKind.GAP
                else (pgettext("answer", "We"), self.words(question.rival))
            )
            return [
                Row(
                    self.words(row.text),
                    [
                        self._scale(question, f"{key}.{row.key}.{side}", label)
                        for side, label in zip(SIDES[kind], names, strict=True)
                    ],
                )
                for row in flow.rows(question, self._seed)
            ]
        if kind == QuestionKind.MATRIX:
            return [
                Row(self.words(row.text), [self._scale(question, f"{key}.{row.key}", "")])
                for row in flow.rows(question, self._seed)
            ]
        if kind == QuestionKind.POINTS:
            return [
                Row("", [self._field(f"{key}.{row.key}", self.words(row.text))])
                for row in flow.rows(question, self._seed)
            ]
        if kind == QuestionKind.RANK:
            places = range(1, len(question.options) + 1)
            return [
                Row("", [self._places(f"{key}.{one.key}", self.words(one.text), places)])
                for one in flow.offered(question, self._seed)
            ]
        if kind in (QuestionKind.SINGLE, QuestionKind.MULTIPLE):
            choices = [self._choice(key, one) for one in flow.offered(question, self._seed)]
            return [Row("", [Line(key, "", choices)])]
        if kind in (QuestionKind.SCALE, QuestionKind.NPS, QuestionKind.CES):
            return [Row("", [self._scale(question, key, "")])]
        if kind == QuestionKind.CONTACT:
            return [
                Row(part, [self._field(f"{key}.{part}", str(ContactPart(part).label))])
                for part in question.asks
            ]
        return [Row("", [self._field(key, "")])]

    def _value(self, name: str) -> str:
        return (self._posted.get(name) or ("",))[-1]

    def _field(self, name: str, label: str) -> Line:
        return Line(name, label, value=self._value(name))

    def _scale(self, question: Question, name: str, label: str) -> Line:
        on = self._value(name)
        return Line(
            name, label, [Choice(str(one), str(one), on == str(one)) for one in question.scale]
        )

    def _places(self, name: str, label: str, places: Sequence[int]) -> Line:
        on = self._value(name)
        return Line(name, label, [Choice(str(one), str(one), on == str(one)) for one in places])

    def _choice(self, key: str, one: Option) -> Choice:
        name = flow.words_key(key) if one.opens_text else ""
        return Choice(
            value=one.key,
            label=self.words(one.text),
            is_on=one.key in (self._posted.get(key) or ()),
            words_name=name,
            words=self._value(name) if name else "",
        )


def _as_posted(
    questions: Sequence[Question], answers: Mapping[str, Any]
) -> dict[str, Sequence[str]]:
    """Answers as the form that gave them would be sent again."""
    found: dict[str, Sequence[str]] = {}
    for question in questions:
        answer, key = answers.get(question.key), question.key
        if answer is None:
            continue
        if question.kind in SIDES:
            for row, pair in answer.items():
                for side, value in zip(SIDES[question.kind], pair, strict=True):
                    found[f"{key}.{row}.{side}"] = ["" if value is None else str(value)]
        elif question.kind == QuestionKind.RANK:
            found |= {f"{key}.{one}": [str(place)] for place, one in enumerate(answer, 1)}
        elif isinstance(answer, dict):
            found |= {f"{key}.{row}": [str(value)] for row, value in answer.items()}
        elif isinstance(answer, list):
            found[key] = answer
        else:
            found[key] = [f"{answer:g}" if isinstance(answer, float) else str(answer)]
        words = answers.get(flow.words_key(key))
        if words:
            found[flow.words_key(key)] = [words]
    return found
