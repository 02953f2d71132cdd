"""Key drivers: how much of an outcome's variance each of several correlated drivers accounts for.

Regression coefficients of correlated items are unstable and may turn their sign; shares of R² do not. Two ways
that usually agree stand side by side: Shapley values (every order of entering counts alike), Johnson's weights.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from math import comb

import numpy as np
from numpy.typing import ArrayLike

from zhike.methods.errors import MethodError
from zhike.methods.given import Floats, matrix, vector, weights_for

MOST_DRIVERS = 12
# A driver of which the others explain all but this part is no driver of its own.
LEAST_OWN = 1e-8


@dataclass(frozen=True, slots=True)
class Driver:
    """One driver: `shapley` and `relative_weight` are parts of R²; the two shares are the same of 1.

    `coefficient` is the standardised regression coefficient, `correlation` the simple one with the outcome.
    """

    name: str
    correlation: float
    coefficient: float
    shapley: float
    shapley_share: float
    relative_weight: float
    relative_weight_share: float


@dataclass(frozen=True, slots=True)
class Drivers:
    """The drivers in the order given; both kinds of parts sum to `r2`."""

    method: str
    options: dict[str, object]
    n: int
    excluded: dict[str, int]
    r2: float
    adjusted_r2: float
    drivers: tuple[Driver, ...]


def key_drivers(
    outcome: ArrayLike,
    drivers: ArrayLike,
    *,
    names: Sequence[str] = (),
    weights: ArrayLike | None = None,
) -> Drivers:
    """Splits R² among drivers by Shapley values (exact) and by Johnson's relative weights.

    Parameters: `outcome` numbers, shape (n,); `drivers` numbers, shape (n, k), 1 ≤ k ≤ 12 (2^k regressions);
    `names` k names, default "1", "2", …; `weights` shape (n,), at least 0. NaN = missing.
    Returns Drivers. Rows with a missing value or weight 0 are left out and counted (listwise).
    Raises MethodError for more than 12 drivers, fewer than k + 2 rows left, a constant column, a driver that the
    ones before it determine, an outcome unrelated to all drivers.
    Source: Lipovetsky and Conklin 2001 (Shapley value regression); Johnson 2000, Multivariate Behavioral
    Research 35: 1-19 (relative weights).

    >>> speed, warmth = [1, 2, 3, 4, 5, 6], [2, 1, 4, 3, 6, 5]
    >>> found = key_drivers([1, 3, 3, 4, 6, 6], np.column_stack([speed, warmth]), names=["speed", "warmth"])
    >>> [round(driver.shapley_share, 3) for driver in found.drivers], round(found.r2, 3)
    ([0.657, 0.343], 0.929)
    """
    items = matrix("drivers", drivers, names=names)
    if items.shape[1] > MOST_DRIVERS:
        raise MethodError(
            "drivers", f"{items.shape[1]} would take 2^{items.shape[1]} regressions; at most 12"
        )
    called = tuple(names) or tuple(str(at + 1) for at in range(items.shape[1]))
    among, with_outcome, n, left_out = correlations(outcome, items, called, weights)
    coefficients = standardised_coefficients(among, with_outcome, called)
    r2 = min(1.0, float(coefficients @ with_outcome))
    if r2 <= 0:
        raise MethodError("outcome", "is unrelated to every driver: there is nothing to share out")
    shapley = _shapley(among, with_outcome)
    relative = _relative_weights(among, with_outcome)
    k = len(called)
    return Drivers(
        "key_drivers",
        {"decompositions": ("shapley", "relative_weights"), "weighted": weights is not None},
        n,
        left_out,
        r2,
        1 - (1 - r2) * (n - 1) / (n - k - 1),
        tuple(
            Driver(
                name,
                float(with_outcome[at]),
                float(coefficients[at]),
                float(shapley[at]),
                float(shapley[at] / shapley.sum()),
                float(relative[at]),
                float(relative[at] / relative.sum()),
            )
            for at, name in enumerate(called)
        ),
    )


def correlations(
    outcome: ArrayLike, items: Floats, names: Sequence[str], weights: ArrayLike | None = None
) -> tuple[Floats, Floats, int, dict[str, int]]:
    """Correlations among items (k, k) and with the outcome (k,), rows counted, rows left out and why.

    Listwise. Raises MethodError for unequal lengths, fewer than k + 2 rows, a constant item or outcome.
    """
    target = vector("outcome", outcome)
    if target.size != items.shape[0]:
        raise MethodError("outcome", f"{target.size} rows for {items.shape[0]} rows of items")
    heavy = weights_for(target, weights)
    whole = np.column_stack([items, target])
    missing = np.isnan(whole).any(axis=1)
    kept = ~missing & (heavy > 0)
    n, k = int(kept.sum()), items.shape[1]
    if n < k + 2:
        raise MethodError(
            "outcome", f"{n} complete rows for {k} items; at least {k + 2} are needed"
        )
    rows, part = whole[kept], heavy[kept] / heavy[kept].sum()
    for at, name in enumerate((*names, "outcome")):
        if float(np.ptp(rows[:, at])) == 0:
            raise MethodError(name, f"is {rows[0, at]:g} in every row, so it explains nothing")
    centred = rows - part @ rows
    scaled = centred * np.sqrt(part)[:, None]
    scaled /= np.sqrt((scaled**2).sum(axis=0))
    table = np.clip(scaled.T @ scaled, -1.0, 1.0)
    np.fill_diagonal(table, 1.0)
    left_out = {
        "missing": int(missing.sum()),
        "zero_weight": int((~missing & (heavy == 0)).sum()),
    }
    return table[:k, :k], table[:k, k], n, left_out


def standardised_coefficients(among: Floats, with_outcome: Floats, names: Sequence[str]) -> Floats:
    """Regression coefficients of standardised items, shape (k,), from their correlations.

    Raises MethodError naming the first item that the ones before it determine.
    """
    for at in range(1, len(names)):
        before = among[:at, :at]
        own = 1 - float(among[:at, at] @ np.linalg.solve(before, among[:at, at]))
        if own < LEAST_OWN:
            raise MethodError(
                names[at], f"is determined by {', '.join(names[:at])}; leave one of them out"
            )
    return np.linalg.solve(among, with_outcome).astype(np.float64)


def _shapley(among: Floats, with_outcome: Floats) -> Floats:
    """Mean gain in R² over all orders of entering, from the R² of every subset."""
    k = with_outcome.size
    explained = np.zeros(2**k)
    for size in range(1, k + 1):
        chosen = np.array(list(combinations(range(k), size)))
        tables = among[chosen[:, :, None], chosen[:, None, :]]
        sides = with_outcome[chosen]
        solved = np.linalg.solve(tables, sides[:, :, None])[:, :, 0]
        explained[(1 << chosen).sum(axis=1)] = (solved * sides).sum(axis=1)
    subsets = np.arange(2**k)
    sizes = np.array([int(subset).bit_count() for subset in subsets])
    chance = np.array([1 / (k * comb(k - 1, size)) for size in range(k)])
    parts = np.empty(k)
    for at in range(k):
        without = subsets[(subsets >> at) & 1 == 0]
        gains = explained[without | (1 << at)] - explained[without]
        # A gain below 0 is rounding alone: another driver never lowers R².
        parts[at] = float(np.maximum(gains, 0.0) @ chance[sizes[without]])
    return parts


def _relative_weights(among: Floats, with_outcome: Floats) -> Floats:
    """Through the orthonormal variables closest to the drivers, whose weights are carried back."""
    values, vectors = np.linalg.eigh(among)
    roots = np.sqrt(np.maximum(values, 0.0))
    to_nearest = (vectors * roots) @ vectors.T
    nearest = np.linalg.solve(to_nearest, with_outcome)
    parts: Floats = to_nearest**2 @ nearest**2
    return parts
