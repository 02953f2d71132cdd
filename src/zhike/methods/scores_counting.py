"""Answers on a scale, counted: from a row per person, or from how often each point was chosen."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from zhike.methods.errors import MethodError
from zhike.methods.given import Floats, vector, weights_for, within

Scale = tuple[int, int]
MOST_POINTS = 1001


@dataclass(frozen=True, slots=True)
class Counts:
    """Answers that were counted already: how many persons (at least 0) chose each point of the scale.

    Given in place of the answers it makes the same score, without a row per person; weights go with rows alone.
    """

    of: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class Answers:
    """How often one point of the scale was chosen: `count` persons, `share` (0..1) of the weights."""

    value: int
    count: int
    share: float


@dataclass(frozen=True, slots=True)
class Counted:
    """`repeats`: how many persons each of `values` stands for; `weights` are theirs together."""

    values: NDArray[np.int64]
    repeats: NDArray[np.int64]
    weights: Floats
    excluded: dict[str, int]
    effective_n: float
    scale: Scale
    weighted: bool

    @property
    def n(self) -> int:
        return int(self.repeats.sum())

    def share_of(self, chosen: NDArray[np.bool_]) -> float:
        # Summed over those inside alone, so that nobody is exactly 0 and everybody exactly 1.
        if chosen.all():
            return 1.0
        return float(self.weights[chosen].sum() / self.weights.sum())

    def distribution(self) -> tuple[Answers, ...]:
        low, high = self.scale
        size = high - low + 1
        counts = np.bincount(self.values - low, weights=self.repeats, minlength=size)
        sums = np.bincount(self.values - low, weights=self.weights, minlength=size)
        shares = sums / sums.sum()
        return tuple(Answers(low + at, int(counts[at]), float(shares[at])) for at in range(size))


def effective_n(weights: ArrayLike) -> float:
    """How many equally weighted answers these are worth: (sum of w)² / sum of w² (Kish 1965).

    `weights`: float, shape (n,), at least 0 and not all 0. Raises MethodError otherwise.

    >>> effective_n([1, 1, 1, 1]), effective_n([2, 1, 1])  # 16 / 6
    (4.0, 2.6666666666666665)
    """
    given = vector("weights", weights)
    # Scaled first: squares of very large or very small weights would leave the range of floats.
    scaled = weights_for(given, given) / given.max()
    return float(scaled.sum() ** 2 / (scaled @ scaled))


def count(answers: ArrayLike | Counts, weights: ArrayLike | None, scale: Scale) -> Counted:
    low, high = scale
    if low != int(low) or high != int(high) or not 1 <= high - low < MOST_POINTS:
        raise MethodError(
            "scale", f"needs two whole ends, low before high, got {low:g} to {high:g}"
        )
    if isinstance(answers, Counts):
        return _of_counts(answers, weights, (int(low), int(high)))
    found = vector("answers", answers)
    within("answers", found, low, high)
    broken = np.flatnonzero(~np.isnan(found) & (found != np.round(found)))
    if broken.size:
        row = int(broken[0])
        raise MethodError("answers", f"row {row + 1} is {found[row]:g}, no point of the scale")
    heavy = weights_for(found, weights)
    missing = np.isnan(found)
    kept = ~missing & (heavy > 0)
    if not kept.any():
        raise MethodError("answers", "all are missing or have weight 0")
    left_out = {"missing": int(missing.sum()), "zero_weight": int((~missing & (heavy == 0)).sum())}
    values = found[kept].astype(np.int64)
    return Counted(
        values,
        np.ones_like(values),
        heavy[kept],
        left_out,
        effective_n(heavy[kept]),
        (int(low), int(high)),
        weights is not None,
    )


def _of_counts(answers: Counts, weights: ArrayLike | None, scale: Scale) -> Counted:
    if weights is not None:
        raise MethodError("weights", "go with a row per person, not with counts")
    for value, count in answers.of.items():
        if value != int(value) or not scale[0] <= value <= scale[1]:
            raise MethodError("answers", f"{value:g} is no point of the scale")
        if count != int(count) or count < 0:
            raise MethodError("answers", f"{value:g} was chosen {count:g} times")
    chosen = sorted((int(value), int(count)) for value, count in answers.of.items() if count)
    if not chosen:
        raise MethodError("answers", "all are missing or have weight 0")
    repeats = np.array([count for _value, count in chosen], np.int64)
    return Counted(
        np.array([value for value, _count in chosen], np.int64),
        repeats,
        repeats.astype(np.float64),
        {"missing": 0, "zero_weight": 0},
        float(repeats.sum()),
        scale,
        False,
    )
