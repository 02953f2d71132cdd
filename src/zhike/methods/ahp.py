"""Weights from judgements in pairs (analytic hierarchy process), and how consistent the judgements are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import exp, isfinite, log
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from zhike.methods.errors import MethodError
from zhike.methods.given import Floats, vector, weights_for
from zhike.methods.weights import Weights, compose, names_of

Priorities: TypeAlias = Literal["eigenvector", "geometric mean"]
# Saaty's mean consistency index of random judgements, by the number of items. Two are always consistent.
RANDOM_INDEX: Mapping[int, float] = {
    1: 0.0, 2: 0.0, 3: 0.58, 4: 0.90, 5: 1.12, 6: 1.24, 7: 1.32, 8: 1.41, 9: 1.45, 10: 1.49,
}  # fmt: skip
MOST_ITEMS = 10
CONSISTENT_UP_TO = 0.10
SCALE = 9.0
# What writing 1/8 as 0.13 does to a product with 8.
ROUNDED = 0.05
# A triple whose factor differs from 1 by no more than this fits.
FITS = 1e-9


@dataclass(frozen=True, slots=True)
class Triple:
    """Three judgements that contradict one another most: `first` over `last` was judged `judged`, but by way of
    `middle` it follows as `implied`; `factor` (above 1) is how many times they are apart."""

    first: str
    middle: str
    last: str
    judged: float
    implied: float
    factor: float


@dataclass(frozen=True, slots=True)
class AhpDetails:
    """`lambda_max` principal eigenvalue, `ci` consistency index, `cr` consistency ratio, `consistent` where the
    ratio is at most 0.10; `worst` the triple that contradicts itself most, None where all fit.
    `judgements` is the matrix used (after joining judges), rows and columns in the order of the weights;
    `judges_cr` each judge's own ratio."""

    lambda_max: float
    ci: float
    cr: float
    consistent: bool
    random_index: float
    worst: Triple | None
    judgements: tuple[tuple[float, ...], ...]
    judges_cr: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class HierarchyDetails:
    """`goal` and `dimensions` are the parts; `cr` is the ratio of the whole: the parts' consistency indices,
    each times the weight of its dimension, over their random indices weighted alike."""

    goal: Weights[AhpDetails]
    dimensions: Mapping[str, Weights[AhpDetails]]
    cr: float
    consistent: bool


def comparison_matrix(
    items: Sequence[str], pairs: Mapping[tuple[str, str], float]
) -> tuple[tuple[float, ...], ...]:
    """The full matrix from each pair judged once.

    Parameters: `items`, the order of rows and columns; `pairs`, (one, other) → how many times more the one
    counts than the other (above 0).
    Returns: rows of the reciprocal matrix, 1 on its diagonal.
    Raises: MethodError naming the pair that lacks, is unknown, stands there twice or is not above 0.
    Missing values: every pair must be judged.
    Source: Saaty 1980.

    >>> comparison_matrix(["speed", "price"], {("price", "speed"): 4})
    ((1.0, 0.25), (4.0, 1.0))
    """
    names = names_of("items", items)
    places = {name: place for place, name in enumerate(names)}
    full = np.ones((len(names), len(names)))
    seen: set[tuple[int, int]] = set()
    for (one, other), value in pairs.items():
        if one not in places or other not in places or one == other:
            raise MethodError("pairs", f"“{one}” and “{other}” are no pair of the items")
        row, column = places[one], places[other]
        if (row, column) in seen:
            raise MethodError("pairs", f"“{one}” and “{other}” are judged twice")
        if not isfinite(value) or value <= 0:
            raise MethodError(
                "pairs", f"“{one}” over “{other}” is {value:g}; needs a number above 0"
            )
        seen |= {(row, column), (column, row)}
        full[row, column], full[column, row] = value, 1 / value
    for one, other in combinations(names, 2):
        if (places[one], places[other]) not in seen:
            raise MethodError("pairs", f"“{one}” and “{other}” are not compared")
    return tuple(tuple(row) for row in full.tolist())


