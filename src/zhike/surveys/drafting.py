"""Changes of a draft, a part at a time: what the builder's buttons do. Each returns a new document.

Keys are given once: none that was ever used in the questionnaire is given again, so that answers under it
keep their meaning.
"""

import re
from collections.abc import Iterable, Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from zhike.surveys.choices import ContactPart, QuestionKind
from zhike.surveys.definition import Draft, next_key
from zhike.surveys.definition.parts import WITH_OPTIONS, WITH_POINTS, WITH_ROWS
from zhike.surveys.definition.reading import FORMAT

UP, DOWN = -1, 1
# What only some kinds are asked with; the rest every question may have.
_ONLY: dict[str, frozenset[str]] = {
    "options": WITH_OPTIONS,
    "rows": WITH_ROWS,
    "points": WITH_POINTS,
    "low": WITH_POINTS | {QuestionKind.NPS, QuestionKind.CES},
    "high": WITH_POINTS | {QuestionKind.NPS, QuestionKind.CES},
    "least": frozenset({QuestionKind.MULTIPLE, QuestionKind.NUMBER}),
    "most": frozenset({QuestionKind.MULTIPLE, QuestionKind.NUMBER, QuestionKind.FILE}),
    "unit": frozenset({QuestionKind.NUMBER}),
    "rival": frozenset({QuestionKind.RIVAL}),
    "asks": frozenset({QuestionKind.CONTACT}),
    # Nobody has to say who they are.
    "required": frozenset(QuestionKind) - {QuestionKind.CONTACT},
    "shuffle": WITH_OPTIONS | WITH_ROWS,
}


class PartGone(LookupError):
    """No page and no question of this key."""


@dataclass(frozen=True)
class Used:
    """Keys that were given before: in the draft or in a published version."""

    sections: frozenset[str] = frozenset()
    questions: frozenset[str] = frozenset()
    parts: dict[str, frozenset[str]] = field(default_factory=dict)


def has(kind: str, part: str) -> bool:
    """Whether a question of this kind is asked with it."""
    return part not in _ONLY or kind in _ONLY[part]


def used_keys(documents: Iterable[Draft]) -> Used:
    sections: set[str] = set()
    questions: set[str] = set()
    parts: dict[str, set[str]] = {}
    for document in documents:
        for section in document.get("sections", []):
            sections.add(section["key"])
            for question in section["questions"]:
                questions.add(question["key"])
                known = parts.setdefault(question["key"], set())
                known |= {
                    one["key"] for name in ("options", "rows") for one in question.get(name, [])
                }
    return Used(
        frozenset(sections),
        frozenset(questions),
        {key: frozenset(known) for key, known in parts.items()},
    )


def blank(languages: list[str], title: str) -> Draft:
    """One page without a question."""
    return {
        "format": FORMAT,
        "languages": languages,
        "title": {languages[0]: title} if title else {},
        "sections": [{"key": "s1", "questions": []}],
    }


def in_languages(draft: Draft, languages: list[str]) -> Draft:
    """The same questionnaire in these languages; words of others are left out."""

    def cut(part: Any) -> Any:
        if isinstance(part, list):
            return [cut(one) for one in part]
        if not isinstance(part, dict):
            return part
        return {
            name: {code: text for code, text in value.items() if code in languages}
            if name in WORDS and isinstance(value, dict)
            else cut(value)
            for name, value in part.items()
        }

    return {**cut(draft), "languages": languages}


WORDS = frozenset({"title", "intro", "thanks", "text", "help", "low", "high", "unit", "rival"})


def section_at(draft: Draft, key: str) -> int:
    for place, section in enumerate(draft["sections"]):
        if section["key"] == key:
            return place
    raise PartGone(key)


def question_at(draft: Draft, key: str) -> tuple[int, int]:
    for at, section in enumerate(draft["sections"]):
        for place, question in enumerate(section["questions"]):
            if question["key"] == key:
                return at, place
    raise PartGone(key)


def questions_of(draft: Draft) -> Iterator[Draft]:
    for section in draft["sections"]:
        yield from section["questions"]


def earlier_questions(draft: Draft, section: int) -> list[Draft]:
    """What is answered before this page is drawn."""
    return [one for before in draft["sections"][:section] for one in before["questions"]]


def add_section(draft: Draft, section: Draft, used: Used) -> Draft:
    new = deepcopy(draft)
    taken = {*used.sections, *(one["key"] for one in new["sections"])}
    new["sections"].append({"questions": [], **section, "key": next_key(taken, "s")})
    return new


