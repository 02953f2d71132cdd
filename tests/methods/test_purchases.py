# ruff: noqa: N803 — T is the letter of the papers
"""What BG/NBD and MBG/NBD foretell: published figure, the papers' closed form, integrals and a simulation."""

import dataclasses
import doctest
import itertools
import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import integrate, special, stats

from tests.methods.cdnow import cdnow
from zhike.methods import purchases
from zhike.methods.errors import MethodError
from zhike.methods.lifetime import LifetimeModel, fit_lifetime
from zhike.methods.purchases import (
    ahead,
    expected_of_newcomer,
    expected_purchases,
    p_alive,
    purchase_chances,
)

KINDS = ("BG/NBD", "MBG/NBD")


def model_of(kind, r, alpha, a, b):
    nothing = np.zeros((4, 4))
    return LifetimeModel(kind, r, alpha, a, b, {}, nothing, 0.0, 1.0, 1.0, 1, {}, 1)


def closed_form(model, t, x, T):
    """Purchases to come while alive, by the hypergeometric function of the papers."""
    k = x + model.first_chance
    c = model.a + model.b + k - 1
    z = t / (model.alpha + T + t)
    rest = (1 - z) ** (model.r + x) * special.hyp2f1(model.r + x, model.b + k, c, z)
    return c / (model.a - 1) * (1 - rest)


def test_the_published_expectation_of_the_example_customer():
    data = cdnow()
    model = fit_lifetime(data.x, data.t_x, data.T, data.counts)
    found = expected_purchases(model, 39, [2], [30.43], [38.86])
    assert found[0] == pytest.approx(1.226, abs=0.0005)


@pytest.mark.parametrize("kind", KINDS)
@given(
    r=st.floats(0.1, 6),
    alpha=st.floats(0.5, 30),
    a=st.floats(0.05, 6),
    b=st.floats(0.2, 12),
    x=st.integers(0, 25),
    T=st.floats(0.5, 120),
    t=st.floats(1, 120),
)
@settings(max_examples=60, deadline=None)
def test_the_sum_on_the_grid_is_the_hypergeometric_function(kind, r, alpha, a, b, x, T, t):
    model = model_of(kind, r, alpha, a, b)
    c = a + b + x + model.first_chance - 1
    # The closed form has poles, the expectation has none.
    assume(abs(a - 1) > 0.05)
    assume(c > 0.5 or abs(c - round(c)) > 0.02)
    found = ahead(model, np.array([float(x)]), np.array([T]), np.array([t]), np.ones(1))
    assert found[0] == pytest.approx(closed_form(model, t, x, T), rel=1e-8)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("r", "alpha", "a", "b", "x", "T", "t"),
    [
        (0.5, 6, 1.0, 1.6, 3, 30, 50),
        (0.5, 6, 0.03, 0.2, 0, 30, 50),
        (0.5, 6, 0.15, 0.4, 0, 5, 5000),
        (0.3, 20, 300.0, 45.0, 2, 40, 800),
        (40.0, 1.3, 50.0, 800.0, 57, 0.6, 230),
        (2.0, 6, 0.8, 2.4, 3000, 100, 100),
        (0.5, 6, 5.0, 900.0, 0, 300, 0.001),
    ],
)
def test_expectations_at_the_extremes_agree_with_an_adaptive_integral(
    kind, r, alpha, a, b, x, T, t
):
    model = model_of(kind, r, alpha, a, b)
    c = b + x + model.first_chance
    u = t / (alpha + T)

    def integrand(p):
        if p == 0:
            return 0.0
        density = math.exp((a - 1) * math.log(p) + (c - 1) * math.log1p(-p) - special.betaln(a, c))
        return -math.expm1(-(r + x) * math.log1p(p * u)) / p * density

    middle = a / (a + c)
    cuts = [0, *(middle * 10.0**power for power in range(-9, 0)), middle]
    cuts += [min(1.0, middle * step) for step in (1.5, 3, 10, 100)]
    cuts = sorted({*cuts, 1.0})
    whole = sum(
        integrate.quad(integrand, low, high, epsabs=0, epsrel=1e-11, limit=200)[0]
        for low, high in itertools.pairwise(cuts[1:-1])
    )
    # The first stretch by its limit at p = 0, the last up to a hair off the end.
    whole += (r + x) * u * stats.beta.cdf(cuts[1], a, c) * _falling(r + x, u, cuts[1], a)
    whole += integrate.quad(integrand, cuts[-2], 1 - 1e-15, epsabs=0, epsrel=1e-9, limit=400)[0]
    found = ahead(model, np.array([float(x)]), np.array([float(T)]), np.array([t]), np.ones(1))
    assert found[0] == pytest.approx(whole, rel=1e-6)


