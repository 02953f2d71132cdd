"""BG/NBD and MBG/NBD: who is still a customer, and how often they will buy, where nobody gives notice.

While alive a customer buys at a rate of their own (gamma over customers); after a purchase they leave for good
with a chance of their own (beta over customers). In BG/NBD one can leave only after a repeat purchase, in
MBG/NBD also after the very first. Both share every formula once the chances to leave so far are counted: k = x
or k = x + 1.

Sources: Fader, Hardie, Lee 2005, Marketing Science 24; Batislam, Denizel, Filiztekin 2007, IJRM 24; Hoppe, Wagner
2007, Marketing JRM 29. What a fitted model foretells stands in `purchases.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betaln, gammaln, polygamma, psi

from zhike.methods.errors import MethodError
from zhike.methods.given import Floats, vector
from zhike.methods.likelihood import CLOSE, FAR, Curve, maximise

Whole: TypeAlias = NDArray[np.int64]
Kind: TypeAlias = Literal["BG/NBD", "MBG/NBD"]

NAMES = ("r", "alpha", "a", "b")
SAMPLE = 20_000
"""Distinct rows up to which every start climbs on all of them; with more, starts climb on about as many first."""
BLOCK = 8192
GRAINS = (1.0, 7.0, 365.25 / 12, 365.25, 24.0, 168.0)
"""Times are mostly whole days counted in days, weeks, months or years: then times this is whole."""


@dataclass(frozen=True, slots=True)
class LifetimeModel:
    """A fitted model. Times (`alpha`) are in the unit of the given times; `covariance` is in the order r,
    alpha, a, b.
    """

    method: Kind
    r: float
    alpha: float
    a: float
    b: float
    standard_errors: Mapping[str, float]
    covariance: Floats
    loglik: float
    n: float
    repeaters: float
    distinct_rows: int
    excluded: Mapping[str, int]
    steps: int

    @property
    def first_chance(self) -> int:
        """How many chances to leave a customer without repeat purchase has had: 1 in MBG/NBD, 0 in BG/NBD."""
        return 1 if self.method == "MBG/NBD" else 0

    @property
    def options(self) -> Mapping[str, object]:
        """What was chosen."""
        return {"method": self.method}


@dataclass(frozen=True, slots=True)
class Rows:
    """Distinct customers' histories: repeat days, indices into the distinct times, and how many customers
    share them.
    """

    x: Floats
    recency: Whole
    age: Whole
    count: Floats
    recencies: Floats
    ages: Floats


def fit_lifetime(
    x: ArrayLike,
    t_x: ArrayLike,
    T: ArrayLike,  # noqa: N803 — the letter of the papers
    counts: ArrayLike | None = None,
    *,
    method: Kind = "BG/NBD",
) -> LifetimeModel:
    """Maximum likelihood for BG/NBD or MBG/NBD, with standard errors from the observed information.

    Parameters, all of shape (rows,), numbers:
    `x` repeat purchases, whole, at least 0; `t_x` time of the last purchase and `T` time of observation, both
    counted from the first purchase in one unit, 0 ≤ t_x ≤ T; `t_x` is 0 exactly where `x` is 0. T is 0 for who
    came on the last day: nothing is learned from them, and they are foretold like anybody new.
    `counts` how many customers a row stands for (default 1 each), at least 0.

    Returns a `LifetimeModel`. Rows with a missing value (NaN) are left out and counted in `excluded`.
    Raises MethodError for values outside of these ranges (with the first row), when nobody bought again, and when
    the likelihood has no inner maximum, so that a parameter would run to 0 or without end.

    >>> x, t_x, T = [0, 1, 1, 2, 3, 6], [0, 7, 11, 20, 9, 30], [30] * 6
    >>> model = fit_lifetime(x, t_x, T, [150, 25, 20, 15, 10, 10])
    >>> model.n, model.repeaters, model.alpha > model.r
    (230.0, 80.0, True)
    """
    given, excluded = checked_history(x, t_x, T, counts)
    bought, recency, age, count = given
    total, repeaters = float(count.sum()), float(count[bought > 0].sum())
    if repeaters == 0:
        raise MethodError("x", "nobody bought a second time, so nothing tells leaving from waiting")
    rows = distinct(bought, recency, age, None if counts is None else count)
    chance = _chance(method)
    starts, ridge = _starts(rows, chance)
    peak = maximise("x, t_x, T", NAMES, _Surface(rows, chance), starts, total, ridge=ridge)
    errors = np.sqrt(np.diag(peak.covariance))
    r, alpha, a, b = map(float, peak.at)
    return LifetimeModel(
        method,
        r,
        alpha,
        a,
        b,
        dict(zip(NAMES, map(float, errors), strict=True)),
        peak.covariance,
        peak.loglik,
        total,
        repeaters,
        rows.x.size,
        excluded,
        peak.steps,
    )


def checked_history(
    x: ArrayLike,
    t_x: ArrayLike,
    T: ArrayLike,  # noqa: N803
    counts: ArrayLike | None = None,
) -> tuple[tuple[Floats, Floats, Floats, Floats], dict[str, int]]:
    """The four columns without rows that miss a value, and how many were left out; MethodError as
    `fit_lifetime`.
    """
    bought, recency, age = vector("x", x), vector("t_x", t_x), vector("T", T)
    count = np.ones(bought.size) if counts is None else vector("counts", counts)
    for name, column in (("t_x", recency), ("T", age), ("counts", count)):
        if column.size != bought.size:
            raise MethodError(name, f"has {column.size} rows, x has {bought.size}")
    is_sound = _is_sound(bought, recency, age)
    if not is_sound:
        _refuse_impossible(bought, recency, age)
    if np.isnan(count).any() or (count < 0).any():
        raise MethodError("counts", "must be numbers of at least 0, none missing")
    if is_sound:
        return (bought, recency, age, count), {}
    kept = ~(np.isnan(bought) | np.isnan(recency) | np.isnan(age))
    lost = int((~kept).sum())
    if lost == bought.size:
        raise MethodError("x, t_x, T", "every row misses a value")
    return (bought[kept], recency[kept], age[kept], count[kept]), {"missing": lost}


def _is_sound(bought: Floats, recency: Floats, age: Floats) -> bool:
    """Whether nothing is impossible or missing, in few passes: a missing value fails the comparisons."""
    return bool(
        ((bought >= 0) & (bought == np.rint(bought)) & (recency <= age)).all()
        and ((recency >= 0) & ((recency > 0) == (bought > 0))).all()
    )


def _refuse_impossible(bought: Floats, recency: Floats, age: Floats) -> None:
    _refuse(
        "x",
        bought,
        (bought < 0) | (np.abs(bought - np.rint(bought)) > 0),
        "no whole number from 0 on",
    )
    _refuse("T", age, age < 0, "before the first purchase")
    _refuse("t_x", recency, recency < 0, "before the first purchase")
    _refuse("t_x", recency, recency > age, "after the end of the observation T")
    _refuse("t_x", recency, (bought == 0) & (recency > 0), "though nothing was bought again")
    _refuse(
        "t_x", recency, (bought > 0) & (recency == 0), "though something was bought again later"
    )


def _refuse(what: str, column: Floats, wrong: NDArray[np.bool_], why: str) -> None:
    if wrong.any():
        row = int(wrong.argmax())
        raise MethodError(what, f"row {row + 1} is {column[row]:g}: {why}")


def _chance(method: str) -> int:
    if method not in ("BG/NBD", "MBG/NBD"):
        raise MethodError("method", f"is BG/NBD or MBG/NBD, not {method}")
    return 1 if method == "MBG/NBD" else 0


def distinct(x: Floats, recency: Floats, age: Floats, count: Floats | None) -> Rows:
    """Histories that occur, each once. One whole number a row is sorted: that makes a million customers quick."""
    ages, age_at = coded(age)
    recencies, recency_at = coded(recency)
    key = (x.astype(np.int64) * ages.size + age_at) * recencies.size + recency_at
    if count is None:
        key.sort()
        first = np.flatnonzero(np.concatenate(([True], key[1:] != key[:-1])))
        shared = np.diff(np.append(first, key.size)).astype(np.float64)
        key = key[first]
    else:
        key, row = np.unique(key, return_inverse=True)
        shared = np.asarray(np.bincount(row, weights=count), dtype=np.float64)
        key, shared = key[shared > 0], shared[shared > 0]
    rest, recency_at = np.divmod(key, recencies.size)
    bought, age_at = np.divmod(rest, ages.size)
    return Rows(bought.astype(np.float64), recency_at, age_at, shared, recencies, ages)


def coded(times: Floats) -> tuple[Floats, Whole]:
    """Distinct times in order, and each row's index among them; whole multiples of a grain need no sorting."""
    top = float(times.max())
    for grain in GRAINS:
        if top * grain > 4 * times.size + 100_000:
            continue
        whole = np.rint(times[:1000] * grain)
        if np.abs(times[:1000] * grain - whole).max() > 1e-7:
            continue
        scaled = times * grain
        whole = np.rint(scaled)
        if np.abs(scaled - whole).max() > 1e-7:
            continue
        at = whole.astype(np.int64)
        seen = np.bincount(at) > 0
        return np.flatnonzero(seen) / grain, (np.cumsum(seen) - 1)[at]
    values, at = np.unique(times, return_inverse=True)
    return values, at.astype(np.int64)


