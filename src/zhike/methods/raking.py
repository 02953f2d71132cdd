"""Weights against non-response: raking, so that the answers add up to known margins of the population."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from zhike.methods.errors import MethodError
from zhike.methods.given import Floats, vector, weights_for
from zhike.methods.scores_counting import effective_n

# Trimmed weights (mean 1) that move less than this in a pass have come to rest.
SETTLED = 1e-12


@dataclass(frozen=True, slots=True)
class Margin:
    """One category: its share in the population, and among the answers before and after weighting."""

    variable: str
    category: str
    target: float
    before: float
    after: float
    count: int


@dataclass(frozen=True, slots=True)
class Raking:
    """Weights with mean 1, in the order of the rows.

    `largest_gap` is the largest distance of a weighted share from its target; with trimming it may stay above the
    tolerance, then `converged` is False. `design_effect` is n / `effective_n`: what the weights cost in precision.
    `trimmed` rows stand at a bound of the trimming.
    """

    method: str
    options: dict[str, object]
    n: int
    excluded: dict[str, int]
    weights: Floats
    margins: tuple[Margin, ...]
    iterations: int
    converged: bool
    largest_gap: float
    effective_n: float
    design_effect: float
    trimmed: int


@dataclass(frozen=True, slots=True)
class _Variable:
    name: str
    categories: tuple[str, ...]
    codes: NDArray[np.intp]
    targets: Floats
    counts: NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class _Cells:
    """Persons alike in every variable and in base weight get the same weight, so each kind is reckoned once."""

    variables: tuple[_Variable, ...]
    codes: tuple[NDArray[np.intp], ...]
    base: Floats
    counts: Floats
    of_row: NDArray[np.intp]

    def shares(self, at: int, weights: Floats) -> Floats:
        variable = self.variables[at]
        sums = np.bincount(
            self.codes[at], weights=weights * self.counts, minlength=len(variable.categories)
        ).astype(np.float64)
        return sums / float(sums.sum())

    def mean_one(self, weights: Floats) -> Floats:
        return weights * (float(self.counts.sum()) / float(self.counts @ weights))

    def gap(self, weights: Floats) -> tuple[float, str, str]:
        """The largest distance from a target, with its variable and category."""
        found = []
        for at, variable in enumerate(self.variables):
            gaps = np.abs(self.shares(at, weights) - variable.targets)
            worst = int(gaps.argmax())
            found.append((float(gaps[worst]), variable.name, variable.categories[worst]))
        return max(found, key=lambda each: each[0])


def rake(
    answers: Mapping[str, Sequence[str | None]],
    targets: Mapping[str, Mapping[str, float]],
    *,
    base_weights: ArrayLike | None = None,
    trim: tuple[float, float] | None = None,
    tolerance: float = 1e-8,
    most_iterations: int = 1000,
) -> Raking:
    """Iterative proportional fitting of weights to the margins of several variables.

    Parameters: `answers` the category of every person, by variable, lists of one length n, none empty (give "not
    known" as a category of its own); `targets` for the same variables, by category, shares or counts of the
    population, above 0 (only their proportions matter); `base_weights` shape (n,), above 0, such as inverse
    chances of a draw; `trim` lowest and highest weight as multiples of the mean, low ≤ 1 ≤ high; `tolerance` in
    shares; `most_iterations` passes over all variables.
    Returns a Raking. No row is left out.
    Raises MethodError for a category nobody answered from, one without target, an empty label (naming variable
    and row), weights that are not above 0, and margins that are not met in so many passes (without `trim`).
    Source: Deming and Stephan 1940; trimming inside the passes as in bounded raking; Kish for effective n.

    >>> found = rake({"sex": ["f", "f", "f", "m"]}, {"sex": {"f": 0.5, "m": 0.5}})
    >>> found.weights.round(4).tolist(), round(found.effective_n, 4)
    ([0.6667, 0.6667, 0.6667, 2.0], 3.0)
    """
    variables = _variables(answers, targets)
    n = variables[0].codes.size
    _check(n, base_weights, trim, tolerance, most_iterations)
    cells = _cells(variables, weights_for(np.zeros(n), base_weights))
    weights, passes = _fitted(cells, trim, tolerance, most_iterations)
    gap, name, category = cells.gap(weights)
    if gap > tolerance and trim is None:
        raise MethodError(
            name, f"the share of {category} is still {gap:.2g} off after {passes} passes"
        )
    of_rows = weights[cells.of_row]
    worth = effective_n(of_rows)
    return Raking(
        "raking",
        {
            "variables": tuple(variable.name for variable in variables),
            "base_weights": base_weights is not None,
            "trim": trim,
            "tolerance": tolerance,
            "most_iterations": most_iterations,
        },
        n,
        {},
        of_rows,
        tuple(_margins(cells, weights)),
        passes,
        gap <= tolerance,
        gap,
        worth,
        n / worth,
        0 if trim is None else int(((of_rows <= trim[0]) | (of_rows >= trim[1])).sum()),
    )


def _fitted(
    cells: _Cells, trim: tuple[float, float] | None, tolerance: float, most: int
) -> tuple[Floats, int]:
    """Passes over all variables until the margins are met; with trimming also until nothing moves any more."""
    weights = cells.mean_one(cells.base)
    if trim is not None:
        weights = _bounded(cells, weights, trim)
    for passes in range(most):
        if cells.gap(weights)[0] <= tolerance:
            return weights, passes
        before = weights
        for at, variable in enumerate(cells.variables):
            factors = variable.targets / cells.shares(at, weights)
            weights = weights * factors[cells.codes[at]]
        weights = cells.mean_one(weights)
        if trim is not None:
            weights = _bounded(cells, weights, trim)
            if float(np.abs(weights - before).max()) < SETTLED:
                return weights, passes + 1
    return weights, most


def _bounded(cells: _Cells, weights: Floats, trim: tuple[float, float]) -> Floats:
    """Weights within the bounds and still of mean 1: scaled by one factor, found by halving, then cut."""
    low, high = trim
    least, most = low / float(weights.max()), high / float(weights.min())
    total = float(cells.counts.sum())
    for _ in range(200):
        middle = (least + most) / 2
        if middle in (least, most):
            break
        if float(cells.counts @ np.clip(weights * middle, low, high)) < total:
            least = middle
        else:
            most = middle
    return np.clip(weights * most, low, high)


def _cells(variables: tuple[_Variable, ...], base: Floats) -> _Cells:
    kinds = np.unique(base, return_inverse=True)[1].astype(np.int64)
    for variable in variables:
        # Numbered anew after each variable, so that the product of all categories may be any size.
        keys = kinds * len(variable.categories) + variable.codes
        kinds = np.unique(keys, return_inverse=True)[1].astype(np.int64)
    _, first, of_row, counts = np.unique(
        kinds, return_index=True, return_inverse=True, return_counts=True
    )
    return _Cells(
        variables,
        tuple(variable.codes[first] for variable in variables),
        base[first],
        counts.astype(np.float64),
        of_row,
    )


def _variables(
    answers: Mapping[str, Sequence[str | None]], targets: Mapping[str, Mapping[str, float]]
) -> tuple[_Variable, ...]:
    if not answers or answers.keys() != targets.keys():
        odd = sorted(answers.keys() ^ targets.keys())
        raise MethodError("targets", f"need the same variables as the answers ({', '.join(odd)})")
    found = tuple(_variable(name, answers[name], targets[name]) for name in answers)
    for variable in found:
        if variable.codes.size != found[0].codes.size:
            raise MethodError(
                variable.name, f"{variable.codes.size} answers, {found[0].name} has another number"
            )
    return found


def _variable(name: str, labels: Sequence[str | None], targets: Mapping[str, float]) -> _Variable:
    places: dict[str, int] = {category: at for at, category in enumerate(targets)}
    codes = np.empty(len(labels), dtype=np.intp)
    for row, label in enumerate(labels):
        at = places.get(label) if isinstance(label, str) else None
        if at is None:
            if not isinstance(label, str) or not label:
                raise MethodError(name, f"row {row + 1} is empty; give it a category of its own")
            raise MethodError(name, f"row {row + 1}: {label} has no target")
        codes[row] = at
    counts = np.bincount(codes, minlength=len(places))
    aims = vector(f"targets of {name}", list(targets.values()))
    for category, aim, count in zip(places, aims, counts, strict=True):
        if not aim > 0:
            raise MethodError(name, f"the target of {category} must be above 0, got {aim:g}")
        if count == 0:
            raise MethodError(name, f"nobody answered from {category}; join it with another")
    return _Variable(name, tuple(places), codes, aims / aims.sum(), counts)


def _check(
    n: int,
    base_weights: ArrayLike | None,
    trim: tuple[float, float] | None,
    tolerance: float,
    most_iterations: int,
) -> None:
    if base_weights is not None:
        given = weights_for(np.zeros(n), base_weights)
        if (given == 0).any():
            row = int(np.flatnonzero(given == 0)[0])
            raise MethodError("base_weights", f"row {row + 1} is 0; leave such rows out")
    if trim is not None and not 0 <= trim[0] <= 1 <= trim[1] < np.inf:
        raise MethodError("trim", f"needs low ≤ 1 ≤ high, got {trim[0]:g} and {trim[1]:g}")
    if not 0 < tolerance < 1:
        raise MethodError("tolerance", f"must lie between 0 and 1, got {tolerance:g}")
    if most_iterations < 1:
        raise MethodError("most_iterations", f"must be at least 1, got {most_iterations}")


def _margins(cells: _Cells, weights: Floats) -> list[Margin]:
    return [
        Margin(variable.name, category, float(target), float(first), float(last), int(count))
        for at, variable in enumerate(cells.variables)
        for category, target, first, last, count in zip(
            variable.categories,
            variable.targets,
            cells.shares(at, cells.base),
            cells.shares(at, weights),
            variable.counts,
            strict=True,
        )
    ]
