"""How far a path model's figures would move with other respondents: bootstrap by resampling cases.

Every resample is a row of counts (how often each case was drawn). Counts times the pairwise products of the
items give all resamples' correlations in one matrix product, and the rounds of `zhike.methods.pls_rounds` then
run on whole stacks of them.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from zhike.methods.errors import MethodError
from zhike.methods.given import Floats, share
from zhike.methods.index import model_indexes, raw_scale_index
from zhike.methods.pls import by_block, by_effect, by_path, result_of, settle
from zhike.methods.pls_data import Answers, answers_for
from zhike.methods.pls_estimates import Estimates, estimates_of
from zhike.methods.pls_model import PathModel, PlsOptions
from zhike.methods.pls_rounds import CONVERGED, Wiring, run_rounds, wire

MOST_RESAMPLES = 100_000
METHOD = "bootstrap of a PLS path model, cases resampled"
# Numbers held at once: large enough to keep the processor busy, small enough to stay in its cache.
_HELD = 600_000
# Above this many pairwise products they are not kept, but made anew for each resample.
_MOST_PRODUCTS = 12_000_000
# A variance this small beside the sample's means that a resample drew one answer only.
_FLAT = 1e-9


@dataclass(frozen=True, slots=True)
class Spread:
    """A figure and its bootstrap: mean and sd of resamples, t = estimate / sd (None where sd is 0), interval."""

    estimate: float
    mean: float
    sd: float
    t: float | None
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class PlsBootstrap:
    """Bootstrap of a path model.

    Of the `requested` resamples `converged` were used; `failed` counts the others by block that could not be
    settled, or by "constant item". `paths` and `total_effects` are keyed "from->to", `r2` and `index` (only with
    a scale) by block, `weights` and `loadings` by block and item.
    """

    method: str
    options: PlsOptions
    n: int
    excluded: Mapping[str, int]
    requested: int
    converged: int
    failed: Mapping[str, int]
    seed: int
    confidence: float
    paths: Mapping[str, Spread]
    total_effects: Mapping[str, Spread]
    r2: Mapping[str, Spread]
    weights: Mapping[str, Mapping[str, Spread]]
    loadings: Mapping[str, Mapping[str, Spread]]
    index: Mapping[str, Spread]


@dataclass(frozen=True, slots=True, eq=False)
class _Moments:
    """Of m resamples: `correlations` (items, items, m), `means` and `sds` (items, m), `flat` (m,).

    `sds` share a factor near 1 (n against n - 1), which neither weights nor index depend on.
    """

    correlations: Floats
    means: Floats
    sds: Floats
    flat: NDArray[np.bool_]


def bootstrap(
    model: PathModel,
    data: ArrayLike,
    names: Sequence[str],
    *,
    options: PlsOptions | None = None,
    case_weights: ArrayLike | None = None,
    resamples: int = 5000,
    seed: int = 1,
    confidence: float = 0.95,
    scale: tuple[float, float] | None = None,
) -> PlsBootstrap:
    """Standard errors, t values and percentile intervals of a path model's figures.

    Parameters: `model`, `data`, `names`, `options`, `case_weights` as for `zhike.methods.pls.estimate`;
    `resamples` from 2 to 100,000, each drawing n of the n rows used with replacement; `seed` at least 0: the same
    seed draws the same cases on every machine and with every numpy (PCG64's own 64-bit words, halved to 32 bits
    and scaled to n, so n is below 2**32); `confidence` of the percentile interval; `scale` (lowest, highest
    answer) adds each block's index 0-100.
    Missing values are settled once, before resampling; so replaced answers add no spread of their own.
    Each resample is estimated as `estimate` would, but its blocks are turned so that their loadings point the
    way the sample's do (positive scalar product): signs of resamples cannot cancel each other out.
    Returns a PlsBootstrap; sd has n - 1. Raises MethodError as `estimate` does, and when fewer than 2 resamples
    can be used; resamples that do not converge or draw a constant item are counted, not used.
    Source: Efron and Tibshirani (1993), An Introduction to the Bootstrap, ch. 13.

    >>> from zhike.methods.pls import path_model
    >>> model = path_model({"Quality": ["q1", "q2"], "Loyalty": ["l1"]}, {"Quality": ["Loyalty"]})
    >>> answers = [[7, 6, 7], [5, 6, 4], [8, 9, 9], [3, 4, 4], [6, 5, 6], [9, 8, 7], [2, 3, 3], [8, 7, 9]]
    >>> found = bootstrap(model, answers, ["q1", "q2", "l1"], resamples=200, seed=7)
    >>> found.converged, found.paths["Quality->Loyalty"].low < found.paths["Quality->Loyalty"].estimate
    (200, True)
    """
    chosen = options or PlsOptions()
    share("confidence", confidence)
    if resamples < 2:
        raise MethodError("resamples", f"at least 2 are needed, got {resamples}")
    if resamples > MOST_RESAMPLES:
        raise MethodError("resamples", f"at most {MOST_RESAMPLES} are drawn, got {resamples}")
    if seed < 0:
        raise MethodError("seed", f"must be at least 0, got {seed}")
    answers = answers_for(model, data, names, chosen.missing, case_weights)
    return _bootstrapped(model, chosen, answers, resamples, seed, confidence, scale)


def _bootstrapped(
    model: PathModel,
    chosen: PlsOptions,
    answers: Answers,
    resamples: int,
    seed: int,
    confidence: float,
    scale: tuple[float, float] | None,
) -> PlsBootstrap:
    wiring = wire(model)
    rounds, sample = settle(model, wiring, chosen, answers)
    if scale is not None:
        own_result = result_of(model, wiring, chosen, answers, rounds, sample)
        model_indexes(own_result, low=scale[0], high=scale[1])
    index = _index_of(wiring, scale)
    parts = [
        _figures(moments, answers, wiring, chosen, sample, index)
        for moments in _resampled(answers, resamples, seed)
    ]
    drawn = {name: np.concatenate([p[0][name] for p in parts], axis=-1) for name in parts[0][0]}
    trouble = np.concatenate([p[1] for p in parts])
    used = trouble == CONVERGED
    if used.sum() < 2:
        raise MethodError("resamples", f"only {used.sum()} of {resamples} converged")
    own = _drawn(sample, answers.means[:, None], answers.sds[:, None], index)
    spreads = {
        name: _spread(own[name][..., 0], values[..., used], confidence)
        for name, values in drawn.items()
    }
    return PlsBootstrap(
        method=METHOD,
        options=chosen,
        n=answers.rows.size,
        excluded=answers.excluded,
        requested=resamples,
        converged=int(used.sum()),
        failed=_failed(trouble, tuple(model.blocks)),
        seed=seed,
        confidence=confidence,
        **_named(model, spreads),
    )


def case_counts(n: int, resamples: int, seed: int, at_once: int) -> Iterator[Floats]:
    """How often each of n cases was drawn, (resamples, n) in stacks of `at_once`.

    The stacks joined do not depend on `at_once`: each resample takes the generator's next (n + 1) // 2 words.
    """
    words = (n + 1) // 2
    source = np.random.PCG64(seed)
    for begin in range(0, resamples, at_once):
        stack = min(at_once, resamples - begin)
        raw = source.random_raw(stack * words).reshape(stack, words)
        halves = np.concatenate([raw >> np.uint64(32), raw & np.uint64(0xFFFFFFFF)], axis=1)
        cases = (halves[:, :n] * np.uint64(n)) >> np.uint64(32)
        places = cases.astype(np.int64) + np.arange(stack)[:, None] * n
        yield np.bincount(places.ravel(), minlength=stack * n).reshape(stack, n).astype(np.float64)


def _resampled(answers: Answers, resamples: int, seed: int) -> Iterator[_Moments]:
    """Moments of all resamples, in stacks."""
    x, n, size = answers.standard, answers.rows.size, answers.means.size
    upper = np.triu_indices(size)
    stack = max(1, _HELD // max(size * size, n))
    if n * upper[0].size <= _MOST_PRODUCTS:
        products = np.ascontiguousarray(x[:, upper[0]] * x[:, upper[1]])
        sums = _sums_of_products(x, products)
    else:
        sums = _sums_by_gram(x, upper)
    for counts in case_counts(n, resamples, seed, stack):
        drawn = counts * answers.case_weights
        total = drawn.sum(axis=1)
        first, second = sums(drawn)
        means = first / total
        central = second / total - means[upper[0]] * means[upper[1]]
        yield _moments(central, means, answers, upper)


def _sums_of_products(x: Floats, products: Floats) -> Callable[[Floats], tuple[Floats, Floats]]:
    return lambda drawn: (x.T @ drawn.T, products.T @ drawn.T)


def _sums_by_gram(
    x: Floats, upper: tuple[NDArray[np.int64], NDArray[np.int64]]
) -> Callable[[Floats], tuple[Floats, Floats]]:
    def sums(drawn: Floats) -> tuple[Floats, Floats]:
        grams = [((x * one[:, None]).T @ x)[upper] for one in drawn]
        return x.T @ drawn.T, np.stack(grams, axis=1)

    return sums


def _moments(
    second: Floats,
    means: Floats,
    answers: Answers,
    upper: tuple[NDArray[np.int64], NDArray[np.int64]],
) -> _Moments:
    size, samples = means.shape
    variances = second[upper[0] == upper[1]]
    flat = (variances < _FLAT).any(axis=0)
    roots = np.sqrt(np.where(variances < _FLAT, 1.0, variances))
    scaled = second / (roots[upper[0]] * roots[upper[1]])
    scaled[:, flat] = 0.0
    correlations = np.empty((size, size, samples))
    correlations[upper] = scaled
    correlations[upper[1], upper[0]] = scaled
    correlations[range(size), range(size)] = 1.0
    return _Moments(
        correlations=correlations,
        means=answers.means[:, None] + means * answers.sds[:, None],
        sds=roots * answers.sds[:, None],
        flat=flat,
    )


def _figures(
    moments: _Moments,
    answers: Answers,
    wiring: Wiring,
    options: PlsOptions,
    sample: Estimates,
    index: Callable[[Floats, Floats], Floats] | None,
) -> tuple[dict[str, Floats], NDArray[np.int64]]:
    """Figures of a stack of resamples, and which block failed (-1 none, blocks' number: constant item)."""
    rounds = run_rounds(
        moments.correlations,
        wiring,
        options,
        variances=(moments.sds / answers.sds.max()) ** 2,
    )
    found = estimates_of(rounds, wiring, options, like=sample.loadings[:, 0])
    trouble = found.trouble
    if index is not None:
        sums = np.stack([(found.weights[s] / moments.sds[s]).sum(axis=0) for s in wiring.spans])
        lost = (sums <= 0).any(axis=0) & (trouble == CONVERGED)
        trouble = np.where(lost, (sums <= 0).argmax(axis=0), trouble)
    trouble = np.where(moments.flat, len(wiring.spans), trouble)
    return _drawn(found, moments.means, moments.sds, index), trouble


def _drawn(
    found: Estimates,
    means: Floats,
    sds: Floats,
    index: Callable[[Floats, Floats], Floats] | None,
) -> dict[str, Floats]:
    drawn = {
        "paths": found.paths,
        "total_effects": found.totals,
        "r2": found.r2,
        "weights": found.weights,
        "loadings": found.loadings,
    }
    if index is not None:
        drawn["index"] = index(found.weights / sds, means)
    return drawn


def _index_of(
    wiring: Wiring, scale: tuple[float, float] | None
) -> Callable[[Floats, Floats], Floats] | None:
    """Index 0-100 of all blocks from raw weights and means, (items, m) each."""
    if scale is None:
        return None
    low, high = scale

    def index(weights: Floats, means: Floats) -> Floats:
        return np.stack(
            [raw_scale_index(means[s], weights[s], low=low, high=high) for s in wiring.spans]
        )

    return index


def _spread(own: Floats, drawn: Floats, confidence: float) -> NDArray[np.object_]:
    """A Spread for each figure; `drawn` has resamples in its last axis."""
    means, sds = drawn.mean(axis=-1), drawn.std(axis=-1, ddof=1)
    tail = (1 - confidence) / 2
    low, high = np.quantile(drawn, [tail, 1 - tail], axis=-1)
    found = np.empty(own.shape, dtype=np.object_)
    for at in np.ndindex(own.shape):
        # What cannot vary (the loading of a single item) varies by rounding alone.
        sd = float(sds[at]) if sds[at] > 1e-12 * abs(means[at]) else 0.0
        found[at] = Spread(
            estimate=float(own[at]),
            mean=float(means[at]),
            sd=sd,
            t=float(own[at]) / sd if sd else None,
            low=float(low[at]),
            high=float(high[at]),
        )
    return found


def _named(model: PathModel, spreads: Mapping[str, NDArray[np.object_]]) -> dict[str, Any]:
    index = spreads.get("index")
    return {
        "paths": by_path(model, spreads["paths"].tolist()),
        "total_effects": by_effect(model, spreads["total_effects"].tolist()),
        "r2": {
            block: spread
            for block, spread in zip(model.blocks, spreads["r2"], strict=True)
            if block in model.explained
        },
        "weights": by_block(model, spreads["weights"].tolist()),
        "loadings": by_block(model, spreads["loadings"].tolist()),
        "index": {} if index is None else dict(zip(model.blocks, index.tolist(), strict=True)),
    }


def _failed(trouble: NDArray[np.int64], blocks: tuple[str, ...]) -> dict[str, int]:
    reasons = (*blocks, "constant item")
    counts = np.bincount(trouble[trouble != CONVERGED], minlength=len(reasons)).tolist()
    return {why: n for why, n in zip(reasons, counts, strict=True) if n}
