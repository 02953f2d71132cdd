"""Gamma–Gamma: what a customer's purchases are worth on average, and the discounted value of those to come.

A customer's single purchases vary by gamma(p, ν) around a mean of their own, and ν varies over customers by
gamma(q, v). So the average of few purchases is drawn towards everybody's mean, that of many is believed.

Sources: Fader, Hardie, Lee 2005, JMR 42 (value); Fader, Hardie 2013, “The Gamma-Gamma Model of Monetary Value”.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammaln, polygamma, psi

from zhike.methods.errors import MethodError
from zhike.methods.given import Floats, vector
from zhike.methods.lifetime import LifetimeModel, coded
from zhike.methods.likelihood import CLOSE, FAR, Curve, maximise
from zhike.methods.purchases import ahead, checked_customers, p_alive

NAMES = ("p", "q", "v")
SAMPLE = 20_000
BLOCK = 8192


@dataclass(frozen=True, slots=True)
class SpendModel:
    """A fitted Gamma–Gamma model; `v` is in the currency given. `correlation` of number and mean should be
    near 0.
    """

    method: str
    p: float
    q: float
    v: float
    standard_errors: Mapping[str, float]
    covariance: Floats
    loglik: float
    n: float
    excluded: Mapping[str, int]
    correlation: float | None
    steps: int

    @property
    def mean(self) -> float:
        """The mean of all customers' means, p·v/(q − 1). MethodError where q ≤ 1: then it is without end."""
        if self.q <= 1:
            raise MethodError(
                "q", f"is {self.q:g}; at or below 1 the mean spend of all has no finite value"
            )
        return self.p * self.v / (self.q - 1)

    @property
    def options(self) -> Mapping[str, object]:
        """There is nothing to choose."""
        return {}


@dataclass(frozen=True, slots=True)
class Value:
    """Discounted value per customer, in the currency given, and what went into it."""

    method: str
    per_customer: Floats
    n: int
    options: Mapping[str, float]

    @property
    def total(self) -> float:
        return float(self.per_customer.sum())

    @property
    def excluded(self) -> Mapping[str, int]:
        """Nobody: a gap is refused."""
        return {}


def fit_spend(x: ArrayLike, mean_spend: ArrayLike, counts: ArrayLike | None = None) -> SpendModel:
    """Maximum likelihood of the Gamma–Gamma model, with standard errors from the observed information.

    Parameters, shape (rows,): `x` repeat purchases, whole, at least 0; `mean_spend` their mean worth, any
    currency;
    `counts` how many customers a row stands for (default 1 each), at least 0.

    Only customers who bought again at a mean above 0 say anything: others, and rows with a missing value, are left
    out and counted in `excluded` under `missing`, `no_repeat` and `no_positive_spend`.
    Raises MethodError for an `x` that is no whole number, with fewer than three customers left, and when the
    likelihood has no inner maximum (for instance when everybody spends the same).

    >>> x, mean = [4, 2, 4, 6, 6, 2, 4, 2, 4, 6, 6, 1], [13, 16, 21, 37, 43, 5, 25, 6, 41, 16, 9, 13]
    >>> model = fit_spend(x, mean)
    >>> model.n, 20 < model.mean < 25
    (12.0, True)
    """
    bought, mean = vector("x", x), vector("mean_spend", mean_spend)
    count = np.ones(bought.size) if counts is None else vector("counts", counts)
    for name, column in (("mean_spend", mean), ("counts", count)):
        if column.size != bought.size:
            raise MethodError(name, f"has {column.size} rows, x has {bought.size}")
    if np.isnan(count).any() or (count < 0).any():
        raise MethodError("counts", "must be numbers of at least 0, none missing")
    wrong = (bought < 0) | (np.abs(bought - np.rint(bought)) > 0)
    if wrong.any():
        row = int(wrong.argmax())
        raise MethodError("x", f"row {row + 1} is {bought[row]:g}: no whole number from 0 on")
    kept, excluded = _telling(bought, mean)
    kept &= count > 0
    bought, mean, count = bought[kept], mean[kept], count[kept]
    n = float(count.sum())
    if n < 3:
        raise MethodError(
            "mean_spend", f"needs 3 customers with repeat purchases worth something, got {n:g}"
        )
    # In units of the typical mean: whether v has run away must not depend on the currency.
    unit = float(np.exp(count @ np.log(mean) / n))
    mean = mean / unit
    surface = _Surface(bought, mean, count)
    starts, ridge = _starts(bought, mean, count)
    peak = maximise("x, mean_spend", NAMES, surface, starts, n, ridge=ridge)
    scales = np.array([1.0, 1.0, unit])
    covariance = peak.covariance * np.outer(scales, scales)
    errors = np.sqrt(np.diag(covariance))
    p, q, v = map(float, peak.at * scales)
    return SpendModel(
        "Gamma–Gamma",
        p,
        q,
        v,
        dict(zip(NAMES, map(float, errors), strict=True)),
        covariance,
        peak.loglik - n * float(np.log(unit)),
        n,
        excluded,
        _correlation(bought, mean, count),
        peak.steps,
    )