def ahp_weights(
    judgements: ArrayLike,
    items: Sequence[str],
    *,
    judge_weights: ArrayLike | None = None,
    priorities: Priorities = "eigenvector",
    scale: float = SCALE,
    rounded: float = ROUNDED,
) -> Weights[AhpDetails]:
    """Weights from a matrix that says how many times more each item counts than each other.

    Parameters: `judgements`, float array (items, items) of one judge or (judges, items, items) of several; row
    over column, from 1/scale to scale, reciprocal; at most ten items. `items`, their names.
    `judge_weights`, one number ≥ 0 per judge: judges are joined by the (weighted) geometric mean of each
    judgement. `priorities`: the principal "eigenvector" (default) or the "geometric mean" of each row, whose
    lambda_max is the mean of (A w)_i / w_i. `scale`, the largest judgement. `rounded`: a pair may miss the
    product 1 by this much, as 8 and 0.13 do; the larger is kept and the other becomes its reciprocal.
    Returns: Weights with method "ahp"; n counts the judges. Its details hold lambda_max, ci, cr, consistent.
    Raises: MethodError naming the pair that is missing, not above 0, not reciprocal or beyond the scale, or
    the item whose diagonal is not 1; for more than ten items; for shapes that do not fit.
    Missing values: an incomplete matrix is refused. A judge with weight 0 is left out and counted.
    Source: Saaty 1980 (eigenvector, ratio, random index); Aczél and Saaty 1983 (joining judges).

    >>> found = ahp_weights(
    ...     [[1, 4, 3, 7], [1/4, 1, 1/3, 3], [1/3, 3, 1, 5], [1/7, 1/3, 1/5, 1]],
    ...     ["experience", "education", "charisma", "age"],
    ... )
    >>> [round(weight, 3) for weight in found.weights.values()]
    [0.548, 0.127, 0.27, 0.056]
    >>> found.details.consistent
    True
    """
    names = names_of("items", items)
    if priorities not in ("eigenvector", "geometric mean"):
        raise MethodError(
            "priorities", f"is “{priorities}”, not one of “eigenvector”, “geometric mean”"
        )
    if not 1 < scale < np.inf or not 0 <= rounded < 1:
        raise MethodError("scale", "must be above 1, and `rounded` from 0 to below 1")
    judges = _judges(judgements, names, scale, rounded)
    counts = weights_for(judges, judge_weights)
    used = judges[counts > 0]
    # One judge's own figures stay as they are, free of rounding.
    joined = used[0]
    if len(used) > 1:
        joined = np.exp(np.einsum("j,jrc->rc", counts / counts.sum(), np.log(judges)))
    weights, lambda_max = _priorities(joined, priorities)
    own = [_consistency(_priorities(one, priorities)[1], len(names))[1] for one in used]
    left_out = len(judges) - len(used)
    return Weights(
        weights=dict(zip(names, weights.tolist(), strict=True)),
        method="ahp",
        n=len(used),
        details=_details(joined, lambda_max, names, own),
        options={"priorities": priorities, "scale": scale, "rounded": rounded},
        excluded={"weight 0": left_out} if left_out else {},
    )


def ahp_hierarchy(
    goal: Weights[AhpDetails], dimensions: Mapping[str, Weights[AhpDetails]]
) -> Weights[HierarchyDetails]:
    """Global weights of the items below the dimensions of a goal.

    Parameters: `goal`, what `ahp_weights` gave for the dimensions; `dimensions`, for each of them what it gave
    for its items (a dimension with one item: the matrix [[1]]).
    Returns: Weights with method "ahp hierarchy"; an item's weight is its weight within the dimension times the
    dimension's. n is the smallest number of judges of a part.
    Raises: MethodError for a dimension that lacks or is unknown, or an item in two dimensions.
    Missing values: there are none.
    Source: Saaty 1980 (composition, ratio of a hierarchy).

    >>> goal = ahp_weights([[1, 3], [1/3, 1]], ["service", "product"])
    >>> service = ahp_weights([[1, 1], [1, 1]], ["speed", "courtesy"])
    >>> found = ahp_hierarchy(goal, {"service": service, "product": ahp_weights([[1]], ["taste"])})
    >>> {item: round(weight, 3) for item, weight in found.weights.items()}
    {'speed': 0.375, 'courtesy': 0.375, 'taste': 0.25}
    """
    composed = compose(goal, dimensions, method="ahp hierarchy")
    index, random = goal.details.ci, goal.details.random_index
    for name, weight in goal.weights.items():
        index += weight * dimensions[name].details.ci
        random += weight * dimensions[name].details.random_index
    cr = index / random if random else 0.0
    return Weights(
        weights=composed.weights,
        method=composed.method,
        n=composed.n,
        details=HierarchyDetails(goal, dict(dimensions), cr, cr <= CONSISTENT_UP_TO),
        options=composed.options,
    )


