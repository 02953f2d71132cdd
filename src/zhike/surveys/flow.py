"""The way through a questionnaire: which pages and questions come, in which order, in which words.

Answers are a mapping from question key to what `answering.taken` made of it. Conditions look at earlier pages
alone, so the way to a page is settled before it is drawn and no script is needed.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol, TypeVar

from zhike.surveys.choices import QuestionKind
from zhike.surveys.definition import Condition, Definition, Option, Question, Quota, Section, Words
from zhike.surveys.definition.reading import PIPED

Answers = Mapping[str, Any]


class _Keyed(Protocol):
    @property
    def key(self) -> str: ...


T = TypeVar("T", bound=_Keyed)


def chosen(answer: Any) -> frozenset[str]:
    """The values a condition or a quota compares."""
    if answer is None:
        return frozenset()
    if isinstance(answer, list):
        return frozenset(str(one) for one in answer)
    return frozenset({str(answer)})


def holds(conditions: Sequence[Condition], answers: Answers) -> bool:
    """All of them. A question that was not answered is none of the values named."""
    return all(
        bool(chosen(answers.get(one.question)) & set(one.values)) != one.negated
        for one in conditions
    )


def asked(section: Section, answers: Answers, seed: str) -> list[Question]:
    """The questions of a page that come for these answers, in this person's order."""
    found = [one for one in section.questions if holds(one.when, answers)]
    return shuffled(found, seed, section.key) if section.shuffle else found


def offered(question: Question, seed: str) -> list[Option]:
    """The choices in this person's order. “None of these” and “other” stay where they stand: at the end."""
    if not question.shuffle:
        return list(question.options)
    free = [one for one in question.options if not (one.alone or one.opens_text)]
    fixed = [one for one in question.options if one.alone or one.opens_text]
    return [*shuffled(free, seed, question.key), *fixed]


def rows(question: Question, seed: str) -> list[Option]:
    return shuffled(question.rows, seed, question.key) if question.shuffle else list(question.rows)


def shuffled(items: Sequence[T], seed: str, salt: str) -> list[T]:
    """By chance, but the same whenever this person opens the page."""

    def place(one: T) -> bytes:
        return hashlib.sha256(f"{seed}|{salt}|{one.key}".encode()).digest()

    return sorted(items, key=place)


def pages(definition: Definition, answers: Answers) -> Iterator[int]:
    """The numbers (from 0) of the pages that come for these answers: with at least one question."""
    for number, section in enumerate(definition.sections):
        if holds(section.when, answers) and any(holds(q.when, answers) for q in section.questions):
            yield number


def next_page(definition: Definition, answers: Answers, after: int) -> int | None:
    """The page that comes after this one (-1: the first), or None at the end."""
    return next((number for number in pages(definition, answers) if number > after), None)


def page_before(definition: Definition, answers: Answers, number: int) -> int | None:
    earlier = [one for one in pages(definition, answers) if one < number]
    return earlier[-1] if earlier else None


def on_the_way(definition: Definition, answers: Answers) -> dict[str, Any]:
    """The answers to questions that come. Whoever went back and took another way leaves the old answers."""
    kept: dict[str, Any] = {}
    for section in definition.sections:
        before = dict(kept)
        if not holds(section.when, before):
            continue
        for question in section.questions:
            if question.key in answers and holds(question.when, before):
                kept[question.key] = answers[question.key]
                words = answers.get(words_key(question.key))
                if words:
                    kept[words_key(question.key)] = words
    return kept


def words_key(key: str) -> str:
    """Where the own words beside a choice stand among the answers."""
    return f"{key}.words"


def full(definition: Definition, answers: Answers, counts: Mapping[tuple[str, str], int]) -> bool:
    """Whether a quota that these answers fall under has been reached."""
    return any(
        counts.get((one.question, one.value), 0) >= one.most for one in falls(definition, answers)
    )


def falls(definition: Definition, answers: Answers) -> list[Quota]:
    return [one for one in definition.quotas if one.value in chosen(answers.get(one.question))]


def said(definition: Definition, text: Words, answers: Answers, language: str) -> str:
    """The words in this language, with what was answered before put in where {{key}} stands."""

    def answered(match: Any) -> str:
        question = definition.question(match[1])
        return "" if question is None else _quoted(definition, question, answers, language)

    return PIPED.sub(answered, definition.words(text, language))


def _quoted(definition: Definition, question: Question, answers: Answers, language: str) -> str:
    answer = answers.get(question.key)
    if answer is None:
        return "…"
    if question.kind in (QuestionKind.SINGLE, QuestionKind.MULTIPLE):
        taken = chosen(answer)
        names = [definition.words(o.text, language) for o in question.options if o.key in taken]
        return ("、" if language.startswith("zh") else ", ").join(names)
    return f"{answer:g}" if isinstance(answer, float) else str(answer)