def expected_spend(model: SpendModel, x: ArrayLike, mean_spend: ArrayLike) -> Floats:
    """Worth each customer's next purchase is expected to have; shape (rows,), in the model's currency.

    `x`, `mean_spend` as in `fit_spend`. Who never bought again, and whose mean is not above 0 (left out of the
    fit), is expected at the mean of all; `mean_spend` may be missing there. Raises MethodError for other
    missing values and, where the mean of all is needed, for q ≤ 1.

    >>> x, mean = [4, 2, 4, 6, 6, 2, 4, 2, 4, 6, 6, 1], [13, 16, 21, 37, 43, 5, 25, 6, 41, 16, 9, 13]
    >>> model = fit_spend(x, mean)
    >>> one, many = expected_spend(model, [1, 50], [90, 90])
    >>> bool(model.mean < one < many < 90)
    True
    """
    bought, mean = vector("x", x), vector("mean_spend", mean_spend)
    if mean.size != bought.size:
        raise MethodError("mean_spend", f"has {mean.size} rows, x has {bought.size}")
    if np.isnan(bought).any():
        raise MethodError("x", f"row {int(np.isnan(bought).argmax()) + 1} is missing")
    unknown = (bought > 0) & np.isnan(mean)
    if unknown.any():
        raise MethodError("mean_spend", f"row {int(unknown.argmax()) + 1} is missing")
    telling = (bought > 0) & (np.nan_to_num(mean) > 0)
    expected = np.empty(bought.size)
    some = bought[telling]
    # For q ≤ 1 and few purchases this denominator stays above 0 whenever p·x > 1 − q.
    weight = model.p * some + model.q - 1
    if (weight <= 0).any():
        raise MethodError(
            "q", f"is {model.q:g}; at so few purchases the expected spend has no finite value"
        )
    expected[telling] = model.p * (model.v + some * mean[telling]) / weight
    if not telling.all():
        expected[~telling] = model.mean
    return expected


def discounted_value(
    purchases: LifetimeModel,
    spend: SpendModel,
    x: ArrayLike,
    t_x: ArrayLike,
    T: ArrayLike,  # noqa: N803 — the letter of the papers
    mean_spend: ArrayLike,
    *,
    horizon: float,
    rate: float,
    margin: float = 1.0,
    step: float = 1.0,
) -> Value:
    """Worth today of what each customer is expected to buy within `horizon` after T.

    History and `mean_spend`, shape (rows,), as in `fit_lifetime` and `fit_spend`. `horizon` and `step` in the
    unit of the model, above 0; the last step may be shorter. `rate` is the discount rate per unit of time,
    above −1 (12 % a year is 1.12 ** (7 / 365.25) − 1 a week). `margin`, above 0 to 1, is the share of spend
    that is earned. Purchases within a step are discounted from its middle.

    Returns a `Value`. Raises MethodError for options out of range, impossible histories and missing values.

    >>> from zhike.methods.lifetime import fit_lifetime
    >>> x, t_x, T = [0, 1, 1, 2, 3, 6], [0, 7, 11, 20, 9, 30], [30] * 6
    >>> who = fit_lifetime(x, t_x, T, [150, 25, 20, 15, 10, 10])
    >>> bought, mean = [4, 2, 4, 6, 6, 2, 4, 2, 4, 6, 6, 1], [13, 16, 21, 37, 43, 5, 25, 6, 41, 16, 9, 13]
    >>> much = fit_spend(bought, mean)
    >>> found = discounted_value(who, much, [2, 0], [22, 0], [33, 30], [25, 0], horizon=52, rate=0.002)
    >>> found.n, found.options["horizon"]
    (2, 52.0)
    """
    for name, value in (("horizon", horizon), ("step", step)):
        if not 0 < value < np.inf:
            raise MethodError(name, f"must be above 0, got {value:g}")
    if not -1 < rate < np.inf:
        raise MethodError("rate", f"must be above -1, got {rate:g}")
    if not 0 < margin <= 1:
        raise MethodError("margin", f"must lie above 0 and at most at 1, got {margin:g}")
    if horizon / step > 100_000:
        raise MethodError(
            "step", f"cuts the horizon into {horizon / step:.0f} pieces; at most 100,000"
        )
    bought, _, age = checked_customers(x, t_x, T)
    times = np.append(np.arange(step, horizon * (1 - 1e-12), step), horizon)
    begins = np.concatenate(([0.0], times[:-1]))
    today = np.exp(-np.log1p(rate) * (begins + times) / 2)
    # Σ D·(E(end) − E(begin)) = Σ E(end)·(D − D of the next step).
    counts = p_alive(purchases, x, t_x, T) * ahead(
        purchases, bought, age, times, today - np.append(today[1:], 0.0)
    )
    worth = margin * counts * expected_spend(spend, x, mean_spend)
    options = {
        "horizon": float(horizon),
        "rate": float(rate),
        "margin": float(margin),
        "step": float(step),
    }
    return Value(f"{purchases.method} × {spend.method}", worth, worth.size, options)


