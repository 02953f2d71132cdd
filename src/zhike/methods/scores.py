"""Scores of one question, each with an interval: NPS, CSAT, CES, top and bottom boxes, means.

Every score takes weights (the effective number of answers is Kish's), a finite population and a confidence
level, and keeps the distribution of the answers it was made from.

Sources: Reichheld 2003 (NPS); Wilson 1927, JASA 22; Newcombe 1998, Statistics in Medicine 17; Kish 1965;
Cochran 1977.
"""

from dataclasses import dataclass
from math import sqrt
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from zhike.methods.errors import MethodError
from zhike.methods.given import Floats, share
from zhike.methods.scores_counting import Answers, Counted, Counts, Scale, count, effective_n

NPS_SCALE: Scale = (0, 10)
PROMOTERS_FROM = 9
DETRACTORS_UP_TO = 6


@dataclass(frozen=True, slots=True)
class Score:
    """A score with its interval.

    `unit`: "points" (NPS, -100 to 100), "share" (0 to 1) or "scale" (in points of the scale). `n` answers were
    counted, worth `effective_n` equally weighted ones; `excluded` says how many were not and why. `groups` are
    the weighted shares the score is made of. `notes` say in a sentence what to mind in reading the interval.
    """

    method: str
    options: dict[str, object]
    n: int
    excluded: dict[str, int]
    effective_n: float
    estimate: float
    standard_error: float
    low: float
    high: float
    unit: Literal["points", "share", "scale"]
    groups: dict[str, float]
    distribution: tuple[Answers, ...]
    notes: tuple[str, ...] = ()


def normal_quantile(level: float) -> float:
    """The z of a two-sided interval at this confidence level, 1.96 at 0.95."""
    return float(special.ndtri(0.5 + share("level", level) / 2))


def t_quantile(level: float, df: float) -> float:
    """Student's t of a two-sided interval at this confidence level; `df` > 0, need not be whole."""
    return float(special.stdtrit(df, 0.5 + share("level", level) / 2))


def wilson(successes: float, n: float, *, level: float = 0.95) -> tuple[float, float]:
    """Wilson's score interval of a share, without continuity correction.

    Parameters: `successes` in 0..`n`; `n` > 0, whole or an effective number; `level` in (0, 1).
    Returns (low, high) in 0..1; exactly 0 at no success and exactly 1 at nothing but successes.
    Raises MethodError outside of these ranges. Source: Wilson 1927; Newcombe 1998, method 3.

    >>> [round(end, 4) for end in wilson(81, 263)]
    [0.2553, 0.3662]
    """
    if not 0 < n < np.inf:
        raise MethodError("n", f"must be more than 0 and finite, got {n:g}")
    if not 0 <= successes <= n:
        raise MethodError("successes", f"{successes:g} do not lie between 0 and {n:g}")
    return _wilson(successes / n, 1 / n, normal_quantile(level))


def nps(
    answers: ArrayLike | Counts,
    *,
    weights: ArrayLike | None = None,
    population: int | None = None,
    level: float = 0.95,
    interval: Literal["variance", "wilson"] = "variance",
) -> Score:
    """Net promoter score: share of 9 and 10 less share of 0 to 6, times 100.

    Parameters: `answers` whole numbers 0..10, shape (n,), NaN = missing, or Counts; `weights` shape (n,), at
    least 0; `population` how many could have been asked, for the finite-population correction; `level` in (0, 1);
    `interval` "variance" (normal, from the variance of +1, 0, -1) or "wilson" (from the two Wilson intervals and
    the correlation of the two shares; keeps a width where all answers agree).
    Returns a Score in points, interval clipped to [-100, 100]; `groups` promoters, passives, detractors.
    Missing answers and those of weight 0 are left out and counted.
    Raises MethodError for values off the scale, nothing left to count, or a population below n.
    Source: Reichheld 2003; variance of a difference of multinomial shares; Newcombe 1998 for "wilson".

    >>> found = nps([10, 9, 9, 8, 7, 6, 3, 10, 9, 10])
    >>> found.estimate, round(found.low, 2), round(found.high, 2)
    (40.0, -9.58, 89.58)
    """
    z = normal_quantile(level)
    if interval not in ("variance", "wilson"):
        raise MethodError("interval", f"is {interval!r}; known are variance and wilson")
    counted = count(answers, weights, NPS_SCALE)
    plus = counted.share_of(counted.values >= PROMOTERS_FROM)
    minus = counted.share_of(counted.values <= DETRACTORS_UP_TO)
    net = plus - minus
    inverse = _part_unseen(counted.n, population) / counted.effective_n
    error = sqrt(nps_variance(plus, minus) * inverse)
    if interval == "variance":
        below = above = z * error
    else:
        below, above = _net_reach(plus, minus, inverse, z)
    notes = () if error > 0 or interval == "wilson" else (_no_width(population, counted.n),)
    return Score(
        "nps",
        _options(counted, level, population, interval=interval),
        counted.n,
        counted.excluded,
        counted.effective_n,
        100 * net,
        100 * error,
        max(-100.0, 100 * (net - below)),
        min(100.0, 100 * (net + above)),
        "points",
        {"promoters": plus, "passives": max(0.0, 1 - plus - minus), "detractors": minus},
        counted.distribution(),
        notes,
    )


