"""Weights from principal components: items that carry more of what all answers share count more."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from zhike.methods.errors import MethodError
from zhike.methods.given import Floats, matrix, weights_for
from zhike.methods.varimax import upright, varimax
from zhike.methods.weights import Weights, names_of

Absolute: TypeAlias = Literal["loadings", "sum"]
# Below these, rounding cannot be told from a true dependence or a true difference.
DEPENDENT = 1e-10
CONSTANT = 1e-12
ABOVE_ONE = 1e-10


@dataclass(frozen=True, slots=True)
class VarianceRow:
    """One line of the total variance table: component (from 1), eigenvalue or sum of squared loadings, its
    share of the whole variance and the shares up to here (0..1)."""

    component: int
    eigenvalue: float
    share: float
    cumulative: float


@dataclass(frozen=True, slots=True)
class PcaDetails:
    """`variance` has a row for every component before the turn, `rotated_variance` for those kept, after it.
    `loadings` and `rotated_loadings`: item → one per kept component; `communalities`: item → share of its
    variance that the kept components explain."""

    components: int
    variance: tuple[VarianceRow, ...]
    rotated_variance: tuple[VarianceRow, ...]
    loadings: Mapping[str, tuple[float, ...]]
    rotated_loadings: Mapping[str, tuple[float, ...]]
    communalities: Mapping[str, float]
    sweeps: int


def pca_weights(
    answers: ArrayLike,
    items: Sequence[str],
    *,
    case_weights: ArrayLike | None = None,
    components: int | None = None,
    kaiser: bool = True,
    absolute: Absolute = "loadings",
) -> Weights[PcaDetails]:
    """Weights of items from the principal components of their correlation matrix, turned by varimax.

    Components with an eigenvalue above 1 are kept and turned. An item's weight is the sum of its absolute
    loadings, each times the share of variance of its component after the turn, divided by the sum over items.

    Parameters: `answers`, float array (persons, items) in any unit; NaN means missing. `items`, the columns'
    names. `case_weights`, one number ≥ 0 per person (a weight of 2 counts as two such persons).
    `components` keeps this many instead of those above 1. `kaiser`, see `varimax`. `absolute`: "loadings"
    (default) takes each loading's size, so that the direction of a component cannot matter; "sum" adds the
    loadings with their signs first and takes the size of the sum.
    Returns: Weights with method "pca"; n counts the persons used. Components are in order of their variance;
    the loadings of each sum to a positive number.
    Raises: MethodError for fewer than two items, no more persons than items, a constant item, two items that
    say the same, an item that follows from the others, items without any correlation: each named.
    Missing values: a person with any missing answer is left out and counted, as is one with weight 0.
    Source: Kaiser 1960 (eigenvalue above 1), Kaiser 1958 (varimax); docs/methods/weights_pca.md.

    >>> answers = [[1, 2, 5], [2, 1, 1], [3, 4, 4], [4, 3, 2], [5, 5, 3]]
    >>> found = pca_weights(answers, ["speed", "courtesy", "price"])
    >>> {item: round(weight, 3) for item, weight in found.weights.items()}
    {'speed': 0.389, 'courtesy': 0.389, 'price': 0.222}
    """
    found = matrix("answers", answers)
    names = names_of("items", items, found.shape[1])
    counts = weights_for(found, case_weights)
    missing = np.isnan(found).any(axis=1)
    used = ~missing & (counts > 0)
    left_out = {"missing": missing, "weight 0": ~missing & (counts == 0)}
    if len(names) < 2:
        raise MethodError("items", "weights from components need at least two items")
    if used.sum() <= len(names):
        raise MethodError(
            "answers",
            f"{used.sum()} complete rows for {len(names)} items; needs more rows than items",
        )
    values, vectors = _eigen(_correlations(found[used], counts[used], names), names)
    details, weights = _components(values, vectors, names, components, kaiser, absolute)
    return Weights(
        weights={name: float(weight) for name, weight in zip(names, weights, strict=True)},
        method="pca",
        n=int(used.sum()),
        details=details,
        options={
            "components": "eigenvalue above 1" if components is None else components,
            "rotation": "varimax",
            "kaiser": kaiser,
            "absolute": absolute,
            "case_weights": case_weights is not None,
        },
        excluded={why: int(rows.sum()) for why, rows in left_out.items() if rows.any()},
    )


def _correlations(answers: Floats, counts: Floats, names: tuple[str, ...]) -> Floats:
    shares = counts / counts.sum()
    centred = answers - shares @ answers
    spread = np.sqrt(shares @ centred**2)
    for place in np.flatnonzero(spread <= CONSTANT * np.abs(answers).max(axis=0)):
        raise MethodError(names[place], "is the same in all rows and correlates with nothing")
    scaled = centred / spread * np.sqrt(shares)[:, None]
    correlations: Floats = scaled.T @ scaled
    return correlations


def _eigen(correlations: Floats, names: tuple[str, ...]) -> tuple[Floats, Floats]:
    """Eigenvalues, largest first, and their vectors.

    A singular matrix is refused: it means items counted twice, so that the weights would rest on how often
    something is asked, not on what.
    """
    values, vectors = np.linalg.eigh(correlations)
    values, vectors = values[::-1], vectors[:, ::-1]
    if values[-1] > DEPENDENT * len(names):
        return values, vectors
    same = np.argwhere(np.triu(np.abs(correlations), 1) > 1 - DEPENDENT)
    if same.size:
        first, second = same[0]
        raise MethodError(
            names[second], f"says exactly what “{names[first]}” says; leave one of them out"
        )
    parts = [name for name, part in zip(names, vectors[:, -1], strict=True) if abs(part) > 1e-6]
    raise MethodError(parts[-1], f"follows from {', '.join(parts[:-1])}; leave one of them out")


def _components(
    values: Floats,
    vectors: Floats,
    names: tuple[str, ...],
    asked: int | None,
    kaiser: bool,
    absolute: Absolute,
) -> tuple[PcaDetails, Floats]:
    kept = int((values > 1 + ABOVE_ONE).sum()) if asked is None else asked
    if asked is None and kept == 0:
        raise MethodError("answers", "the items are uncorrelated; no component is above 1")
    if not 1 <= kept <= len(names):
        raise MethodError("components", f"must lie between 1 and {len(names)}, got {kept}")
    plain = upright(vectors[:, :kept] * np.sqrt(np.maximum(values[:kept], 0.0)))
    rotation = varimax(plain, kaiser=kaiser)
    turned, variance = rotation.loadings, (rotation.loadings**2).sum(axis=0)
    shares = variance / len(names)
    if absolute not in ("loadings", "sum"):
        raise MethodError("absolute", f"is “{absolute}”, not one of “loadings”, “sum”")
    raw = np.abs(turned) @ shares if absolute == "loadings" else np.abs(turned @ shares)
    details = PcaDetails(
        components=kept,
        variance=_table(values, len(names)),
        rotated_variance=_table(variance, len(names)),
        loadings=_rows(plain, names),
        rotated_loadings=_rows(turned, names),
        communalities=dict(zip(names, (plain**2).sum(axis=1).tolist(), strict=True)),
        sweeps=rotation.sweeps,
    )
    return details, raw / raw.sum()


def _table(values: Floats, items: int) -> tuple[VarianceRow, ...]:
    shares = values / items
    rows = zip(values.tolist(), shares.tolist(), np.cumsum(shares).tolist(), strict=True)
    return tuple(VarianceRow(place, *row) for place, row in enumerate(rows, 1))


def _rows(loadings: Floats, names: tuple[str, ...]) -> dict[str, tuple[float, ...]]:
    return {name: tuple(row) for name, row in zip(names, loadings.tolist(), strict=True)}
