"""Differences of two scores: shares, means and NPS, of different people or of the same people twice.

Each answers three things: how large the difference is, how far it may lie from that, and a plain verdict. Many
comparisons at once belong through `holm`. Trends over periods are in `trend`, key drivers in `drivers`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from zhike.methods.errors import MethodError
from zhike.methods.given import Floats, share, vector, weights_for, within
from zhike.methods.scores import (
    DETRACTORS_UP_TO,
    NPS_SCALE,
    PROMOTERS_FROM,
    mean_and_variance,
    normal_quantile,
    root_of_squares,
    t_quantile,
    wilson,
)
from zhike.methods.scores_counting import effective_n

Verdict = Literal["higher", "lower", "no_clear_difference"]

# Below these the tests by the normal curve are replaced by exact ones.
LEAST_EXPECTED = 5
LEAST_CHANGED = 25


@dataclass(frozen=True, slots=True)
class Difference:
    """The second score less the first.

    `n` answers of the first and of the second group were counted (the same number when paired). `df` are Student's
    degrees of freedom where t is used. `verdict` says where the second lies: "higher" or "lower" when the
    interval leaves out 0, else "no_clear_difference", which does not mean that both are equal. `unit` as in Score.
    """

    method: str
    options: dict[str, object]
    n: tuple[int, int]
    excluded: dict[str, int]
    first: float
    second: float
    difference: float
    low: float
    high: float
    p: float
    df: float | None
    verdict: Verdict
    unit: Literal["points", "share", "scale"]


@dataclass(frozen=True, slots=True)
class Holm:
    """Comparisons judged together: adjusted p values, and which hold at `options["alpha"]`."""

    method: str
    options: dict[str, object]
    n: int
    excluded: dict[str, int]
    adjusted: dict[str, float]
    holds: dict[str, bool]


@dataclass(frozen=True, slots=True)
class _Groups:
    """Counted values and weights of both; row for row the same people when paired."""

    first: Floats
    second: Floats
    first_weights: Floats
    second_weights: Floats
    excluded: dict[str, int]
    paired: bool
    weighted: bool

    @property
    def n(self) -> tuple[int, int]:
        return int(self.first.size), int(self.second.size)

    def options(self, level: float, **others: object) -> dict[str, object]:
        return {"paired": self.paired, "weighted": self.weighted, "level": level, **others}


def difference_of_shares(
    first: ArrayLike,
    second: ArrayLike,
    *,
    paired: bool = False,
    first_weights: ArrayLike | None = None,
    second_weights: ArrayLike | None = None,
    level: float = 0.95,
) -> Difference:
    """Second share less first, with Newcombe's interval from the two Wilson intervals.

    Parameters: `first`, `second` 1 (counts, e.g. lies in the top box) or 0 (does not), shapes (n,) and (m,), NaN
    = missing; `paired` row i of both is the same person (n = m; weights in `first_weights` alone); `level` in
    (0, 1).
    Returns a Difference, unit "share", interval within [-1, 1]. The p value is of the score test (chi-square
    without correction), or Fisher's exact one when an expected count is below 5; paired of McNemar's, or its exact
    form below 25 changed answers; weighted answers always by the normal curve, at Kish's effective n.
    Missing answers, pairs with one missing and those of weight 0 are left out and counted.
    Raises MethodError for values other than 0 and 1, unequal lengths when paired, nothing left.
    Source: Newcombe 1998, Statistics in Medicine 17: 873-890 (method 10) and 2635-2650 (paired, method 10).

    >>> found = difference_of_shares([1] * 48 + [0] * 32, [1] * 56 + [0] * 14)
    >>> round(found.difference, 4), round(found.low, 4), round(found.high, 4), found.verdict
    (0.2, 0.0524, 0.3339, 'higher')
    """
    share("level", level)
    groups = _take(first, second, paired, first_weights, second_weights)
    for what, values in (("first", groups.first), ("second", groups.second)):
        other = np.flatnonzero((values != 0) & (values != 1))
        if other.size:
            raise MethodError(what, f"holds {values[other[0]]:g}; an answer counts 1 or 0")
    worth = effective_n(groups.first_weights), effective_n(groups.second_weights)
    before = _weighted_share(groups.first, groups.first_weights)
    after = _weighted_share(groups.second, groups.second_weights)
    before_low, before_high = wilson(before * worth[0], worth[0], level=level)
    after_low, after_high = wilson(after * worth[1], worth[1], level=level)
    if paired:
        together, p, test = _paired_shares(groups, worth[0])
    else:
        together = 0.0
        p, test = _independent_shares(groups, before, after, worth)
    difference = after - before
    low = difference - root_of_squares(after - after_low, before_high - before, together)
    high = difference + root_of_squares(after_high - after, before - before_low, together)
    return Difference(
        "difference_of_shares",
        groups.options(level, interval="newcombe", test=test),
        groups.n,
        groups.excluded,
        before,
        after,
        difference,
        max(-1.0, low),
        min(1.0, high),
        p,
        None,
        _verdict(low, high),
        "share",
    )


def difference_of_means(
    first: ArrayLike,
    second: ArrayLike,
    *,
    paired: bool = False,
    first_weights: ArrayLike | None = None,
    second_weights: ArrayLike | None = None,
    level: float = 0.95,
) -> Difference:
    """Second mean less first, by Welch's t, or by Student's t of the pairwise differences.

    Parameters: `first`, `second` numbers, shapes (n,) and (m,), NaN = missing; others as in
    `difference_of_shares`. Returns a Difference, unit "scale", with `df`; weighted: n is Kish's effective number.
    Missing answers, pairs with one missing and those of weight 0 are left out and counted.
    Raises MethodError for fewer than two (effective) answers in a group, or when nothing varies.
    Source: Welch 1947, Satterthwaite 1946; Student 1908 for pairs.

    >>> found = difference_of_means([3, 4, 4, 5], [4, 5, 5, 5])
    >>> round(found.difference, 3), round(found.df, 3), found.verdict
    (0.75, 4.973, 'no_clear_difference')
    """
    share("level", level)
    groups = _take(first, second, paired, first_weights, second_weights)
    before, before_variance = mean_and_variance(groups.first, groups.first_weights)
    after, after_variance = mean_and_variance(groups.second, groups.second_weights)
    worth = effective_n(groups.first_weights), effective_n(groups.second_weights)
    if paired:
        difference, variance = mean_and_variance(groups.second - groups.first, groups.first_weights)
        error, df = sqrt(variance / worth[0]), worth[0] - 1
    else:
        difference = after - before
        error, df = _welch(before_variance / worth[0], after_variance / worth[1], worth)
    if error == 0:
        raise MethodError("answers", "do not vary, so nothing says how sure the difference is")
    reach = t_quantile(level, df) * error
    low, high = difference - reach, difference + reach
    return Difference(
        "difference_of_means",
        groups.options(level, interval="t" if paired else "welch", test="t"),
        groups.n,
        groups.excluded,
        before,
        after,
        difference,
        low,
        high,
        float(2 * special.stdtr(df, -abs(difference) / error)),
        df,
        _verdict(low, high),
        "scale",
    )


def difference_of_nps(
    first: ArrayLike,
    second: ArrayLike,
    *,
    paired: bool = False,
    first_weights: ArrayLike | None = None,
    second_weights: ArrayLike | None = None,
    level: float = 0.95,
) -> Difference:
    """Second net promoter score less first, by the variances of +1, 0, -1 and the normal curve.

    Parameters: `first`, `second` whole numbers 0..10, shapes (n,) and (m,), NaN = missing; others as in
    `difference_of_shares`. Returns a Difference in points, interval clipped to [-200, 200].
    Missing answers, pairs with one missing and those of weight 0 are left out and counted.
    Raises MethodError for values off the scale, nothing left, or when nothing varies.
    Source: variance of multinomial shares, as in `scores.nps`; the variances of both groups add up.

    >>> found = difference_of_nps([9, 10, 7, 3, 6, 8], [9, 10, 9, 8, 9, 6])
    >>> round(found.difference, 6), found.verdict
    (50.0, 'no_clear_difference')
    """
    z = normal_quantile(level)
    groups = _take(first, second, paired, first_weights, second_weights)
    before_marks, after_marks = _marks("first", groups.first), _marks("second", groups.second)
    before, before_variance = _moments(before_marks, groups.first_weights)
    after, after_variance = _moments(after_marks, groups.second_weights)
    if paired:
        _, variance = _moments(after_marks - before_marks, groups.first_weights)
        error = sqrt(variance / effective_n(groups.first_weights))
    else:
        error = sqrt(
            before_variance / effective_n(groups.first_weights)
            + after_variance / effective_n(groups.second_weights)
        )
    if error == 0:
        raise MethodError("answers", "do not vary, so nothing says how sure the difference is")
    difference = after - before
    low, high = difference - z * error, difference + z * error
    return Difference(
        "difference_of_nps",
        groups.options(level, interval="variance", test="z"),
        groups.n,
        groups.excluded,
        100 * before,
        100 * after,
        100 * difference,
        max(-200.0, 100 * low),
        min(200.0, 100 * high),
        _two_sided(difference / error),
        None,
        _verdict(low, high),
        "points",
    )


def holm(p_values: Mapping[str, float], *, alpha: float = 0.05) -> Holm:
    """Holm's step-down adjustment: of many comparisons, those that hold although many were made.

    Parameters: `p_values` by name, each in 0..1; `alpha` the chance, in (0, 1), of even one false alarm.
    Returns adjusted p values in the order given; one holds where the adjusted value is at most `alpha`.
    Raises MethodError for none, or a p value outside of 0..1 or missing.
    Source: Holm 1979, Scandinavian Journal of Statistics 6: 65-70.

    >>> holm({"counter": 0.01, "phone": 0.04, "web": 0.03}).adjusted
    {'counter': 0.03, 'phone': 0.06, 'web': 0.06}
    """
    share("alpha", alpha)
    if not p_values:
        raise MethodError("p_values", "none were given")
    for name, p in p_values.items():
        if not 0 <= p <= 1:
            raise MethodError("p_values", f"{name} is {p:g}, outside of 0 to 1")
    given = np.array(list(p_values.values()), dtype=np.float64)
    order = np.argsort(given, kind="stable")
    steps = given[order] * np.arange(given.size, 0, -1)
    adjusted = np.empty(given.size)
    adjusted[order] = np.minimum(1.0, np.maximum.accumulate(steps))
    by_name = {name: float(value) for name, value in zip(p_values, adjusted, strict=True)}
    return Holm(
        "holm",
        {"alpha": alpha},
        len(by_name),
        {},
        by_name,
        {name: value <= alpha for name, value in by_name.items()},
    )


def _take(
    first: ArrayLike,
    second: ArrayLike,
    paired: bool,
    first_weights: ArrayLike | None,
    second_weights: ArrayLike | None,
) -> _Groups:
    before, after = vector("first", first), vector("second", second)
    if paired and before.size != after.size:
        raise MethodError("second", f"{after.size} answers for {before.size} people asked before")
    if paired and second_weights is not None:
        raise MethodError("second_weights", "a pair has one weight; give it in first_weights")
    before_weights = weights_for(before, first_weights)
    after_weights = before_weights if paired else weights_for(after, second_weights)
    has_before = ~np.isnan(before)
    has_after = ~np.isnan(after)
    left_out = {
        "missing_first": int((~has_before).sum()),
        "missing_second": int((~has_after).sum()),
    }
    keep_before, keep_after = has_before & (before_weights > 0), has_after & (after_weights > 0)
    if paired:
        keep_before = keep_after = keep_before & keep_after
        left_out["zero_weight"] = int((has_before & has_after & (before_weights == 0)).sum())
        left_out["pairs"] = int((~keep_before).sum())
    else:
        left_out["zero_weight"] = int(
            (has_before & (before_weights == 0)).sum() + (has_after & (after_weights == 0)).sum()
        )
    for what, kept in (("first", keep_before), ("second", keep_after)):
        if not kept.any():
            raise MethodError(what, "nothing is left to count: missing, weight 0, or without pair")
    return _Groups(
        before[keep_before],
        after[keep_after],
        before_weights[keep_before],
        after_weights[keep_after],
        left_out,
        paired,
        first_weights is not None or second_weights is not None,
    )


def _weighted_share(values: Floats, weights: Floats) -> float:
    inside = values == 1
    return 1.0 if inside.all() else float(weights[inside].sum() / weights.sum())


def _independent_shares(
    groups: _Groups, before: float, after: float, worth: tuple[float, float]
) -> tuple[float, str]:
    pooled = (before * worth[0] + after * worth[1]) / sum(worth)
    least = min(worth) * min(pooled, 1 - pooled)
    if least < LEAST_EXPECTED and not groups.weighted:
        return _fisher(int(groups.first.sum()), int(groups.second.sum()), groups.n), "fisher"
    spread = pooled * (1 - pooled) * (1 / worth[0] + 1 / worth[1])
    if spread <= 0:
        return 1.0, "score"
    return _two_sided((after - before) / sqrt(spread)), "score"


def _fisher(before: int, after: int, n: tuple[int, int]) -> float:
    """All tables of these margins at most as likely as the one found."""
    inside = before + after
    possible = np.arange(max(0, inside - n[1]), min(inside, n[0]) + 1)

    def ways(of: int, chosen: Floats) -> Floats:
        logs: Floats = special.gammaln(chosen + 1.0) + special.gammaln(of - chosen + 1.0)
        return float(special.gammaln(of + 1.0)) - logs

    logs = ways(n[0], possible.astype(np.float64)) + ways(n[1], (inside - possible).astype(float))
    chances = np.exp(logs - logs.max())
    found = chances[before - possible[0]]
    # A hair of tolerance: equally likely tables differ in the last digits of their logarithms.
    as_rare = chances <= found * (1 + 1e-7)
    return min(1.0, float(chances[as_rare].sum() / chances.sum()))


def _paired_shares(groups: _Groups, worth: float) -> tuple[float, float, str]:
    """Newcombe's correlation of the two answers (continuity-corrected), p value and name of the test."""
    part = groups.first_weights / groups.first_weights.sum() * worth
    both = float(part[(groups.first == 1) & (groups.second == 1)].sum())
    won = float(part[(groups.first == 0) & (groups.second == 1)].sum())
    lost = float(part[(groups.first == 1) & (groups.second == 0)].sum())
    neither = float(part[(groups.first == 0) & (groups.second == 0)].sum())
    product = both * neither - won * lost
    if product > 0:
        product = max(0.0, product - worth / 2)
    margins = (both + won) * (lost + neither) * (both + lost) * (won + neither)
    together = product / sqrt(margins) if margins > 0 else 0.0
    changed = won + lost
    if not groups.weighted and changed < LEAST_CHANGED:
        fewer = min(round(won), round(lost))
        p = min(1.0, 2 * float(special.bdtr(fewer, round(changed), 0.5)))
        return together, p, "mcnemar_exact"
    p = _two_sided((won - lost) / sqrt(changed)) if changed > 0 else 1.0
    return together, p, "mcnemar"


