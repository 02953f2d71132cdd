"""What a fitted BG/NBD or MBG/NBD model foretells: P(alive), purchases to come, and how purchases spread.

A customer alive at T has a purchase rate from gamma(r + x, alpha + T) and a chance to leave p from beta(a, b + k),
independent of each other (k: chances to leave so far). Purchases in the next t units are then the mean over p of
(1 − (1 + p·t/(alpha + T))^−(r + x)) / p. The papers write this mean with the Gauss hypergeometric function;
here it is summed on a grid over log(p/(1 − p)), which is exact to rounding, has no pole at a = 1 and cannot
overflow.
"""

import itertools
from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import betainc, betaln, expit, gammaln, polygamma, xlogy

from zhike.methods.errors import MethodError
from zhike.methods.given import Floats, vector
from zhike.methods.lifetime import LifetimeModel, checked_history, coded

AT_ONCE = 1_000_000
"""Cells of the grid held at a time."""
FLAT_BELOW = 0.2
"""Below this a the grid would have to reach too far down; the value at p = 0 is taken out of the sum."""


def p_alive(
    model: LifetimeModel,
    x: ArrayLike,
    t_x: ArrayLike,
    T: ArrayLike,  # noqa: N803 — the letter of the papers
) -> Floats:
    """Chance, 0 to 1, that each customer is still one at T; shape (rows,).

    `x`, `t_x`, `T` as in `fit_lifetime`, in the unit the model was fitted in. In BG/NBD who never bought again is
    alive for sure: only a repeat purchase can end it. Raises MethodError for impossible and for missing values.

    >>> from zhike.methods.lifetime import fit_lifetime
    >>> x, t_x, T = [0, 1, 1, 2, 3, 6], [0, 7, 11, 20, 9, 30], [30] * 6
    >>> model = fit_lifetime(x, t_x, T, [150, 25, 20, 15, 10, 10])
    >>> late, early = p_alive(model, [3, 3], [30, 10], [33, 33])
    >>> bool(late > early)
    True
    """
    bought, recency, age = checked_customers(x, t_x, T)
    return _alive(model, bought, recency, age)


def expected_purchases(
    model: LifetimeModel,
    t: float,
    x: ArrayLike,
    t_x: ArrayLike,
    T: ArrayLike,  # noqa: N803
) -> Floats:
    """Purchases each customer is expected to make in the `t` units after T; shape (rows,), at least 0.

    `t` at least 0, in the unit of the model; the history as in `p_alive`. Raises MethodError for a negative t, for
    impossible and for missing values.

    >>> from zhike.methods.lifetime import fit_lifetime
    >>> x, t_x, T = [0, 1, 1, 2, 3, 6], [0, 7, 11, 20, 9, 30], [30] * 6
    >>> model = fit_lifetime(x, t_x, T, [150, 25, 20, 15, 10, 10])
    >>> float(expected_purchases(model, 0, [2], [22], [33])[0])
    0.0
    """
    bought, recency, age = checked_customers(x, t_x, T)
    times = _times("t", [t])
    return _alive(model, bought, recency, age) * ahead(model, bought, age, times, np.ones(1))


def expected_of_newcomer(model: LifetimeModel, t: ArrayLike) -> Floats:
    """Repeat purchases expected in the first `t` units from somebody who has just bought for the first time.

    `t` shape (times,), at least 0, in the unit of the model; returns the same shape. Raises MethodError for a
    negative or missing time.

    >>> from zhike.methods.lifetime import fit_lifetime
    >>> x, t_x, T = [0, 1, 1, 2, 3, 6], [0, 7, 11, 20, 9, 30], [30] * 6
    >>> model = fit_lifetime(x, t_x, T, [150, 25, 20, 15, 10, 10])
    >>> expected_of_newcomer(model, [0, 10, 20]).round(2).tolist()
    [0.0, 0.29, 0.51]
    """
    times = _times("t", t)
    nothing = np.zeros(1)
    alive = float(_alive(model, nothing, nothing, nothing)[0])
    return np.array(
        [alive * ahead(model, nothing, nothing, np.array([at]), np.ones(1))[0] for at in times]
    )