def _judges(judgements: ArrayLike, names: tuple[str, ...], scale: float, rounded: float) -> Floats:
    """(judges, items, items), every pair exactly reciprocal."""
    found = np.asarray(judgements, dtype=object)
    if found.ndim not in (2, 3) or found.shape[-1] != found.shape[-2] or 0 in found.shape:
        raise MethodError("judgements", "needs a square of items × items, or one for each judge")
    size = found.shape[-1]
    if size > MOST_ITEMS:
        raise MethodError(
            "judgements",
            f"{size} items; Saaty's index ends at {MOST_ITEMS}: group them in dimensions",
        )
    names_of("items", names, size)
    judges = vector("judgements", found.reshape(-1)).reshape(-1, size, size)
    for number, one in enumerate(judges, 1):
        judge = f"judge {number}: " if len(judges) > 1 else ""
        for row in range(size):
            if one[row, row] != 1:
                raise MethodError(
                    names[row], f"{judge}compared with itself is {one[row, row]:g}, not 1"
                )
        for row, column in combinations(range(size), 2):
            pair = f"{names[row]} / {names[column]}"
            above, below = float(one[row, column]), float(one[column, row])
            why = _wrong(above, below, scale, rounded)
            if why:
                raise MethodError(pair, judge + why)
            if above >= below:
                one[column, row] = 1 / above
            else:
                one[row, column] = 1 / below
    return judges


def _wrong(above: float, below: float, scale: float, rounded: float) -> str:
    if not (isfinite(above) and isfinite(below)):
        return "is not judged"
    if above <= 0 or below <= 0:
        return f"is {above:g} and {below:g}; needs numbers above 0"
    # The last digits of 0.95 and 1.05 must not decide.
    if abs(above * below - 1) > rounded + 1e-12:
        return f"is {above:g}, but the other way round {below:g}, not {1 / above:g}"
    if max(above, below) > scale:
        return f"is {max(above, below):g} times, beyond the scale of {scale:g}"
    return ""


def _priorities(judged: Floats, priorities: Priorities) -> tuple[Floats, float]:
    if priorities == "geometric mean":
        weights = np.exp(np.log(judged).mean(axis=1))
        weights /= weights.sum()
        return weights, float((judged @ weights / weights).mean())
    # A positive matrix has one largest eigenvalue; it is real, and so is its vector, of one sign.
    values, vectors = np.linalg.eig(judged)
    largest = int(np.argmax(values.real))
    principal = np.abs(vectors[:, largest].real)
    return principal / principal.sum(), float(values[largest].real)


def _details(
    judged: Floats, lambda_max: float, names: tuple[str, ...], judges_cr: list[float]
) -> AhpDetails:
    ci, cr = _consistency(lambda_max, len(names))
    return AhpDetails(
        lambda_max=lambda_max,
        ci=ci,
        cr=cr,
        consistent=cr <= CONSISTENT_UP_TO,
        random_index=RANDOM_INDEX[len(names)],
        worst=_worst(judged, names),
        judgements=tuple(tuple(row) for row in judged.tolist()),
        judges_cr=tuple(judges_cr),
    )


def _consistency(lambda_max: float, size: int) -> tuple[float, float]:
    """Index and ratio; rounding below the smallest possible lambda_max counts as none."""
    if size < 3:
        return 0.0, 0.0
    ci = max(lambda_max - size, 0.0) / (size - 1)
    return ci, ci / RANDOM_INDEX[size]


def _worst(judged: Floats, names: tuple[str, ...]) -> Triple | None:
    logs = np.log(judged)
    worst: tuple[int, int, int] | None = None
    most = FITS
    for first, middle, last in combinations(range(len(names)), 3):
        apart = abs(float(logs[first, middle] + logs[middle, last] - logs[first, last]))
        # The first of equals, whatever rounding says.
        if apart > most + FITS:
            worst, most = (first, middle, last), apart
    if worst is None:
        return None
    first, middle, last = worst
    return Triple(
        names[first],
        names[middle],
        names[last],
        judged=float(judged[first, last]),
        implied=exp(log(judged[first, middle]) + log(judged[middle, last])),
        factor=exp(most),
    )