def _telling(x: Floats, mean: Floats) -> tuple[NDArray[np.bool_], dict[str, int]]:
    """Rows that say something about spend, and why how many others do not; a row is counted once."""
    missing = np.isnan(x) | np.isnan(mean) & (x != 0)
    never = ~missing & (x == 0)
    nothing = ~missing & ~never & (mean <= 0)
    named = {"missing": missing, "no_repeat": never, "no_positive_spend": nothing}
    excluded = {name: int(which.sum()) for name, which in named.items() if which.any()}
    return ~(missing | never | nothing), excluded


def _correlation(x: Floats, mean: Floats, count: Floats) -> float | None:
    """Pearson's correlation of number and mean: the model takes them as independent. None if one is constant."""
    if x.min() == x.max() or mean.min() == mean.max():
        return None
    # By the largest first: squares of extreme means would leave the range of numbers.
    mean = mean / mean.max()
    dx, dm = x - np.average(x, weights=count), mean - np.average(mean, weights=count)
    return float((count * dx) @ dm / np.sqrt((count * dx) @ dx * ((count * dm) @ dm)))


class _Surface:
    """Log-likelihood with gradient and Hessian at (p, q, v). Each row costs one logarithm and one division."""

    def __init__(self, x: Floats, mean: Floats, count: Floats) -> None:
        self.sums = x * mean
        self.weights = np.stack([count, count * x])
        self.xs, at = coded(x)
        self.of_x = np.bincount(at, weights=count)
        self.n, self.bought = float(count.sum()), float(count @ x)
        self.log_sums = float(self.weights[1] @ np.log(self.sums))
        self.log_means = float(count @ np.log(mean))

    def __call__(self, at: Floats) -> Curve:
        p, q, v = map(float, at)
        x, n = self.xs, self.of_x
        # Rows: by customer and by purchase; columns: Σ log(v + m), Σ 1/(v + m), Σ 1/(v + m)².
        sums = np.zeros((2, 3))
        for start in range(0, self.sums.size, BLOCK):
            part = slice(start, start + BLOCK)
            raised = v + self.sums[part]
            inverse = 1 / raised
            sums += self.weights[:, part] @ np.stack([np.log(raised), inverse, inverse**2], axis=1)
        logs, firsts, seconds = sums.T
        both, alone, shape = psi(p * x + q), psi(p * x), polygamma(1, p * x + q)
        level = (
            n @ (gammaln(p * x + q) - gammaln(p * x))
            + self.n * (q * np.log(v) - gammaln(q))
            + p * self.log_sums
            - self.log_means
            - p * logs[1]
            - q * logs[0]
        )
        slope = np.array(
            [
                (n * x) @ (both - alone) + self.log_sums - logs[1],
                n @ both + self.n * (np.log(v) - psi(q)) - logs[0],
                self.n * q / v - p * firsts[1] - q * firsts[0],
            ]
        )
        bend = np.empty((3, 3))
        bend[0, 0] = (n * x**2) @ (shape - polygamma(1, p * x))
        bend[0, 1] = bend[1, 0] = (n * x) @ shape
        bend[1, 1] = n @ shape - self.n * polygamma(1, q)
        bend[0, 2] = bend[2, 0] = -firsts[1]
        bend[1, 2] = bend[2, 1] = self.n / v - firsts[0]
        bend[2, 2] = -self.n * q / v**2 + p * seconds[1] + q * seconds[0]
        return float(level), slope, bend


def _starts(x: Floats, mean: Floats, count: Floats) -> tuple[list[Floats], float]:
    # Means are in units of the typical one: v begins where the mean of all is 1, whatever a single one is.
    places = [np.array([p, q, (q - 1) / p]) for p, q in ((2.0, 3.0), (6.0, 4.0), (1.0, 1.5))]
    step = x.size // SAMPLE
    if step > 1:
        part = slice(step // 2, None, step)
        surface = _Surface(x[part], mean[part], count[part])
        try:
            peak = maximise("sample", NAMES, surface, places, float(count[part].sum()))
        except MethodError:
            pass  # the whole may have a peak where the sample has none
        else:
            return [peak.at], CLOSE
    return places, FAR