def _welch(before: float, after: float, worth: tuple[float, float]) -> tuple[float, float]:
    """Standard error and degrees of freedom from the squared errors of the two means."""
    both = before + after
    if both == 0:
        return 0.0, 0.0
    # As shares of the whole, so that tiny squares do not vanish when squared again.
    parts = (before / both) ** 2 / (worth[0] - 1) + (after / both) ** 2 / (worth[1] - 1)
    return sqrt(both), 1 / parts


def _marks(what: str, answers: Floats) -> Floats:
    within(what, answers, *NPS_SCALE)
    broken = np.flatnonzero(answers != np.round(answers))
    if broken.size:
        raise MethodError(what, f"holds {answers[broken[0]]:g}, no point of the scale")
    marks: Floats = (answers >= PROMOTERS_FROM).astype(np.float64) - (answers <= DETRACTORS_UP_TO)
    return marks


def _moments(values: Floats, weights: Floats) -> tuple[float, float]:
    """Weighted mean and variance over n, as the variance of multinomial shares is."""
    part = weights / weights.sum()
    if float(np.ptp(values)) == 0:
        return float(values[0]), 0.0
    mean = float(part @ values)
    return mean, float(part @ (values - mean) ** 2)


def _two_sided(z: float) -> float:
    return float(2 * special.ndtr(-abs(z)))


def _verdict(low: float, high: float) -> Verdict:
    if low > 0:
        return "higher"
    return "lower" if high < 0 else "no_clear_difference"