def change_section(draft: Draft, key: str, section: Draft) -> Draft:
    """Title, words above, condition and order; the questions stay."""
    new = deepcopy(draft)
    at = section_at(new, key)
    questions = new["sections"][at]["questions"]
    new["sections"][at] = {**section, "key": key, "questions": questions}
    return new


def add_question(draft: Draft, section: str, question: Draft, used: Used) -> tuple[Draft, str]:
    """At the end of the page; returns the key it was given."""
    new = deepcopy(draft)
    key = fresh_key(draft, used)
    new["sections"][section_at(new, section)]["questions"].append({**question, "key": key})
    return new, key


def change_question(draft: Draft, key: str, question: Draft, new_key: str = "") -> Draft:
    """In its place. With `new_key` it is another question from now on; what named the old one names it."""
    new = deepcopy(draft)
    at, place = question_at(new, key)
    new["sections"][at]["questions"][place] = {**question, "key": new_key or key}
    return renamed(new, key, new_key) if new_key and new_key != key else new


def fresh_key(draft: Draft, used: Used) -> str:
    return next_key({*used.questions, *(one["key"] for one in questions_of(draft))}, "q")


def move(draft: Draft, key: str, by: int) -> Draft:
    """A page or a question one place on; a question beyond the end of its page goes to the next one."""
    new = deepcopy(draft)
    sections = new["sections"]
    if any(one["key"] == key for one in sections):
        at = section_at(new, key)
        if 0 <= at + by < len(sections):
            sections[at], sections[at + by] = sections[at + by], sections[at]
        return new
    at, place = question_at(new, key)
    questions = sections[at]["questions"]
    if 0 <= place + by < len(questions):
        questions[place], questions[place + by] = questions[place + by], questions[place]
    elif 0 <= at + by < len(sections):
        moved = questions.pop(place)
        there = sections[at + by]["questions"]
        there.insert(len(there) if by < 0 else 0, moved)
    return new


def remove(draft: Draft, key: str) -> Draft:
    """The page with its questions, or the question. What named it is then told of as a problem."""
    new = deepcopy(draft)
    if any(one["key"] == key for one in new["sections"]):
        del new["sections"][section_at(new, key)]
        return new
    at, place = question_at(new, key)
    del new["sections"][at]["questions"][place]
    return new


def duplicate(draft: Draft, key: str, used: Used) -> Draft:
    """Behind the original, under keys of its own."""
    new = deepcopy(draft)
    taken = {*used.questions, *(one["key"] for one in questions_of(draft))}
    if any(one["key"] == key for one in new["sections"]):
        at = section_at(new, key)
        copy = deepcopy(new["sections"][at])
        copy["key"] = next_key({*used.sections, *(one["key"] for one in new["sections"])}, "s")
        for question in copy["questions"]:
            question["key"] = next_key(taken, "q")
            taken.add(question["key"])
        new["sections"].insert(at + 1, copy)
        return new
    at, place = question_at(new, key)
    copy = deepcopy(new["sections"][at]["questions"][place])
    copy["key"] = next_key(taken, "q")
    new["sections"][at]["questions"].insert(place + 1, copy)
    return new


def renamed(draft: Draft, old: str, new_key: str) -> Draft:
    """Conditions, quotas and quotations of `old` name `new_key`."""
    quoted = re.compile(r"\{\{\s*" + re.escape(old) + r"\s*\}\}")
    told = "{{" + new_key + "}}"

    def change(part: Any) -> Any:
        if isinstance(part, list):
            return [change(one) for one in part]
        if isinstance(part, str):
            return quoted.sub(told, part)
        if not isinstance(part, dict):
            return part
        changed = {name: change(value) for name, value in part.items()}
        if changed.get("question") == old:
            changed["question"] = new_key
        return changed

    return {
        **draft,
        **{name: change(draft[name]) for name in ("sections", "quotas") if name in draft},
    }


def fitting(question: Draft) -> Draft:
    """Without what a question of its kind is not asked with."""
    kind = question["kind"]
    kept = {name: value for name, value in question.items() if has(kind, name)}
    if kind in WITH_POINTS and not kept.get("points"):
        kept["points"] = 5
    if kind == QuestionKind.CONTACT and not kept.get("asks"):
        kept["asks"] = [ContactPart.NAME.value, ContactPart.PHONE.value]
    return kept


def means_something_else(question: Draft, before: Draft) -> bool:
    """Whether answers given to `before` cannot be counted with those given now."""
    kinds = question["kind"] != before["kind"]
    scales = question.get("points", 0) != before.get("points", 0)
    return bool(kinds or scales)