def _falling(rate, u, p, a):
    """How much of the value at 0 is left on average below p, to first order."""
    return 1 - (rate + 1) / 2 * u * p * a / (a + 1)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("x", "t_x", "T"), [(0, 0.0, 5.0), (1, 2.0, 9.0), (4, 3.0, 9.0), (4, 9.0, 9.0)]
)
def test_p_alive_is_the_alive_part_of_the_integrated_likelihood(kind, x, t_x, T):
    r, alpha, a, b = 1.3, 4.0, 1.4, 2.1
    k = x + (kind == "MBG/NBD")

    # Evenly spaced in log(rate) and log(p/(1 − p)), where both densities fade out within the grid.
    rate = np.exp(np.arange(-50, 5, 0.02))[:, None]
    odds = np.arange(-35, 25, 0.04)
    leaves, remains = special.expit(odds), special.expit(-odds)
    weight = stats.gamma.pdf(rate, r, scale=1 / alpha) * rate * rate**x
    weight = weight * stats.beta.pdf(leaves, a, b) * leaves * remains
    stays = float((remains**k * np.exp(-rate * T) * weight).sum())
    gone = 0.0
    if k:
        gone = float((leaves * remains ** (k - 1) * np.exp(-rate * t_x) * weight).sum())
    found = p_alive(model_of(kind, r, alpha, a, b), [x], [t_x], [T])
    assert found[0] == pytest.approx(stays / (stays + gone), rel=1e-9)


@pytest.mark.parametrize("kind", KINDS)
def test_chances_add_up_to_one_and_to_the_expectation(kind):
    model = model_of(kind, 0.6, 5.0, 0.9, 2.2)
    chances = purchase_chances(model, 40.0, 4000)
    assert chances.sum() == pytest.approx(1, abs=1e-12)
    mean = float(chances @ np.arange(4001))
    assert mean == pytest.approx(expected_of_newcomer(model, [40.0])[0], rel=1e-9)
    assert purchase_chances(model, 0.0, 3) == pytest.approx([1, 0, 0, 0])
    assert expected_of_newcomer(model, [0.0]).tolist() == [0.0]


@pytest.mark.parametrize("kind", KINDS)
def test_chances_and_later_purchases_are_those_of_simulated_customers(kind):
    rng = np.random.default_rng(5)
    model = model_of(kind, 1.1, 6.0, 0.9, 2.5)
    n = 200_000
    rate, leaves = rng.gamma(model.r, 1 / model.alpha, n), rng.beta(model.a, model.b, n)
    there = np.ones(n, dtype=bool) if kind == "BG/NBD" else rng.random(n) >= leaves
    last, x, later, t_x = (np.zeros(n) for _ in range(4))
    while there.any():
        who = np.flatnonzero(there)
        when = last[who] + rng.exponential(1 / rate[who])
        last[who] = when
        early, late = when <= 20, (when > 20) & (when <= 50)
        x[who[early]] += 1
        t_x[who[early]] = when[early]
        later[who[late]] += 1
        there[who] = (when <= 50) & (rng.random(who.size) >= leaves[who])
    chances = purchase_chances(model, 20.0, 5)
    seen = np.array([(x == number).mean() for number in range(6)])
    assert (np.abs(seen - chances) < 4 * np.sqrt(chances * (1 - chances) / n)).all()
    for number in (0, 1, 3):
        among = x == number
        foretold = expected_purchases(model, 30, x[among], t_x[among], np.full(among.sum(), 20.0))
        spread = (later[among] - foretold).std() / math.sqrt(among.sum())
        assert abs(later[among].mean() - foretold.mean()) < 4 * spread


