"""Kano's categories: which features delight, which are taken for granted, which nobody would miss."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from types import MappingProxyType
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from zhike.methods.errors import MethodError
from zhike.methods.given import Floats, matrix, within

Category = Literal[
    "must_be", "one_dimensional", "attractive", "indifferent", "reverse", "questionable"
]
# Of equally frequent ones the first is taken: what hurts most when lacking comes first.
CATEGORIES: tuple[Category, ...] = (
    "must_be",
    "one_dimensional",
    "attractive",
    "indifferent",
    "reverse",
    "questionable",
)
LETTERS: Mapping[str, Category] = MappingProxyType(
    {
        "M": "must_be",
        "O": "one_dimensional",
        "A": "attractive",
        "I": "indifferent",
        "R": "reverse",
        "Q": "questionable",
    }
)
# Rows: with the feature; columns: without it; both 1 like, 2 expect, 3 neutral, 4 bear, 5 dislike.
TABLE = ("QAAAO", "RIIIM", "RIIIM", "RIIIM", "RRRRQ")
CODES = np.array([[CATEGORIES.index(LETTERS[letter]) for letter in row] for row in TABLE])
CODES.setflags(write=False)
FONG_Z = 1.65


@dataclass(frozen=True, slots=True)
class Feature:
    """One feature over the `n` persons who answered both questions on it (`missing` did not).

    `category` is the most frequent one, `runner_up` the next. `clear` says whether their counts differ by at
    least `least_lead` (Fong); where not, `stated` names both, joined by " / ". `better` (0..1) is how much
    having it can raise satisfaction, `worse` (-1..0) how much lacking it can lower it; None when nobody's answers
    fall into the four categories they are made of. `total_strength` is the share of must-be, one-dimensional and
    attractive, `category_strength` the lead in shares. `stated_importance` is the mean of what people state, None
    when not asked; where two categories are mixed, `leaning` is the one of them whose people state more importance
    in sum, None when `clear`, not asked or equal.
    """

    name: str
    n: int
    missing: int
    counts: dict[Category, int]
    category: Category
    runner_up: Category
    clear: bool
    lead: int
    least_lead: float
    stated: str
    better: float | None
    worse: float | None
    total_strength: float
    category_strength: float
    stated_importance: float | None
    leaning: Category | None


@dataclass(frozen=True, slots=True)
class Kano:
    """Features in the order given. `n` persons answered on at least one."""

    method: str
    options: dict[str, object]
    n: int
    excluded: dict[str, int]
    features: tuple[Feature, ...]


def kano(
    functional: ArrayLike,
    dysfunctional: ArrayLike,
    *,
    importance: ArrayLike | None = None,
    importance_scale: tuple[float, float] = (1, 9),
    names: Sequence[str] = (),
    fong_z: float = FONG_Z,
) -> Kano:
    """Sorts features into Kano's categories from answers on having and on lacking them.

    Parameters: `functional` (how would you feel with it) and `dysfunctional` (without it), both shape (n, k), of 1
    like, 2 expect it so, 3 neutral, 4 can bear it, 5 dislike; NaN = missing; `importance` how important the same
    people say each is, shape (n, k), on `importance_scale` (above 0), used where two categories are mixed;
    `names` k names, default "1", "2", …; `fong_z` the normal quantile of Fong's test, above 0 (1.65: 90 %).
    Returns a Kano. A pair with one side missing is left out and counted, and so is importance not stated.
    Raises MethodError for other values, unequal shapes, a feature without one complete pair.
    Source: Kano and others 1984; Berger and others 1993, Center for Quality of Management Journal 2(4) (table,
    better and worse, order of ties); Fong 1996 (least lead between the two most frequent categories).

    >>> found = kano([[1], [1], [2], [1]], [[5], [5], [5], [3]], names=["tracking"]).features[0]
    >>> found.category, found.stated, found.better, found.worse
    ('one_dimensional', 'one_dimensional / must_be', 0.75, -0.75)
    """
    having = _answers("functional", functional, names)
    lacking = _answers("dysfunctional", dysfunctional, names)
    if having.shape != lacking.shape:
        raise MethodError("dysfunctional", f"is {lacking.shape}, functional {having.shape}")
    if not 0 < fong_z < np.inf:
        raise MethodError("fong_z", f"must be above 0 and finite, got {fong_z:g}")
    called = tuple(names) or tuple(str(at + 1) for at in range(having.shape[1]))
    stated = _importance(importance, importance_scale, having.shape, called)
    pairs = ~np.isnan(having) & ~np.isnan(lacking)
    left_out = {"missing_pairs": int((~pairs).sum())}
    if importance is not None:
        left_out["missing_importance"] = int((pairs & np.isnan(stated)).sum())
    return Kano(
        "kano",
        {
            "table": "standard",
            "fong_z": fong_z,
            "ties": CATEGORIES,
            "importance_scale": importance_scale if importance is not None else None,
        },
        int(pairs.any(axis=1).sum()),
        left_out,
        tuple(
            _feature(name, having[:, at], lacking[:, at], stated[:, at], fong_z)
            for at, name in enumerate(called)
        ),
    )


def category_of(functional: int, dysfunctional: int) -> Category:
    """The category of one pair of answers, each 1 to 5.

    >>> category_of(1, 5), category_of(3, 5), category_of(5, 1)
    ('one_dimensional', 'must_be', 'reverse')
    """
    for what, given in (("functional", functional), ("dysfunctional", dysfunctional)):
        if given not in (1, 2, 3, 4, 5):
            raise MethodError(what, f"must be 1 to 5, got {given}")
    return LETTERS[TABLE[functional - 1][dysfunctional - 1]]


def _answers(what: str, given: ArrayLike, names: Sequence[str]) -> Floats:
    found = matrix(what, given, names=names)
    within(what, found, 1, 5, names=names)
    broken = np.argwhere(~np.isnan(found) & (found != np.round(found)))
    if broken.size:
        row, column = (int(part) for part in broken[0])
        name = names[column] if names else column + 1
        raise MethodError(
            what, f"row {row + 1}, column {name} is {found[row, column]:g}, no whole number"
        )
    return found


def _importance(
    given: ArrayLike | None,
    scale: tuple[float, float],
    shape: tuple[int, ...],
    names: tuple[str, ...],
) -> Floats:
    """What people state, NaN where they do not."""
    if given is None:
        return np.full(shape, np.nan)
    low, high = scale
    if not 0 < low < high < np.inf:
        raise MethodError("importance_scale", f"needs 0 < low < high, got {low:g} and {high:g}")
    found = matrix("importance", given)
    if found.shape != shape:
        raise MethodError("importance", f"is {found.shape}, functional {shape}")
    within("importance", found, low, high, names=names)
    return found


def _feature(
    name: str, having: Floats, lacking: Floats, importance: Floats, fong_z: float
) -> Feature:
    both = ~np.isnan(having) & ~np.isnan(lacking)
    n = int(both.sum())
    if n == 0:
        raise MethodError(name, "nobody answered both questions on it")
    chosen = CODES[having[both].astype(np.int64) - 1, lacking[both].astype(np.int64) - 1]
    numbers = np.bincount(chosen, minlength=len(CATEGORIES)).tolist()
    counts: dict[Category, int] = dict(zip(CATEGORIES, numbers, strict=True))
    # Stable: equally frequent ones keep the order of CATEGORIES.
    category, runner_up = sorted(CATEGORIES, key=lambda each: -counts[each])[:2]
    top = counts[category] + counts[runner_up]
    lead = counts[category] - counts[runner_up]
    least_lead = fong_z * sqrt(top * (2 * n - top) / (2 * n))
    clear = lead >= least_lead
    attractive, one, must = counts["attractive"], counts["one_dimensional"], counts["must_be"]
    base = attractive + one + must + counts["indifferent"]
    said = importance[both]
    asked = ~np.isnan(said)
    return Feature(
        name,
        n,
        int(both.size - n),
        counts,
        category,
        runner_up,
        clear,
        lead,
        least_lead,
        category if clear else f"{category} / {runner_up}",
        (attractive + one) / base if base else None,
        -(one + must) / base if base else None,
        (attractive + one + must) / n,
        lead / n,
        float(said[asked].mean()) if asked.any() else None,
        None if clear else _leaning(category, runner_up, chosen[asked], said[asked]),
    )


def _leaning(
    category: Category, runner_up: Category, chosen: NDArray[np.int64], importance: Floats
) -> Category | None:
    sums = np.bincount(chosen, weights=importance, minlength=len(CATEGORIES))
    lead = float(sums[CATEGORIES.index(category)] - sums[CATEGORIES.index(runner_up)])
    if lead == 0:
        return None
    return category if lead > 0 else runner_up
