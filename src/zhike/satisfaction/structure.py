"""What an indicator system consists of, taken from a questionnaire: its pages are dimensions, its scales items.

Kept as JSON: [{"key", "title", "items": [{"part", "title", "low", "high"}]}]; `part` names the answer as the
tallies do. Pure.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from zhike.surveys.choices import QuestionKind
from zhike.surveys.definition import Definition, Question

# What is asked on a scale of satisfaction or agreement, one answer per item.
ITEMS = frozenset({QuestionKind.SCALE, QuestionKind.MATRIX})


@dataclass(frozen=True, slots=True)
class Item:
    part: str
    title: str
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Dimension:
    key: str
    title: str
    items: tuple[Item, ...]


def from_questionnaire(definition: Definition, language: str) -> list[Dimension]:
    """Every page that asks on scales, in order; pages without are no dimension."""
    found = []
    for number, section in enumerate(definition.sections, 1):
        items = tuple(
            item
            for question in section.questions
            if question.kind in ITEMS
            for item in _items(definition, question, language)
        )
        if items:
            title = definition.words(section.title, language) or f"{number}"
            found.append(Dimension(section.key, title, items))
    return found


def _items(definition: Definition, question: Question, language: str) -> Iterator[Item]:
    low, high = question.scale[0], question.scale[-1]
    if question.kind == QuestionKind.SCALE:
        yield Item(question.key, definition.words(question.text, language), low, high)
        return
    for row in question.rows:
        yield Item(f"{question.key}.{row.key}", definition.words(row.text, language), low, high)


def beside_the_parts(dimensions: Sequence[Dimension]) -> list[str]:
    """Items that most likely ask about the whole: alone on their page, where other pages ask about several."""
    if not any(len(one.items) > 1 for one in dimensions):
        return []
    return [one.items[0].part for one in dimensions if len(one.items) == 1]


def without(dimensions: Sequence[Dimension], left_out: Collection[str]) -> list[Dimension]:
    """What counts; a dimension of which nothing does is gone."""
    kept = (
        Dimension(one.key, one.title, tuple(i for i in one.items if i.part not in left_out))
        for one in dimensions
    )
    return [one for one in kept if one.items]


def items_of(dimensions: Sequence[Dimension]) -> list[Item]:
    return [item for dimension in dimensions for item in dimension.items]


def to_json(dimensions: Sequence[Dimension]) -> list[dict[str, Any]]:
    return [
        {
            "key": one.key,
            "title": one.title,
            "items": [
                {"part": i.part, "title": i.title, "low": i.low, "high": i.high} for i in one.items
            ],
        }
        for one in dimensions
    ]


def from_json(kept: Sequence[Mapping[str, Any]]) -> list[Dimension]:
    return [
        Dimension(one["key"], one["title"], tuple(Item(**item) for item in one["items"]))
        for one in kept
    ]


def answer_of(answers: Mapping[str, Any], part: str) -> float | None:
    """What one person answered to an item."""
    key, _dot, row = part.partition(".")
    found = answers.get(key)
    if row:
        found = found.get(row) if isinstance(found, dict) else None
    return float(found) if isinstance(found, int) else None