def nps_variance(promoters: float, detractors: float) -> float:
    """Variance of one answer counted +1, 0 or -1, from the two shares (0..1); never below 0."""
    return max(0.0, promoters + detractors - (promoters - detractors) ** 2)


def csat(
    answers: ArrayLike | Counts,
    *,
    scale: Scale = (1, 5),
    top: int = 2,
    weights: ArrayLike | None = None,
    population: int | None = None,
    level: float = 0.95,
) -> Score:
    """Customer satisfaction: the share of answers among the `top` highest points, with Wilson's interval.

    Parameters: `answers` whole numbers on `scale` (lowest, highest point), shape (n,), NaN = missing; `top` from 1
    to one less than the points of the scale; `weights`, `population`, `level` as in `nps`.
    Returns a Score, unit "share". Missing answers and those of weight 0 are left out and counted.
    Raises MethodError for values off the scale, nothing left to count, or a population below n.
    Source: top-2-box convention of CSAT; interval of Wilson 1927, n replaced by Kish's effective n and divided by
    the finite-population factor.

    >>> found = csat([5, 4, 4, 3, 2, 5, float("nan")])
    >>> round(found.estimate, 4), round(found.low, 4), round(found.high, 4), found.excluded["missing"]
    (0.6667, 0.3, 0.9032, 1)
    """
    return _box("csat", "top", answers, scale, top, weights, population, level)


def top_box(
    answers: ArrayLike | Counts,
    *,
    scale: Scale,
    points: int = 1,
    weights: ArrayLike | None = None,
    population: int | None = None,
    level: float = 0.95,
) -> Score:
    """The share of answers among the `points` highest points of the scale; otherwise as `csat`.

    >>> top_box([7, 7, 6, 1], scale=(1, 7)).estimate
    0.5
    """
    return _box("top_box", "top", answers, scale, points, weights, population, level)


def bottom_box(
    answers: ArrayLike | Counts,
    *,
    scale: Scale,
    points: int = 1,
    weights: ArrayLike | None = None,
    population: int | None = None,
    level: float = 0.95,
) -> Score:
    """The share of answers among the `points` lowest points of the scale; otherwise as `csat`.

    >>> bottom_box([7, 7, 6, 1], scale=(1, 7), points=2).estimate
    0.25
    """
    return _box("bottom_box", "bottom", answers, scale, points, weights, population, level)


def ces(
    answers: ArrayLike | Counts,
    *,
    scale: Scale = (1, 7),
    weights: ArrayLike | None = None,
    population: int | None = None,
    level: float = 0.95,
) -> Score:
    """Customer effort score: the mean answer with Student's t interval; otherwise as `mean_score`.

    >>> found = ces([7, 6, 5, 6, 7, 4])
    >>> round(found.estimate, 3), round(found.low, 3), round(found.high, 3)
    (5.833, 4.606, 7.06)
    """
    return _mean("ces", answers, scale, weights, population, level)


def mean_score(
    answers: ArrayLike | Counts,
    *,
    scale: Scale,
    weights: ArrayLike | None = None,
    population: int | None = None,
    level: float = 0.95,
) -> Score:
    """The mean answer with Student's t interval, which is not clipped to the scale.

    Parameters: `answers` whole numbers on `scale`, shape (n,), NaN = missing; others as in `nps`.
    Returns a Score, unit "scale"; `effective_n` - 1 degrees of freedom, standard deviation over n - 1.
    Missing answers and those of weight 0 are left out and counted.
    Raises MethodError for values off the scale, fewer than two (effective) answers, or a population below n.
    Source: Student's interval; Cochran 1977 for the factor 1 - n / population.

    >>> round(mean_score([1, 2, 3], scale=(1, 5)).standard_error, 6)  # 1 / sqrt(3)
    0.57735
    """
    return _mean("mean", answers, scale, weights, population, level)


