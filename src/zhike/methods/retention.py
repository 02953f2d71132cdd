"""Shifted beta-geometric (sBG): how many customers under contract renew, and for how long, where leaving is seen.

Each customer cancels at every renewal with a chance of their own, beta(alpha, beta) over customers. The fickle
leave first, so that the share renewing rises with age though nobody changes.

Source: Fader, Hardie 2007, Journal of Interactive Marketing 21 (model); 2010, Marketing Science 29 (residual
lifetime).
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import betaln, hyp2f1, polygamma, psi

from zhike.methods.errors import MethodError
from zhike.methods.given import Floats, vector
from zhike.methods.likelihood import Curve, maximise

NAMES = ("alpha", "beta")


@dataclass(frozen=True, slots=True)
class RetentionModel:
    """A fitted sBG model; `periods` are those seen, `survivors` the fitted numbers after 0, 1, … of them."""

    method: str
    alpha: float
    beta: float
    standard_errors: Mapping[str, float]
    covariance: Floats
    loglik: float
    n: float
    periods: int
    survivors: Floats
    steps: int

    @property
    def options(self) -> Mapping[str, object]:
        """There is nothing to choose."""
        return {}

    @property
    def excluded(self) -> Mapping[str, int]:
        """Nobody: a gap is refused."""
        return {}


def fit_retention(survivors: ArrayLike) -> RetentionModel:
    """Maximum likelihood of the sBG model for one cohort, with standard errors from the observed information.

    `survivors`, shape (periods + 1,): customers at the start, then those left after each renewal; numbers
    above 0 at the start, never rising, at least two renewals. No value may be missing: a gap would move losses
    to another period.

    Raises MethodError otherwise, when nobody left, and when the likelihood has no inner maximum (for instance when
    the share renewing does not rise: then nothing tells customers apart).

    >>> model = fit_retention([1000, 869, 743, 653, 593, 551, 517, 491])
    >>> round(model.alpha, 3), round(model.beta, 3)
    (0.668, 3.806)
    """
    left = vector("survivors", survivors, least=3)
    if np.isnan(left).any():
        raise MethodError("survivors", f"row {int(np.isnan(left).argmax()) + 1} is missing")
    if left[0] <= 0 or left[-1] < 0:
        raise MethodError("survivors", "must start above 0 and never fall below 0")
    rising = np.flatnonzero(np.diff(left) > 0)
    if rising.size:
        row = int(rising[0]) + 2
        raise MethodError(
            "survivors", f"row {row} is {left[row - 1]:g}, more than before; a cohort cannot grow"
        )
    if left[0] == left[-1]:
        raise MethodError("survivors", "nobody left, so nothing tells how long customers stay")
    n = float(left[0])
    starts = [np.array(place) for place in ((1.0, 3.0), (0.5, 0.5), (5.0, 10.0))]
    peak = maximise("survivors", NAMES, lambda at: _curve(left, at), starts, n)
    alpha, beta = map(float, peak.at)
    errors = np.sqrt(np.diag(peak.covariance))
    fitted = n * _surviving(alpha, beta, np.arange(float(left.size)))
    return RetentionModel(
        "sBG",
        alpha,
        beta,
        dict(zip(NAMES, map(float, errors), strict=True)),
        peak.covariance,
        peak.loglik,
        n,
        left.size - 1,
        fitted,
        peak.steps,
    )


def survival(model: RetentionModel, periods: int) -> Floats:
    """Share of a new cohort still there after 0, 1, …, `periods` renewals; shape (periods + 1,), falling from
    1.

    Raises MethodError where `periods` is no whole number from 0 on.

    >>> model = fit_retention([1000, 869, 743, 653, 593, 551, 517, 491])
    >>> survival(model, 2).round(3).tolist()
    [1.0, 0.851, 0.747]
    """
    return _surviving(model.alpha, model.beta, np.arange(_whole("periods", periods) + 1.0))


def retention(model: RetentionModel, periods: int) -> Floats:
    """Share of those there that renews at the 1st, …, `periods`-th renewal; shape (periods,), rising.

    Raises MethodError where `periods` is no whole number from 0 on.

    >>> model = fit_retention([1000, 869, 743, 653, 593, 551, 517, 491])
    >>> retention(model, 2).round(3).tolist()
    [0.851, 0.878]
    """
    at = np.arange(1, _whole("periods", periods) + 1)
    return np.asarray((model.beta + at - 1) / (model.alpha + model.beta + at - 1))


def residual_periods(model: RetentionModel, renewals: int, rate: float) -> float:
    """Discounted number of periods still to come from a customer just before the next renewal decision.

    `renewals` made so far, at least 0; `rate` the discount rate per period, above 0. The first period to come
    counts in full if it is renewed: Σ over i ≥ 0 of (1 + rate)^−i · S(renewals + 1 + i)/S(renewals). Times the
    margin of a period it is the customer's residual value.

    >>> model = fit_retention([1000, 869, 743, 653, 593, 551, 517, 491])
    >>> residual_periods(model, 4, 0.1) > residual_periods(model, 0, 0.1)
    True
    """
    at = _whole("renewals", renewals)
    if not 0 < rate < np.inf:
        raise MethodError("rate", f"must be above 0, got {rate:g}")
    alpha, beta = model.alpha, model.beta
    renews = (beta + at) / (alpha + beta + at)
    return float(renews * hyp2f1(1.0, beta + at + 1, alpha + beta + at + 1, 1 / (1 + rate)))


def _whole(what: str, number: int) -> int:
    if number != int(number) or number < 0:
        raise MethodError(what, f"must be a whole number from 0 on, got {number}")
    return int(number)


def _surviving(alpha: float, beta: float, at: Floats) -> Floats:
    return np.asarray(np.exp(betaln(alpha, beta + at) - betaln(alpha, beta)))


def _curve(left: Floats, at: Floats) -> Curve:
    """Leaving at renewal t has the chance B(alpha + 1, beta + t − 1)/B(alpha, beta); staying B(alpha, beta +
    t)/B.
    """
    alpha, beta = map(float, at)
    periods = left.size - 1
    gone = np.append(-np.diff(left), 0.0)
    stay = np.append(np.zeros(periods), left[-1])
    t = np.append(np.arange(1.0, periods + 1), periods)
    # Both are B(alpha + e, beta + f): e = 1, f = t − 1 for those gone, e = 0, f = t for those who stay.
    first = np.where(gone > 0, alpha + 1, alpha)
    second = np.where(stay > 0, beta + t, beta + t - 1)
    weight = gone + stay
    n = float(weight.sum())
    whole = alpha + beta + t
    level = float(weight @ betaln(first, second) - n * betaln(alpha, beta))
    common = n * psi(alpha + beta) - weight @ psi(whole)
    slope = np.array(
        [
            weight @ psi(first) - n * psi(alpha) + common,
            weight @ psi(second) - n * psi(beta) + common,
        ]
    )
    shared = n * polygamma(1, alpha + beta) - weight @ polygamma(1, whole)
    bend = np.full((2, 2), float(shared))
    bend[0, 0] += weight @ polygamma(1, first) - n * polygamma(1, alpha)
    bend[1, 1] += weight @ polygamma(1, second) - n * polygamma(1, beta)
    return level, slope, bend
