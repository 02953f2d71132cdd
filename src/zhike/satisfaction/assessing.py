"""A self-assessment: points reached of points possible, by group of items, for people told apart. Pure.

Whoever left an item out is not used, so that the share is what it says: points divided by points possible.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

from zhike.methods.given import Floats
from zhike.satisfaction.disclosure import Cells, Mask
from zhike.surveys.choices import QuestionKind
from zhike.surveys.definition import Definition, Words

WEAKEST = 5
K = TypeVar("K")
Told: TypeAlias = Callable[[Words], str]


@dataclass(frozen=True, slots=True)
class ItemGroup:
    """A page of items on one scale; `columns` of the answers, `possible` points of one person."""

    title: str
    columns: tuple[int, ...]
    possible: int


@dataclass(frozen=True, slots=True)
class Form:
    """What is asked: the groups, each item with its part and words, and the question that says who answers."""

    groups: tuple[ItemGroup, ...]
    parts: tuple[str, ...]
    items: tuple[str, ...]
    # The highest step of each item's scale.
    tops: tuple[int, ...]
    # (key, words) of the answers to `role`, "" where nobody is asked who they are.
    role: str
    roles: tuple[tuple[str, str], ...]

    @property
    def possible(self) -> int:
        return sum(one.possible for one in self.groups)

    def asks_like(self, other: "Form") -> bool:
        """The same items in the same groups on the same steps: points may stand side by side."""
        return (self.parts, self.tops) == (other.parts, other.tops) and [
            one.columns for one in self.groups
        ] == [one.columns for one in other.groups]


def form_of(definition: Definition, told: Told) -> Form | None:
    """None where no page asks for items on a scale."""
    groups: list[ItemGroup] = []
    parts: list[str] = []
    items: list[str] = []
    tops: list[int] = []
    for section in definition.sections:
        rows = [
            (question, row)
            for question in section.questions
            if question.kind == QuestionKind.MATRIX
            for row in question.rows
        ]
        if not rows:
            continue
        columns = tuple(range(len(parts), len(parts) + len(rows)))
        title = told(section.title) or told(rows[0][0].text)
        groups.append(ItemGroup(title, columns, sum(question.points for question, _row in rows)))
        parts += [f"{question.key}.{row.key}" for question, row in rows]
        items += [told(row.text) for _question, row in rows]
        tops += [question.points for question, _row in rows]
    if not groups:
        return None
    asked = next((q for q in definition.questions() if q.kind == QuestionKind.SINGLE), None)
    roles = tuple((one.key, told(one.text)) for one in asked.options) if asked else ()
    return Form(
        tuple(groups), tuple(parts), tuple(items), tuple(tops), asked.key if asked else "", roles
    )


@dataclass(frozen=True, slots=True)
class Score:
    """Points of a person on average, of so many possible; `share` their quotient."""

    points: float
    possible: int

    @property
    def share(self) -> float:
        return self.points / self.possible


def score(answers: Floats, columns: Sequence[int], possible: int) -> Score:
    """`answers` (people, items) without a gap, of at least one person."""
    return Score(float(answers[:, list(columns)].sum(axis=1).mean()), possible)


@dataclass(frozen=True, slots=True)
class Column:
    """Those told apart: how many, the score of each group, and of the whole."""

    key: str
    title: str
    n: int
    groups: tuple[Score, ...]
    whole: Score


def column(form: Form, key: str, title: str, answers: Floats) -> Column:
    return Column(
        key,
        title,
        len(answers),
        tuple(score(answers, one.columns, one.possible) for one in form.groups),
        score(answers, range(len(form.parts)), form.possible),
    )


@dataclass(frozen=True, slots=True)
class ItemScore:
    title: str
    group: str
    mean: float
    top: int


def weakest(form: Form, answers: Floats) -> list[ItemScore]:
    """The items with the least reached, the weakest first."""
    group_at = {at: one.title for one in form.groups for at in one.columns}
    means = answers.mean(axis=0)
    order = sorted(range(len(means)), key=lambda at: (float(means[at]) / form.tops[at], at))
    return [
        ItemScore(form.items[at], group_at[at], float(means[at]), form.tops[at])
        for at in order[:WEAKEST]
    ]


@dataclass(frozen=True, slots=True)
class Apart:
    """Which groups of people may be told: years, and within each year roles and units."""

    years: Mapping[int, Mask]
    roles: Mapping[tuple[int, str], Mask]
    units: Mapping[tuple[int, str], Mask]


def told_apart(
    cells: Cells,
    years: Mapping[int, Mask],
    roles: Mapping[str, Mask],
    units: Mapping[str, Mask],
) -> Apart:
    """Always all of them in one order, the newest year first: what is shown on one page of the assessment is
    part of this, so that no two pages tell together what one does not."""
    found_years = dict(_chosen(cells, sorted(years.items(), reverse=True)))
    found_roles: dict[tuple[int, str], Mask] = {}
    found_units: dict[tuple[int, str], Mask] = {}
    for year, of_year in found_years.items():
        for found, groups in ((found_roles, roles), (found_units, units)):
            within = [((year, key), mask & of_year) for key, mask in groups.items()]
            found.update(_chosen(cells, within))
    return Apart(found_years, found_roles, found_units)


def _chosen(cells: Cells, groups: Sequence[tuple[K, Mask]]) -> Iterator[tuple[K, Mask]]:
    told = cells.choose([mask for _key, mask in groups])
    yield from (one for one, is_it in zip(groups, told, strict=True) if is_it)