def _box(
    method: str,
    end: Literal["top", "bottom"],
    answers: ArrayLike | Counts,
    scale: Scale,
    points: int,
    weights: ArrayLike | None,
    population: int | None,
    level: float,
) -> Score:
    z = normal_quantile(level)
    counted = count(answers, weights, scale)
    low, high = counted.scale
    if points != int(points) or not 1 <= points <= high - low:
        raise MethodError(end, f"must be a whole number from 1 to {high - low}, got {points:g}")
    inside = counted.values > high - points if end == "top" else counted.values < low + points
    found = counted.share_of(inside)
    inverse = _part_unseen(counted.n, population) / counted.effective_n
    below, above = _wilson(found, inverse, z)
    return Score(
        method,
        _options(counted, level, population, interval="wilson", **{end: int(points)}),
        counted.n,
        counted.excluded,
        counted.effective_n,
        found,
        sqrt(found * (1 - found) * inverse),
        below,
        above,
        "share",
        {"inside": found, "outside": 1 - found},
        counted.distribution(),
    )


def _mean(
    method: str,
    answers: ArrayLike | Counts,
    scale: Scale,
    weights: ArrayLike | None,
    population: int | None,
    level: float,
) -> Score:
    share("level", level)
    counted = count(answers, weights, scale)
    mean, variance = _mean_and_variance(
        counted.values.astype(np.float64), counted.weights, counted.effective_n
    )
    _part_unseen(counted.n, population)
    unseen = 1.0 if population is None else 1 - counted.n / population
    error = sqrt(variance / counted.effective_n * unseen)
    reach = t_quantile(level, counted.effective_n - 1) * error
    return Score(
        method,
        _options(counted, level, population, interval="t"),
        counted.n,
        counted.excluded,
        counted.effective_n,
        mean,
        error,
        mean - reach,
        mean + reach,
        "scale",
        {},
        counted.distribution(),
        () if error > 0 else (_no_width(population, counted.n),),
    )


def mean_and_variance(values: Floats, weights: Floats) -> tuple[float, float]:
    """Weighted mean, and variance with n - 1 (n the effective number), of values without missing ones.

    Raises MethodError below two effective answers: there is no telling how far they spread.
    """
    return _mean_and_variance(values, weights, effective_n(weights))


def _mean_and_variance(values: Floats, weights: Floats, worth: float) -> tuple[float, float]:
    if worth < 2 - 1e-9:
        raise MethodError(
            "answers", f"{values.size} (worth {worth:.3g} after weighting): at least 2 are needed"
        )
    part = weights / weights.sum()
    mean = float(part @ values)
    spread = float(part @ (values - mean) ** 2)
    # Equal answers can leave a rounding rest in the mean; their spread is 0.
    if float(np.ptp(values)) == 0:
        return float(values[0]), 0.0
    return mean, spread * worth / (worth - 1)


def _options(
    counted: Counted, level: float, population: int | None, **others: object
) -> dict[str, object]:
    return {
        "scale": counted.scale,
        "level": level,
        "population": population,
        "weighted": counted.weighted,
        **others,
    }


def _part_unseen(n: int, population: int | None) -> float:
    """(N - n) / (N - 1): what is left of the variance of a share when n of N were seen."""
    if population is None:
        return 1.0
    if population != int(population) or population < n:
        raise MethodError("population", f"must be a whole number of at least {n}, got {population}")
    return 0.0 if population == n else (population - n) / (population - 1)


def _wilson(found: float, inverse_n: float, z: float) -> tuple[float, float]:
    """By 1/n instead of n, so that a full count (1/n = 0) needs no case of its own."""
    extra = z * z * inverse_n
    centre = (found + extra / 2) / (1 + extra)
    half = sqrt(extra * found * (1 - found) + extra * extra / 4) / (1 + extra)
    low = 0.0 if found == 0 else min(found, max(0.0, centre - half))
    high = 1.0 if found == 1 else max(found, min(1.0, centre + half))
    return low, high


def _net_reach(plus: float, minus: float, inverse: float, z: float) -> tuple[float, float]:
    """How far the difference of two shares of one multinomial reaches down and up from its estimate."""
    plus_low, plus_high = _wilson(plus, inverse, z)
    minus_low, minus_high = _wilson(minus, inverse, z)
    rest = (1 - plus) * (1 - minus)
    together = -sqrt(plus * minus / rest) if rest > 0 else 0.0
    return (
        root_of_squares(plus - plus_low, minus_high - minus, together),
        root_of_squares(plus_high - plus, minus - minus_low, together),
    )


def root_of_squares(one: float, other: float, together: float) -> float:
    """How far a difference reaches when its parts reach so far and are so correlated (Newcombe 1998)."""
    return sqrt(max(0.0, one * one - 2 * together * one * other + other * other))


def _no_width(population: int | None, n: int) -> str:
    if population == n:
        return "Everybody was asked and answered: there is no sampling error left."
    return "All answers count the same: the interval has no width, which is no proof of certainty."
