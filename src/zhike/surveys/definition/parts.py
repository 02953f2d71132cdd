"""What a questionnaire consists of. Frozen: a published version never changes.

Every text is a mapping from language code to words; the first language of the definition stands in where
another has none. Keys name parts in answers, tallies and exports, so they stay when words are corrected.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from zhike.surveys.choices import QuestionKind

Words: TypeAlias = Mapping[str, str]

# What each kind is asked with; what is not listed must be absent.
WITH_OPTIONS = frozenset({QuestionKind.SINGLE, QuestionKind.MULTIPLE, QuestionKind.RANK})
WITH_ROWS = frozenset(
    {QuestionKind.MATRIX, QuestionKind.GAP, QuestionKind.RIVAL, QuestionKind.POINTS}
)
WITH_POINTS = frozenset(
    {QuestionKind.SCALE, QuestionKind.MATRIX, QuestionKind.GAP, QuestionKind.RIVAL}
)
# The two sides of a row: expected and found, we and the rival.
SIDES: Mapping[str, tuple[str, str]] = {
    QuestionKind.GAP: ("e", "p"),
    QuestionKind.RIVAL: ("us", "them"),
}
POINTS_IN_ALL = 100
# Of these an answer holds only that there is one: what was left is kept apart.
LEFT_APART = frozenset({QuestionKind.CONTACT, QuestionKind.FILE})
# Files a question takes, and takes unless it says so.
MOST_FILES, USUAL_FILES = 5, 3


@dataclass(frozen=True, slots=True)
class Option:
    """A choice, or a row. `opens_text`: who takes it may add words; `alone`: it goes with no other choice."""

    key: str
    text: Words
    opens_text: bool = False
    alone: bool = False


@dataclass(frozen=True, slots=True)
class Condition:
    """True when the answer to the earlier `question` is (or contains) one of `values`; `negated`: none of them."""

    question: str
    values: tuple[str, ...]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """`points` 5, 7 or 10 for scales; `low` and `high` name their ends. `least` and `most` bound a number,
    or how many choices are taken."""

    key: str
    kind: str
    text: Words
    help: Words = field(default_factory=dict)
    required: bool = False
    options: tuple[Option, ...] = ()
    rows: tuple[Option, ...] = ()
    points: int = 0
    low: Words = field(default_factory=dict)
    high: Words = field(default_factory=dict)
    least: float | None = None
    most: float | None = None
    unit: Words = field(default_factory=dict)
    rival: Words = field(default_factory=dict)
    # Of a contact: what it asks for, values of ContactPart.
    asks: tuple[str, ...] = ()
    shuffle: bool = False
    when: tuple[Condition, ...] = ()

    @property
    def scale(self) -> range:
        """The values a scale offers, lowest first."""
        if self.kind == QuestionKind.NPS:
            return range(11)
        if self.kind == QuestionKind.CES:
            return range(1, 8)
        return range(1, self.points + 1)

    def parts(self) -> Iterator[str]:
        """What is counted on its own, named as in tallies and exports: q, q.row, q.row.side."""
        if self.kind not in WITH_ROWS:
            yield self.key
            return
        for row in self.rows:
            sides = SIDES.get(self.kind)
            if sides is None:
                yield f"{self.key}.{row.key}"
            else:
                yield from (f"{self.key}.{row.key}.{side}" for side in sides)


@dataclass(frozen=True, slots=True)
class Section:
    """A page. Shown when all conditions of `when` hold; they name questions of earlier sections."""

    key: str
    questions: tuple[Question, ...]
    title: Words = field(default_factory=dict)
    intro: Words = field(default_factory=dict)
    when: tuple[Condition, ...] = ()
    shuffle: bool = False


@dataclass(frozen=True, slots=True)
class Quota:
    """At most `most` complete answers in which `question` was answered by `value`."""

    question: str
    value: str
    most: int


@dataclass(frozen=True, slots=True)
class Definition:
    languages: tuple[str, ...]
    title: Words
    sections: tuple[Section, ...]
    intro: Words = field(default_factory=dict)
    thanks: Words = field(default_factory=dict)
    quotas: tuple[Quota, ...] = ()

    def questions(self) -> Iterator[Question]:
        for section in self.sections:
            yield from section.questions

    @property
    def left_apart(self) -> list[Question]:
        """What is asked and not kept among the answers."""
        return [one for one in self.questions() if one.kind in LEFT_APART]

    @property
    def leaves_apart(self) -> bool:
        return bool(self.left_apart)

    def file_questions(self) -> list[Question]:
        return [one for one in self.questions() if one.kind == QuestionKind.FILE]

    def contact(self) -> Question | None:
        """The question by which people may leave how to reach them; there is at most one."""
        return next((one for one in self.questions() if one.kind == QuestionKind.CONTACT), None)

    def question(self, key: str) -> Question | None:
        return next((one for one in self.questions() if one.key == key), None)

    def words(self, text: Words, language: str) -> str:
        """In this language, or in the first one of the definition."""
        return text.get(language) or text.get(self.languages[0], "")