class _Surface:
    """Log-likelihood of the distinct histories, with gradient and Hessian, at (r, alpha, a, b).

    A history's likelihood is that of being alive all along, times 1 + e^d where d compares "left at the last
    purchase" with it. The first factor needs each x and each T once; only d needs every row.
    """

    def __init__(self, rows: Rows, chance: int) -> None:
        self.chance = chance
        self.times, self.ages = rows.recencies, rows.ages
        self.xs, at = coded(rows.x)
        self.of_x = np.bincount(at, weights=rows.count)
        self.of_age = np.bincount(rows.age, weights=rows.count, minlength=rows.ages.size)
        self.bought_by_age = np.bincount(
            rows.age, weights=rows.count * rows.x, minlength=rows.ages.size
        )
        may = rows.x + chance > 0
        self.x, self.count = rows.x[may], rows.count[may]
        self.recency, self.age = rows.recency[may], rows.age[may]

    def __call__(self, at: Floats) -> Curve:
        r, alpha, a, b = map(float, at)
        level, slope, bend = self._alive(r, alpha, a, b)
        times = np.log(alpha + self.ages), 1 / (alpha + self.ages)
        last = np.log(alpha + self.times), 1 / (alpha + self.times)
        # Blocks stay in the processor's cache, and are too small for its libraries to call other cores.
        for start in range(0, self.x.size, BLOCK):
            part = slice(start, start + BLOCK)
            age, recency = self.age[part], self.recency[part]
            rate, left = r + self.x[part], b + self.x[part] + (self.chance - 1)
            count = self.count[part]
            per_age, per_last = times[1][age], last[1][recency]
            parts = np.empty((4, rate.size))
            parts[0] = times[0][age] - last[0][recency]
            apart = per_age - per_last
            parts[1] = rate * apart
            parts[2] = 1 / a
            parts[3] = -1 / left
            d = np.log(a / left) + rate * parts[0]
            shrunk = np.exp(-np.abs(d))
            gone = np.where(d > 0, 1.0, shrunk) / (1 + shrunk)
            weight = count * gone
            level += float(count @ (np.log(1 + shrunk) + np.maximum(d, 0.0)))
            slope += parts @ weight
            bend += (parts * (weight * (1 - gone))) @ parts.T
            cross = float(weight @ apart)
            bend[0, 1] += cross
            bend[1, 0] += cross
            bend[1, 1] -= float((weight * parts[1]) @ (per_age + per_last))
            bend[2, 2] -= float(weight.sum()) / a**2
            bend[3, 3] += float(weight @ parts[3] ** 2)
        return level, slope, bend

    def _alive(self, r: float, alpha: float, a: float, b: float) -> Curve:
        x, k, n = self.xs, self.xs + self.chance, self.of_x
        total = float(n.sum())
        per, logs = 1 / (alpha + self.ages), np.log(alpha + self.ages)
        weight = r * self.of_age + self.bought_by_age
        level = float(
            n @ (gammaln(r + x) - gammaln(r) + betaln(a, b + k) - betaln(a, b))
            + total * r * np.log(alpha)
            - weight @ logs
        )
        by_a = n @ (psi(a + b) - psi(a + b + k))
        slope = np.array(
            [
                n @ (psi(r + x) - psi(r)) + total * np.log(alpha) - self.of_age @ logs,
                total * r / alpha - weight @ per,
                by_a,
                by_a + n @ (psi(b + k) - psi(b)),
            ]
        )
        bend = np.zeros((4, 4))
        bend[0, 0] = n @ (polygamma(1, r + x) - polygamma(1, r))
        bend[0, 1] = bend[1, 0] = total / alpha - self.of_age @ per
        bend[1, 1] = weight @ per**2 - total * r / alpha**2
        bend[2:, 2:] = n @ (polygamma(1, a + b) - polygamma(1, a + b + k))
        bend[3, 3] += n @ (polygamma(1, b + k) - polygamma(1, b))
        return level, slope, bend


