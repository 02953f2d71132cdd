"""Confirmatory factor analysis: loadings of items on the one factor each belongs to, by maximum likelihood.

Needed for composite reliability in the sense of factor models; PLS loadings are larger, since a score is made of
the very items it is correlated with.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import optimize, special

from zhike.methods.errors import MethodError
from zhike.methods.given import Floats
from zhike.methods.reliability_moments import ItemMoments

METHOD = "confirmatory factor analysis, maximum likelihood"
# Unique variances stay above, correlations of factors below these; at the edge the model does not fit (a note).
_LEAST_UNIQUE = 1e-4
_LARGEST_CORRELATION = 0.999


@dataclass(frozen=True, slots=True, eq=False)
class Confirmed:
    """Standardized loadings by block and item, correlations of factors (blocks, blocks), and the test of fit.

    chi2 = n times the minimum of the discrepancy (the convention of likelihood), `df` 0 means nothing to test
    (`p` None).
    """

    method: str
    n: int
    excluded: Mapping[str, int]
    loadings: Mapping[str, Mapping[str, float]]
    correlations: Floats
    chi2: float
    df: int
    p: float | None
    notes: tuple[str, ...]

    @property
    def options(self) -> Mapping[str, object]:
        """There is nothing to choose."""
        return {}


@dataclass(frozen=True, slots=True)
class _Layout:
    """Which factor an item belongs to, which items are alone on theirs, and pairs of factors."""

    factor: tuple[int, ...]
    alone: tuple[bool, ...]
    pairs: tuple[tuple[int, int], ...]

    @property
    def free(self) -> list[int]:
        return [at for at, alone in enumerate(self.alone) if not alone]


def confirm(moments: ItemMoments, blocks: Mapping[str, Sequence[str]]) -> Confirmed:
    """Loadings of a model in which each item belongs to one factor and all factors may correlate.

    Parameters: `moments` over the items; `blocks` maps a factor to its items (one item: it is the factor).
    Missing values: see how the moments were made.
    Returns a Confirmed; each block's loadings add up to at least 0. Raises MethodError for an item in two blocks
    or unknown, more parameters than correlations, singular correlations and when no minimum is found. A unique
    variance or a correlation at the edge of what is possible is a note.
    Source: Jöreskog (1969), Psychometrika 34, 183-202.

    >>> from zhike.methods.reliability_moments import moments_of_correlations
    >>> r = [[1, 0.42, 0.35], [0.42, 1, 0.30], [0.35, 0.30, 1]]
    >>> found = confirm(moments_of_correlations(r, 200, ["a", "b", "c"]), {"F": ["a", "b", "c"]})
    >>> [round(value, 3) for value in found.loadings["F"].values()], found.df
    ([0.7, 0.6, 0.5], 0)
    """
    held = moments.of([item for items in blocks.values() for item in items])
    layout, df = _layout(blocks, held)
    r = held.correlations
    if held.n <= len(held.names):
        raise MethodError("n", f"{held.n} respondents are too few for {len(held.names)} items")
    sign, known = np.linalg.slogdet(r)
    if sign <= 0 or np.linalg.eigvalsh(r)[0] < 1e-10:
        raise MethodError("items", "some are given exactly by others")
    free, pairs = layout.free, layout.pairs
    first = np.concatenate([_begin(r, layout)[free], np.full(len(free), 0.5), np.zeros(len(pairs))])
    found = optimize.minimize(
        _discrepancy,
        first,
        args=(r, float(known), layout),
        jac=True,
        method="L-BFGS-B",
        bounds=[(-2.0, 2.0)] * len(free)
        + [(_LEAST_UNIQUE, 2.0)] * len(free)
        + [(-_LARGEST_CORRELATION, _LARGEST_CORRELATION)] * len(pairs),
        options={"maxiter": 5000, "maxfun": 50000, "ftol": 1e-15, "gtol": 1e-8, "maxcor": 30},
    )
    if np.abs(_projected(found.x, found.jac, len(free))).max(initial=0.0) > 1e-4:
        raise MethodError(
            "blocks", "no factor model fits these items: the likelihood has no maximum"
        )
    return _confirmed(found.x, float(found.fun), df, held, blocks, layout)


def _layout(blocks: Mapping[str, Sequence[str]], held: ItemMoments) -> tuple[_Layout, int]:
    for block, items in blocks.items():
        if isinstance(items, str) or not items:
            raise MethodError(f"block {block}", "needs a list of at least one item")
    factor = tuple(at for at, items in enumerate(blocks.values()) for _ in items)
    sizes = [len(items) for items in blocks.values()]
    alone = tuple(sizes[at] == 1 for at in factor)
    count = len(blocks)
    pairs = tuple((a, b) for a in range(count) for b in range(a))
    p = len(held.names)
    df = p * (p + 1) // 2 - 2 * (p - sum(alone)) - sum(alone) - len(pairs)
    if df < 0:
        raise MethodError("blocks", f"{-df} more figures are asked for than {p} items can tell")
    return _Layout(factor, alone, pairs), df


def _begin(r: Floats, layout: _Layout) -> Floats:
    """Loadings on the first component of each block, a fair place to begin."""
    first = np.ones(r.shape[0])
    factor = np.array(layout.factor)
    for at in range(max(layout.factor) + 1):
        own = np.flatnonzero(factor == at)
        vector = np.linalg.eigh(r[np.ix_(own, own)])[1][:, -1]
        first[own] = 0.7 * np.where(vector.sum() < 0, -1, 1) * np.sign(vector)
    return first


def _unpacked(x: Floats, layout: _Layout) -> tuple[Floats, Floats, Floats]:
    """Loadings (items, factors), correlations of factors, unique variances (items,)."""
    size, count = len(layout.factor), max(layout.factor) + 1
    free = layout.free
    loadings, unique, phi = np.zeros((size, count)), np.zeros(size), np.eye(count)
    values = np.ones(size)
    values[free] = x[: len(free)]
    unique[free] = x[len(free) : 2 * len(free)]
    loadings[range(size), layout.factor] = values
    for (a, b), value in zip(layout.pairs, x[2 * len(free) :], strict=True):
        phi[a, b] = phi[b, a] = value
    return loadings, phi, unique


def _discrepancy(x: Floats, r: Floats, known: float, layout: _Layout) -> tuple[float, Floats]:
    """ln|S| + tr(R S^-1) - ln|R| - p for the model's correlations S, and its gradient."""
    loadings, phi, unique = _unpacked(x, layout)
    implied = loadings @ phi @ loadings.T + np.diag(unique)
    values, vectors = np.linalg.eigh(implied)
    # Outside of what is possible the discrepancy rises steeply, so that the search turns back.
    safe = np.maximum(values, 1e-8)
    inverse = (vectors / safe) @ vectors.T
    value = float(np.log(safe).sum() + (inverse * r).sum()) - known - r.shape[0]
    slope = inverse @ (implied - r) @ inverse
    by_loading = 2 * (slope @ loadings @ phi)[range(r.shape[0]), layout.factor]
    by_phi = loadings.T @ slope @ loadings
    free = layout.free
    return value, np.concatenate(
        [by_loading[free], np.diag(slope)[free], [2 * by_phi[a, b] for a, b in layout.pairs]]
    )


