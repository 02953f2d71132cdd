"""Comparisons in pairs: which judgements a system needs, what they come to, and where they contradict themselves.

A judge compares the dimensions with each other, then the items within each dimension. One judgement is a whole
number: 1 both count alike, 2 to 9 the first counts so many times more, -2 to -9 the second does. Pure.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TypeAlias

from zhike.methods.ahp import (
    MOST_ITEMS,
    AhpDetails,
    HierarchyDetails,
    Triple,
    ahp_hierarchy,
    ahp_weights,
    comparison_matrix,
)
from zhike.methods.weights import Weights
from zhike.satisfaction.structure import Dimension

# Of the comparisons of dimensions with each other; dimensions have keys of their own.
GOAL = ""
STEPS = (9, 8, 7, 6, 5, 4, 3, 2, 1, -2, -3, -4, -5, -6, -7, -8, -9)

# Group → "one|other" → step.
Judgements: TypeAlias = Mapping[str, Mapping[str, int]]


@dataclass(frozen=True, slots=True)
class Group:
    """What is compared with each other: `members` are (key, title)."""

    key: str
    title: str
    members: tuple[tuple[str, str], ...]

    @property
    def pairs(self) -> list[tuple[str, str]]:
        return list(combinations([key for key, _title in self.members], 2))

    def name(self, key: str) -> str:
        return dict(self.members)[key]


@dataclass(frozen=True, slots=True)
class Told:
    """How far one group's judgements fit: `lacking` pairs are not judged yet, and then there is no ratio."""

    group: Group
    lacking: int
    cr: float | None = None
    consistent: bool = True
    worst: Triple | None = None
    weights: tuple[tuple[str, float], ...] = ()


class TooManyMembers(Exception):
    """More than Saaty's index knows: `group` holds them."""

    def __init__(self, group: Group) -> None:
        super().__init__(group.key)
        self.group, self.most = group, MOST_ITEMS


def groups_of(dimensions: Sequence[Dimension], goal: str = "") -> list[Group]:
    """Where there are two and more to compare, the dimensions (called `goal`) first."""
    found = [Group(GOAL, goal, tuple((one.key, one.title) for one in dimensions))]
    found += [
        Group(one.key, one.title, tuple((item.part, item.title) for item in one.items))
        for one in dimensions
    ]
    return [one for one in found if len(one.members) > 1]


def refuse_large(groups: Sequence[Group]) -> None:
    for group in groups:
        if len(group.members) > MOST_ITEMS:
            raise TooManyMembers(group)


def pair_key(one: str, other: str) -> str:
    return f"{one}|{other}"


def factor(step: int) -> float:
    return float(step) if step > 0 else -1 / step


def is_complete(groups: Sequence[Group], judgements: Judgements) -> bool:
    return not any(_lacking(group, judgements) for group in groups)


def told(groups: Sequence[Group], judges: Sequence[Judgements]) -> list[Told]:
    """Each group as all `judges` together judged it; where one of them lacks a pair, how many are lacking."""
    return [_told(group, judges) for group in groups]


def _told(group: Group, judges: Sequence[Judgements]) -> Told:
    lacking = sum(_lacking(group, judgements) for judgements in judges)
    if lacking or not judges:
        return Told(group, lacking or len(group.pairs))
    found = weights_within(group.members, group, judges)
    details = found.details
    return Told(
        group,
        0,
        cr=details.cr,
        consistent=details.consistent,
        worst=details.worst,
        weights=tuple((group.name(key), weight) for key, weight in found.weights.items()),
    )


def _lacking(group: Group, judgements: Judgements) -> int:
    given = judgements.get(group.key, {})
    return sum(pair_key(*pair) not in given for pair in group.pairs)


def weights_within(
    members: Sequence[tuple[str, str]], group: Group | None, judges: Sequence[Judgements]
) -> Weights[AhpDetails]:
    """Of one group; something alone (no group) has the whole weight. Judges are joined by the geometric mean."""
    keys = [key for key, _title in members]
    if group is None:
        return ahp_weights([[1.0]] * 1, keys)
    matrices = [
        comparison_matrix(
            keys,
            {pair: factor(one[group.key][pair_key(*pair)]) for pair in group.pairs},
        )
        for one in judges
    ]
    return ahp_weights(matrices, keys)


def hierarchy(
    dimensions: Sequence[Dimension], judges: Sequence[Judgements]
) -> Weights[HierarchyDetails]:
    """Weights of all items. Every judge has judged every pair."""
    groups = {group.key: group for group in groups_of(dimensions)}
    goal = weights_within([(one.key, one.title) for one in dimensions], groups.get(GOAL), judges)
    return ahp_hierarchy(
        goal,
        {
            one.key: weights_within(
                [(item.part, item.title) for item in one.items], groups.get(one.key), judges
            )
            for one in dimensions
        },
    )
