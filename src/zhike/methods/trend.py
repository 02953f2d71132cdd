"""Does a figure rise or fall over the periods: a weighted straight line, and a test that needs no line."""

from dataclasses import dataclass
from math import comb, sqrt
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from zhike.methods.errors import MethodError
from zhike.methods.given import Floats, share, vector, weights_for
from zhike.methods.scores import t_quantile

Verdict = Literal["rising", "falling", "no_clear_trend"]

# All pairs of periods are looked at; this many make 4.5 million.
MOST_PERIODS = 3000
# Up to here, and without ties, the distribution of Kendall's S is counted out.
MOST_EXACT = 30


@dataclass(frozen=True, slots=True)
class MannKendall:
    """Monotone trend: `s` rises less falls over all pairs of periods, `tau` the same within -1..1 (tau-b).

    `p` is two-sided, counted out where `exact`, else by the normal curve with continuity correction. `sen_slope`
    is the median of all slopes between two periods, `n` periods were compared.
    """

    n: int
    s: int
    tau: float
    p: float
    exact: bool
    sen_slope: float


@dataclass(frozen=True, slots=True)
class Trend:
    """`slope` per unit of `periods` with its interval; the line is intercept + slope · period.

    `verdict` is "rising" or "falling" when the interval leaves out 0, else "no_clear_trend".
    `agree` says whether Mann and Kendall's test at the same level comes to the same.
    """

    method: str
    options: dict[str, object]
    n: int
    excluded: dict[str, int]
    slope: float
    standard_error: float
    low: float
    high: float
    p: float
    intercept: float
    r2: float
    verdict: Verdict
    mann_kendall: MannKendall
    agree: bool


def trend(
    values: ArrayLike,
    *,
    periods: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    level: float = 0.95,
) -> Trend:
    """The linear slope over periods with Student's t interval, and Mann and Kendall's test beside it.

    Parameters: `values` one figure a period, shape (n,), NaN = no figure; `periods` their places on the time
    axis, shape (n,), any unit, strictly rising, default 1, 2, 3, …; `weights` how much each figure counts, such as
    its number of answers (inversely proportional to its variance), at least 0; `level` in (0, 1).
    Returns a Trend; n - 2 degrees of freedom. Mann and Kendall's part is not weighted.
    Periods without a figure or of weight 0 keep their place on the axis, are left out and counted.
    Raises MethodError for fewer than 3 or more than 3,000 figures, values that never change, periods that do
    not rise.
    Source: weighted least squares; Mann 1945, Kendall 1975; Sen 1968 for the median slope.

    >>> found = trend([70, 72, 71, 75, 76, 78])
    >>> round(found.slope, 3), found.verdict, found.mann_kendall.s
    (1.6, 'rising', 13)
    """
    share("level", level)
    found = vector("values", values)
    axis = _axis(found, periods)
    heavy = weights_for(found, weights)
    missing = np.isnan(found)
    kept = ~missing & (heavy > 0)
    n = int(kept.sum())
    if not 3 <= n <= MOST_PERIODS:
        raise MethodError("values", f"{n} can be used; a trend needs 3 to {MOST_PERIODS:,}")
    y, x, w = found[kept], axis[kept], heavy[kept]
    if float(np.ptp(y)) == 0:
        raise MethodError("values", f"are {y[0]:g} in every period: there is no trend to test")
    slope, intercept, error, r2 = _line(y, x, w / w.sum())
    df = n - 2
    reach = t_quantile(level, df) * error
    low, high = slope - reach, slope + reach
    p = float(2 * special.stdtr(df, -abs(slope) / error)) if error > 0 else 0.0
    verdict = _verdict(low > 0 or high < 0, slope)
    ranks = _mann_kendall(y, x)
    return Trend(
        "trend",
        {"level": level, "weighted": weights is not None, "periods_given": periods is not None},
        n,
        {"missing": int(missing.sum()), "zero_weight": int((~missing & (heavy == 0)).sum())},
        slope,
        error,
        low,
        high,
        p,
        intercept,
        r2,
        verdict,
        ranks,
        _verdict(ranks.p < 1 - level, ranks.s) == verdict,
    )


def _verdict(clear: bool, direction: float) -> Verdict:
    if not clear:
        return "no_clear_trend"
    return "rising" if direction > 0 else "falling"


def _axis(found: Floats, periods: ArrayLike | None) -> Floats:
    if periods is None:
        return np.arange(1.0, found.size + 1)
    axis = vector("periods", periods)
    if axis.size != found.size:
        raise MethodError("periods", f"{axis.size} for {found.size} values")
    # Written so that a missing period, which compares as false, is caught too.
    standing = np.flatnonzero(~(np.diff(axis) > 0))
    if standing.size or np.isnan(axis).any():
        row = int(standing[0]) + 2 if standing.size else 1
        raise MethodError("periods", f"row {row} does not come after the one before it")
    return axis


def _line(y: Floats, x: Floats, part: Floats) -> tuple[float, float, float, float]:
    """Slope, intercept, standard error of the slope and R² of the weighted line; `part` sums to 1."""
    x_mean, y_mean = float(part @ x), float(part @ y)
    # In units of their largest, so that very small figures keep their squares.
    size = float(np.abs(y - y_mean).max())
    across, up = x - x_mean, (y - y_mean) / size
    width = float(part @ across**2)
    height = float(part @ up**2)
    slope = float(part @ (across * up)) / width
    rest = float(part @ (up - slope * across) ** 2)
    error = sqrt(rest / (y.size - 2) / width)
    r2 = min(1.0, max(0.0, 1 - rest / height))
    return slope * size, y_mean - slope * size * x_mean, error * size, r2


def _mann_kendall(y: Floats, x: Floats) -> MannKendall:
    n = y.size
    earlier, later = np.triu_indices(n, 1)
    steps = y[later] - y[earlier]
    s = int(np.sign(steps).sum())
    sen = float(np.median(steps / (x[later] - x[earlier])))
    counts = np.unique(y, return_counts=True)[1].astype(np.float64)
    pairs = n * (n - 1) / 2
    untied = pairs - float((counts * (counts - 1) / 2).sum())
    tau = s / sqrt(pairs * untied)
    if n <= MOST_EXACT and counts.max() == 1:
        return MannKendall(n, s, tau, _exact_p(n, s), True, sen)
    spread = (
        n * (n - 1) * (2 * n + 5) - float((counts * (counts - 1) * (2 * counts + 5)).sum())
    ) / 18
    z = max(0, abs(s) - 1) / sqrt(spread)
    return MannKendall(n, s, tau, float(2 * special.ndtr(-z)), False, sen)


def _exact_p(n: int, s: int) -> float:
    """Share of all n! orders whose S is as far from 0, by counting orders by their number of falls."""
    orders = np.ones(1)
    for size in range(2, n + 1):
        orders = np.convolve(orders, np.ones(size)) / size
    falls = (comb(n, 2) - abs(s)) // 2
    return min(1.0, float(2 * orders[: falls + 1].sum()))