def test_who_never_bought_again_is_alive_for_sure_in_bg_but_not_in_mbg():
    assert p_alive(model_of("BG/NBD", 0.5, 6, 0.9, 2), [0], [0], [500]).tolist() == [1.0]
    assert p_alive(model_of("MBG/NBD", 0.5, 6, 0.9, 2), [0], [0], [500])[0] < 0.2


@pytest.mark.parametrize("kind", KINDS)
def test_expectations_grow_with_time_and_p_alive_falls_with_silence(kind):
    model = model_of(kind, 0.5, 6, 0.9, 2)
    over = [expected_purchases(model, t, [3], [10], [30])[0] for t in (0, 1, 10, 100, 1000)]
    assert over[0] == 0
    assert (np.diff(over) > 0).all()
    silent = p_alive(model, [3] * 4, [10] * 4, [10, 12, 30, 300])
    assert (np.diff(silent) < 0).all()
    assert ((silent > 0) & (silent < 1)).all()


def test_a_long_silence_of_a_heavy_buyer_neither_overflows_nor_breaks():
    model = model_of("BG/NBD", 0.5, 6, 0.9, 2)
    found = expected_purchases(model, 52, [5000, 5000], [100, 10_000], [10_000, 10_000])
    assert np.isfinite(found).all()
    assert found[0] == 0
    assert found[1] > 10


def test_each_row_is_answered_in_its_place_and_blocks_do_not_matter(monkeypatch):
    data = cdnow()
    model = fit_lifetime(data.x, data.t_x, data.T, data.counts)
    together = expected_purchases(model, 39, data.x, data.t_x, data.T)
    for row in (0, 100, 500, 1029):
        alone = expected_purchases(model, 39, *(c[[row]] for c in (data.x, data.t_x, data.T)))
        assert together[row] == pytest.approx(alone[0], rel=1e-12)
    monkeypatch.setattr(purchases, "AT_ONCE", 300)
    in_pieces = expected_purchases(model, 39, data.x, data.t_x, data.T)
    assert in_pieces == pytest.approx(together, rel=1e-12)


@pytest.mark.parametrize(
    ("call", "what"),
    [
        (lambda m: expected_purchases(m, -1, [1], [2], [3]), "t"),
        (lambda m: expected_purchases(m, math.nan, [1], [2], [3]), "t"),
        (lambda m: expected_purchases(m, 1, [1, math.nan], [2, 2], [3, 3]), "x, t_x, T"),
        (lambda m: p_alive(m, [1], [4], [3]), "t_x"),
        (lambda m: p_alive(m, [1, 1], [math.nan, 1], [3, 3]), "x, t_x, T"),
        (lambda m: expected_of_newcomer(m, [3, -1]), "t"),
        (lambda m: purchase_chances(m, -1, 3), "t"),
        (lambda m: purchase_chances(m, 1, -3), "most"),
    ],
)
def test_impossible_questions_are_refused(call, what):
    with pytest.raises(MethodError) as refused:
        call(model_of("BG/NBD", 0.5, 6, 0.9, 2))
    assert refused.value.what == what


def test_a_model_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        model_of("BG/NBD", 0.5, 6, 0.9, 2).r = 1


def test_the_examples_run():
    assert doctest.testmod(purchases).failed == 0
