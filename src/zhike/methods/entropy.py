"""Weights by entropy: an indicator on which the objects differ more tells more, and counts more."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from zhike.methods.errors import MethodError
from zhike.methods.given import Floats, matrix
from zhike.methods.weights import Weights, names_of

Normalisation: TypeAlias = Literal["min-max", "shifted min-max", "sum"]
NORMALISATIONS = ("min-max", "shifted min-max", "sum")
LEAST_OBJECTS = 3
SHIFT = 0.01
# Spread below this part of the values is rounding.
CONSTANT = 1e-12
# Closer to the mean than this, the exact expression loses its digits and a short series keeps them.
CLOSE = 1e-3


@dataclass(frozen=True, slots=True)
class EntropyDetails:
    """Item → entropy (0..1; 1: all objects alike) and divergence = 1 − entropy."""

    entropy: Mapping[str, float]
    divergence: Mapping[str, float]


def entropy_weights(
    figures: ArrayLike,
    items: Sequence[str],
    *,
    costs: Collection[str] = (),
    normalisation: Normalisation = "min-max",
    shift: float = SHIFT,
) -> Weights[EntropyDetails]:
    """Weights of indicators by how unevenly the objects' figures are spread.

    With p_ij the share of object i in the column's sum after normalising: e_j = −Σ p ln p / ln n, and the
    weight of j is (1 − e_j) / Σ (1 − e).

    Parameters: `figures`, float array (objects, indicators) in any unit: units, rivals or periods, at least
    three; NaN means missing. `items`, the columns' names. `costs`, those where less is better.
    `normalisation`: "min-max" (default) sends the worst to 0 and the best to 1; "shifted min-max" adds `shift`
    (above 0) so that the worst keeps a share; "sum" takes figures as they are (not negative) and 1/x of costs.
    Returns: Weights with method "entropy"; n counts the objects used.
    Raises: MethodError for fewer than three complete objects, a constant indicator (it is refused, not given
    weight 0: as a rule it is a fault of the file), an unknown cost, a figure "sum" cannot take.
    Missing values: an object with any missing figure is left out and counted.
    Source: Shannon 1948 for entropy; Zeleny 1982, Multiple Criteria Decision Making, for the weights.

    >>> figures = [[80, 3], [90, 5], [70, 4], [100, 20]]
    >>> found = entropy_weights(figures, ["answered", "waiting"], costs=["waiting"])
    >>> {item: round(weight, 3) for item, weight in found.weights.items()}
    {'answered': 0.565, 'waiting': 0.435}
    """
    found = matrix("figures", figures)
    names = names_of("items", items, found.shape[1])
    if normalisation not in NORMALISATIONS:
        raise MethodError("normalisation", f"is “{normalisation}”, not one of {NORMALISATIONS}")
    for cost in costs:
        if cost not in names:
            raise MethodError("costs", f"“{cost}” is none of the items")
    complete = ~np.isnan(found).any(axis=1)
    objects = int(complete.sum())
    if objects < LEAST_OBJECTS:
        raise MethodError("figures", f"{objects} complete rows; needs at least {LEAST_OBJECTS}")
    is_cost = np.array([name in costs for name in names])
    if normalisation == "sum":
        scaled = _proportional(found[complete], is_cost, np.flatnonzero(complete), names)
    else:
        scaled = _between_ends(found[complete], is_cost, names)
    if normalisation == "shifted min-max":
        if not 0 < shift < np.inf:
            raise MethodError("shift", f"must be above 0, got {shift:g}")
        scaled = scaled + shift
    divergence = _divergence(scaled)
    options: dict[str, object] = {"normalisation": normalisation, "costs": tuple(costs)}
    if normalisation == "shifted min-max":
        options["shift"] = shift
    return Weights(
        weights=_named(names, divergence / divergence.sum()),
        method="entropy",
        n=objects,
        details=EntropyDetails(_named(names, 1 - divergence), _named(names, divergence)),
        options=options,
        excluded={} if complete.all() else {"missing": int((~complete).sum())},
    )


def _named(names: tuple[str, ...], values: Floats) -> dict[str, float]:
    return dict(zip(names, values.tolist(), strict=True))


def _between_ends(used: Floats, is_cost: NDArray[np.bool_], names: tuple[str, ...]) -> Floats:
    _refuse_constant(used, names)
    low, high = used.min(axis=0), used.max(axis=0)
    scaled: Floats = np.where(is_cost, high - used, used - low) / (high - low)
    return scaled


def _refuse_constant(used: Floats, names: tuple[str, ...]) -> None:
    for place in np.flatnonzero(np.ptp(used, axis=0) <= CONSTANT * np.abs(used).max(axis=0)):
        raise MethodError(names[place], "is the same in all rows and tells nothing apart")


def _proportional(
    used: Floats, is_cost: NDArray[np.bool_], rows: NDArray[np.intp], names: tuple[str, ...]
) -> Floats:
    _refuse_constant(used, names)
    wrong = np.argwhere((used < 0) | (is_cost & (used == 0)))
    if wrong.size:
        row, column = wrong[0]
        least = "above 0" if is_cost[column] else "of at least 0"
        raise MethodError(
            names[column],
            f"row {rows[row] + 1} is {used[row, column]:g}; “sum” needs numbers {least}",
        )
    # By the largest first: huge figures would overflow in the sum.
    used = used / used.max(axis=0)
    return np.where(is_cost, 1 / np.where(is_cost, used, 1.0), used)


def _divergence(scaled: Floats) -> Floats:
    """1 − entropy of each column, kept exact where a column is almost even.

    With d = x / mean − 1 it is the mean of (1 + d) ln(1 + d) − d, divided by ln n: every term is ≥ 0.
    """
    mean = scaled.mean(axis=0)
    apart = np.maximum((scaled - mean) / mean, -1.0)
    above = 1 + apart
    exact = above * np.log(np.where(above > 0, above, 1.0)) - apart
    series = apart**2 * (1 / 2 - apart * (1 / 6 - apart * (1 / 12 - apart / 20)))
    terms = np.where(np.abs(apart) < CLOSE, series, exact)
    divergence: Floats = np.minimum(terms.mean(axis=0) / np.log(scaled.shape[0]), 1.0)
    return divergence