def _projected(x: Floats, gradient: Floats, free: int) -> Floats:
    """The gradient without what pushes against an edge."""
    edge = np.zeros(x.size, dtype=np.bool_)
    unique, phi = slice(free, 2 * free), slice(2 * free, None)
    edge[unique] = (x[unique] <= _LEAST_UNIQUE) & (gradient[unique] > 0)
    edge[phi] = (np.abs(x[phi]) >= _LARGEST_CORRELATION) & (x[phi] * gradient[phi] < 0)
    return np.where(edge, 0.0, gradient)


def _confirmed(
    x: Floats,
    least: float,
    df: int,
    held: ItemMoments,
    blocks: Mapping[str, Sequence[str]],
    layout: _Layout,
) -> Confirmed:
    loadings, phi, unique = _unpacked(x, layout)
    implied = np.sqrt(np.diag(loadings @ phi @ loadings.T) + unique)
    standard = loadings / implied[:, None]
    turn = np.where(standard.sum(axis=0) < 0, -1.0, 1.0)
    standard, phi = standard * turn, phi * np.outer(turn, turn)
    notes = [
        f"the unique variance of {held.names[at]} is at its least: the factor model does not fit"
        for at in layout.free
        if unique[at] <= _LEAST_UNIQUE
    ]
    names = tuple(blocks)
    notes += [
        f"{names[b]} and {names[a]} cannot be told apart: their factors correlate fully"
        for a, b in layout.pairs
        if abs(phi[a, b]) >= _LARGEST_CORRELATION
    ]
    chi2 = max(held.n * least, 0.0)
    values = iter(standard.sum(axis=1).tolist())
    return Confirmed(
        method=METHOD,
        n=held.n,
        excluded=held.excluded,
        loadings={block: {item: next(values) for item in items} for block, items in blocks.items()},
        correlations=phi,
        chi2=chi2,
        df=df,
        p=float(special.chdtrc(df, chi2)) if df else None,
        notes=tuple(notes),
    )