def purchase_chances(model: LifetimeModel, t: float, most: int) -> Floats:
    """Chances that a newcomer makes 0, 1, …, `most` repeat purchases in `t` units; shape (most + 1,).

    They add up to 1 over all numbers, so what lacks is the chance of more than `most`. Raises MethodError for a
    negative t or `most`.

    >>> from zhike.methods.lifetime import fit_lifetime
    >>> x, t_x, T = [0, 1, 1, 2, 3, 6], [0, 7, 11, 20, 9, 30], [30] * 6
    >>> model = fit_lifetime(x, t_x, T, [150, 25, 20, 15, 10, 10])
    >>> purchase_chances(model, 30, 2).round(2).tolist()
    [0.65, 0.21, 0.07]
    """
    at = float(_times("t", [t])[0])
    if most < 0:
        raise MethodError("most", f"must be at least 0, got {most}")
    x = np.arange(most + 1.0)
    k = x + model.first_chance
    share = at / (model.alpha + at)
    stayed = np.exp(
        betaln(model.a, model.b + k)
        - betaln(model.a, model.b)
        + gammaln(model.r + x)
        - gammaln(model.r)
        - gammaln(x + 1)
        + model.r * np.log1p(-share)
        + xlogy(x, share)
    )
    # Left at the x-th chance, though there was time for at least x purchases.
    could = np.where(x > 0, betainc(np.maximum(x, 1), model.r, share), 1.0)
    last = np.maximum(k, 1)
    left = np.exp(betaln(model.a + 1, model.b + last - 1) - betaln(model.a, model.b)) * could
    return np.asarray(stayed + np.where(k > 0, left, 0.0))


def ahead(model: LifetimeModel, x: Floats, age: Floats, times: Floats, weights: Floats) -> Floats:
    """Σ weights × purchases expected until each of `times`, given that the customer is alive; shape (rows,).

    Depends on x and T alone, so it is computed once for each pair of them that occurs.
    """
    ages, age_at = coded(age)
    pairs, at = np.unique(x.astype(np.int64) * ages.size + age_at, return_inverse=True)
    bought, which = np.divmod(pairs, ages.size)
    found = np.empty(pairs.size)
    edges = np.flatnonzero(np.concatenate(([True], bought[1:] != bought[:-1], [True])))
    for low, high in itertools.pairwise(edges):
        of = float(bought[low])
        found[low:high] = _ahead(model, of, ages[which[low:high]], times, weights)
    return found[at]


def _ahead(model: LifetimeModel, x: float, ages: Floats, times: Floats, weights: Floats) -> Floats:
    p, share = _grid(model.a, model.b + x + model.first_chance)
    rate = model.r + x
    # u: the time to come in units of the time the rate is judged by.
    u = times / (model.alpha + ages)[:, None]
    total = np.empty(u.size)
    for part in _parts(u.size, p.size):
        step = u.reshape(-1)[part, None]
        bought = -np.expm1(-rate * np.log1p(step * p)) / p
        if model.a < FLAT_BELOW:
            top = rate * step
            total[part] = top[:, 0] - (top - bought) @ share
        else:
            total[part] = bought @ share
    return np.asarray(total.reshape(u.shape) @ weights)


def _grid(a: float, c: float) -> tuple[Floats, Floats]:
    """Points p and shares of the beta distribution (a, c), evenly spaced in log(p/(1 − p)).

    There the density is smooth and falls off exponentially on both sides, so that plain sums converge faster
    than any power of the step. With a small a the falling is left to the summed function, which then vanishes
    at p = 0.
    """
    spread = float(np.sqrt(polygamma(1, a) + polygamma(1, c)))
    falling = 1 + a if a < FLAT_BELOW else a
    middle, step = np.log(a / c), min(0.4, spread / 2.5)
    narrow = min(spread, 10.0)
    low = middle - 40 / falling - 12 * narrow
    high = middle + 40 / c + 12 * narrow
    v = np.arange(low, high, step)
    logs = -a * np.logaddexp(0.0, -v) - c * np.logaddexp(0.0, v) - betaln(a, c)
    return np.asarray(expit(v)), step * np.exp(logs)


def _parts(rows: int, columns: int) -> Iterator[slice]:
    size = max(1, AT_ONCE // columns)
    for start in range(0, rows, size):
        yield slice(start, start + size)


def _alive(model: LifetimeModel, x: Floats, recency: Floats, age: Floats) -> Floats:
    k = x + model.first_chance
    d = (
        np.log(model.a)
        - np.log(model.b + np.maximum(k, 1) - 1)
        + (model.r + x) * (np.log(model.alpha + age) - np.log(model.alpha + recency))
    )
    return np.where(k > 0, expit(-d), 1.0)


def _times(what: str, given: ArrayLike) -> Floats:
    times = vector(what, given)
    if np.isnan(times).any() or (times < 0).any():
        raise MethodError(what, "must be times of at least 0, none missing")
    return times


def checked_customers(
    x: ArrayLike,
    t_x: ArrayLike,
    T: ArrayLike,  # noqa: N803
) -> tuple[Floats, Floats, Floats]:
    """x, t_x and T as numbers; MethodError for impossible histories and for missing values."""
    (bought, recency, age, _), excluded = checked_history(x, t_x, T)
    if excluded:
        raise MethodError(
            "x, t_x, T", f"{excluded['missing']} rows miss a value, nothing can be foretold"
        )
    return bought, recency, age
