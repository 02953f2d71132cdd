"""A questionnaire as people look through it: pages and questions in order, and what each still lacks."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from zhike.surveys.choices import ContactPart, QuestionKind
from zhike.surveys.definition import Draft, Problem
from zhike.surveys.definition.parts import WITH_POINTS
from zhike.surveys.definition.reading import BRANCHING
from zhike.surveys.drafting import WORDS

ASKED = frozenset(ContactPart.values)
# Choices of a question shown at once; the rest is counted.
MOST_SHOWN = 8
_PLACE = re.compile(r"sections\[(\d+)\](?:\.questions\[(\d+)\])?")


@dataclass(frozen=True)
class QuestionView:
    key: str
    number: int
    kind: str
    label: str
    text: str
    help: str
    is_required: bool
    choices: tuple[str, ...]
    more_choices: int
    scale: str
    when: tuple[str, ...]
    problems: tuple[str, ...]


@dataclass(frozen=True)
class SectionView:
    key: str
    number: int
    title: str
    intro: str
    when: tuple[str, ...]
    questions: tuple[QuestionView, ...]
    problems: tuple[str, ...]


@dataclass(frozen=True)
class Outline:
    title: str
    intro: str
    thanks: str
    sections: tuple[SectionView, ...]
    # Of the whole; those of quotas apart.
    problems: tuple[str, ...] = ()
    quota_problems: tuple[str, ...] = ()
    questions: int = field(default=0)


def language_of(document: Draft) -> str:
    """The reader's, where the questionnaire has it; else its first."""
    languages: list[str] = document.get("languages") or ["zh-hans"]
    own = get_language() or ""
    return own if own in languages else languages[0]


def words(text: Mapping[str, str] | None, language: str, first: str) -> str:
    text = text or {}
    return text.get(language) or text.get(first, "")


def outline(document: Draft, problems: Iterable[Problem] = (), language: str = "") -> Outline:
    found = list(problems)
    drawer = _Drawer(document, language or language_of(document), found)
    sections = tuple(
        drawer.section(number, section) for number, section in enumerate(document["sections"])
    )
    return Outline(
        title=drawer.words(document.get("title")),
        intro=drawer.words(document.get("intro")),
        thanks=drawer.words(document.get("thanks")),
        sections=sections,
        problems=tuple(
            one.sentence for one in found if not _PLACE.match(one.place) and not _of_quotas(one)
        ),
        quota_problems=tuple(one.sentence for one in found if _of_quotas(one)),
        questions=sum(len(section.questions) for section in sections),
    )


def _of_quotas(problem: Problem) -> bool:
    return problem.place.startswith("quotas")


def untranslated(document: Draft) -> dict[str, int]:
    """How many texts each further language has no words for; those that have all are left out."""
    first, *others = document["languages"]
    lacking = dict.fromkeys(others, 0)

    def look(part: Any) -> None:
        if isinstance(part, list):
            for one in part:
                look(one)
        elif isinstance(part, dict):
            for name, value in part.items():
                if name in WORDS and isinstance(value, dict):
                    for code in others:
                        lacking[code] += bool(value.get(first)) and not value.get(code)
                else:
                    look(value)

    look(document)
    return {code: count for code, count in lacking.items() if count}


def condition_words(condition: Draft, questions: Mapping[str, Draft], document: Draft) -> str:
    """“Which product?” is “Tricycle” or “Battery”, as a sentence."""
    first = document["languages"][0]
    language = language_of(document)
    asked = questions.get(condition["question"])
    if asked is None:
        return _("A question that is no longer there")
    named = dict(values_of(asked, language, first))
    values = " / ".join(named.get(value, value) for value in condition["values"])
    told = {"question": words(asked["text"], language, first) or asked["key"], "values": values}
    if condition.get("negated"):
        return _("Unless “%(question)s” was answered by: %(values)s") % told
    return _("Only when “%(question)s” was answered by: %(values)s") % told


def values_of(question: Draft, language: str, first: str) -> list[tuple[str, str]]:
    """What a condition or a quota may name, with its words; nothing for a kind that cannot be named."""
    kind = question["kind"]
    if kind not in BRANCHING:
        return []
    if "options" in question or kind in (QuestionKind.SINGLE, QuestionKind.MULTIPLE):
        return [
            (one["key"], words(one["text"], language, first) or one["key"])
            for one in question.get("options", [])
        ]
    lowest, highest = {"nps": (0, 10), "ces": (1, 7)}.get(kind, (1, question.get("points") or 5))
    return [(str(value), str(value)) for value in range(lowest, highest + 1)]


class _Drawer:
    def __init__(self, document: Draft, language: str, problems: list[Problem]) -> None:
        self._document = document
        self._language = language
        self._first: str = document["languages"][0]
        self._questions = {
            question["key"]: question
            for section in document["sections"]
            for question in section["questions"]
        }
        # Through all pages, as those who answer and the results see them.
        self._numbers = {key: number for number, key in enumerate(self._questions, 1)}
        self._problems: dict[tuple[int, int | None], list[str]] = {}
        for problem in problems:
            match = _PLACE.match(problem.place)
            if match:
                at = int(match[1]), int(match[2]) if match[2] else None
                self._problems.setdefault(at, []).append(problem.sentence)

    def words(self, text: Mapping[str, str] | None) -> str:
        return words(text, self._language, self._first)

    def section(self, number: int, section: Draft) -> SectionView:
        return SectionView(
            key=section["key"],
            number=number + 1,
            title=self.words(section.get("title")),
            intro=self.words(section.get("intro")),
            when=self._when(section),
            questions=tuple(
                self._question((number, place), question)
                for place, question in enumerate(section["questions"])
            ),
            problems=tuple(self._problems.get((number, None), ())),
        )

    def _question(self, at: tuple[int, int], question: Draft) -> QuestionView:
        parts = [*question.get("options", []), *question.get("rows", [])]
        shown = [self.words(part["text"]) or "…" for part in parts]
        shown += [str(ContactPart(one).label) for one in question.get("asks", []) if one in ASKED]
        return QuestionView(
            key=question["key"],
            number=self._numbers[question["key"]],
            kind=question["kind"],
            label=str(QuestionKind(question["kind"]).label),
            text=self.words(question["text"]),
            help=self.words(question.get("help")),
            is_required=bool(question.get("required")),
            choices=tuple(shown[:MOST_SHOWN]),
            more_choices=max(0, len(shown) - MOST_SHOWN),
            scale=self._scale(question),
            when=self._when(question),
            problems=tuple(self._problems.get(at, ())),
        )

    def _scale(self, question: Draft) -> str:
        kind: str = question["kind"]
        if kind not in WITH_POINTS and kind not in (QuestionKind.NPS, QuestionKind.CES):
            return ""
        values = {"nps": "0–10", "ces": "1–7"}.get(kind, f"1–{question.get('points') or 5}")
        low, high = self.words(question.get("low")), self.words(question.get("high"))
        return f"{values}: {low} – {high}" if low and high else values

    def _when(self, part: Mapping[str, Any]) -> tuple[str, ...]:
        return tuple(
            condition_words(one, self._questions, self._document) for one in part.get("when", [])
        )