def _starts(
    rows: Rows, chance: int, sizes: tuple[int, ...] | None = None
) -> tuple[list[Floats], float]:
    """Places to climb from, and how far they may be. With very many rows the peak of a systematic sample, begun
    from that of a smaller one: two or three steps are left. `sizes` of the samples, the largest first.
    """
    sizes = (SAMPLE, SAMPLE // 10) if sizes is None else sizes
    if sizes and rows.x.size // sizes[0] > 1:
        part = _sample(rows, rows.x.size // sizes[0])
        starts, ridge = _starts(part, chance, sizes[1:])
        n = float(part.count.sum())
        try:
            peak = maximise("sample", NAMES, _Surface(part, chance), starts, n, ridge=ridge)
        except MethodError:
            pass  # the whole may have a peak where the sample has none
        else:
            return [peak.at], CLOSE
    rate = float((rows.count @ rows.x) / (rows.count @ rows.ages[rows.age]))
    guesses = ((0.5, 0.8, 2.5), (2.0, 2.0, 8.0), (0.2, 0.3, 1.0))
    return [np.array([r, r / rate, a, b]) for r, a, b in guesses], FAR


def _sample(rows: Rows, step: int) -> Rows:
    """Who never bought again (few rows), and of the others each `step`-th row; both groups keep their weight."""
    is_again = rows.x > 0
    again, never = np.flatnonzero(is_again)[step // 2 :: step], np.flatnonzero(~is_again)
    kept = np.concatenate((never, again))
    count = rows.count[kept]
    count[: never.size] *= rows.count[again].sum() / rows.count[is_again].sum()
    return Rows(rows.x[kept], rows.recency[kept], rows.age[kept], count, rows.recencies, rows.ages)
