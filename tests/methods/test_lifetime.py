# ruff: noqa: N803, N806 — T is the letter of the papers
"""BG/NBD and MBG/NBD: the published fit, the likelihood integrated by hand, slopes by differences, recovery."""

import doctest
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special, stats

from tests.methods.cdnow import cdnow
from zhike.methods import lifetime
from zhike.methods.errors import MethodError
from zhike.methods.lifetime import fit_lifetime
from zhike.methods.likelihood import CLOSE, FAR, maximise
from zhike.methods.purchases import expected_of_newcomer, expected_purchases

KINDS = ("BG/NBD", "MBG/NBD")
PLACES = [(0.243, 4.414, 0.793, 2.426), (1.7, 9.0, 0.4, 0.6), (0.6, 0.9, 3.1, 7.0)]


def of_one(kind, place, x, t_x, T):
    """ln of a customer's likelihood as the papers print it, term by term, with Python's own lgamma."""
    r, alpha, a, b = place
    k = x + (kind == "MBG/NBD")

    def ln_beta(first, second):
        return math.lgamma(first) + math.lgamma(second) - math.lgamma(first + second)

    bought = math.lgamma(r + x) - math.lgamma(r) + r * math.log(alpha)
    alive = math.exp(ln_beta(a, b + k) - ln_beta(a, b) - (r + x) * math.log(alpha + T))
    gone = 0.0
    if k:
        gone = math.exp(ln_beta(a + 1, b + k - 1) - ln_beta(a, b) - (r + x) * math.log(alpha + t_x))
    return bought + math.log(alive + gone)


def simulated(kind, n, place, rng, T):
    """Customers bought for day by day as the model tells it, without any of its formulas."""
    r, alpha, a, b = place
    rate, leaves = rng.gamma(r, 1 / alpha, n), rng.beta(a, b, n)
    x, last = np.zeros(n), np.zeros(n)
    there = np.ones(n, dtype=bool) if kind == "BG/NBD" else rng.random(n) >= leaves
    while there.any():
        who = np.flatnonzero(there)
        when = last[who] + rng.exponential(1 / rate[who])
        seen = when <= T[who]
        there[who[~seen]] = False
        who, when = who[seen], when[seen]
        x[who] += 1
        last[who] = when
        there[who] = rng.random(who.size) >= leaves[who]
    return x, last


def surface(kind, x, t_x, T, counts=None):
    columns = [np.asarray(column, dtype=float) for column in (x, t_x, T)]
    count = None if counts is None else np.asarray(counts, dtype=float)
    return lifetime._Surface(
        lifetime.distinct(columns[0], columns[1], columns[2], count), int(kind == "MBG/NBD")
    )


def test_the_published_fit_of_the_cdnow_sample():
    data = cdnow()
    model = fit_lifetime(data.x, data.t_x, data.T, data.counts)
    assert (model.n, model.repeaters, model.method) == (2357, 946, "BG/NBD")
    assert [round(v, 3) for v in (model.r, model.alpha, model.a, model.b)] == [
        0.243,
        4.414,
        0.793,
        2.426,
    ]
    assert model.loglik == pytest.approx(-9582.4, abs=0.05)
    assert model.excluded == {}


def test_the_published_fit_of_mbg_on_the_same_data():
    data = cdnow()
    model = fit_lifetime(data.x, data.t_x, data.T, data.counts, method="MBG/NBD")
    assert [round(v, 3) for v in (model.r, model.alpha, model.a, model.b)] == [
        0.525,
        6.183,
        0.891,
        1.614,
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_standard_errors_agree_with_a_numeric_hessian_of_the_printed_likelihood(kind):
    data = cdnow()
    model = fit_lifetime(data.x, data.t_x, data.T, data.counts, method=kind)
    at = np.array([model.r, model.alpha, model.a, model.b])

    def total(place):
        rows = zip(data.x.astype(int), data.t_x, data.T, data.counts, strict=True)
        return sum(count * of_one(kind, place, x, t_x, T) for x, t_x, T, count in rows)

    assert total(at) == pytest.approx(model.loglik, rel=1e-12)
    step = 2e-3 * at
    moves = np.diag(step)
    hessian = np.empty((4, 4))
    for i in range(4):
        for j in range(i + 1):
            corners = [
                total(at + one * moves[i] + two * moves[j]) * one * two
                for one in (1, -1)
                for two in (1, -1)
            ]
            hessian[i, j] = hessian[j, i] = sum(corners) / (4 * step[i] * step[j])
    errors = np.sqrt(np.diag(np.linalg.inv(-hessian)))
    assert list(model.standard_errors.values()) == pytest.approx(errors, rel=2e-3)
    assert list(model.standard_errors) == ["r", "alpha", "a", "b"]
    assert model.covariance == pytest.approx(np.linalg.inv(-hessian), rel=5e-3)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("x", "t_x", "T"), [(0, 0.0, 5.0), (1, 2.0, 9.0), (3, 4.0, 6.0), (2, 6.0, 6.0)]
)
def test_a_customers_likelihood_is_that_of_one_rate_and_one_chance_averaged_over_both(
    kind, x, t_x, T
):
    r, alpha, a, b = 1.3, 4.0, 1.4, 2.1
    chances = x + (kind == "MBG/NBD")

    # Evenly spaced in log(rate) and log(p/(1 − p)), where both densities fade out within the grid.
    rate = np.exp(np.arange(-50, 5, 0.02))[:, None]
    odds = np.arange(-35, 25, 0.04)
    leaves, stays = special.expit(odds), special.expit(-odds)
    weight = stats.gamma.pdf(rate, r, scale=1 / alpha) * rate * 0.02
    weight = weight * stats.beta.pdf(leaves, a, b) * leaves * stays * 0.04
    chance = stays**chances * np.exp(-rate * T)
    if chances:
        chance = chance + leaves * stays ** (chances - 1) * np.exp(-rate * t_x)
    averaged = float((rate**x * chance * weight).sum())
    level, _, _ = surface(kind, [x], [t_x], [T])(np.array([r, alpha, a, b]))
    assert level == pytest.approx(math.log(averaged), abs=1e-9)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("place", PLACES)
def test_slope_and_curvature_are_those_of_the_level(kind, place):
    rng = np.random.default_rng(7)
    T = rng.integers(20, 60, 40) / 7
    x = rng.integers(0, 6, 40)
    t_x = np.where(x > 0, T * rng.integers(1, 8, 40) / 8, 0)
    curve = surface(kind, x, t_x, T, rng.integers(1, 9, 40))
    at = np.array(place)
    _, slope, bend = curve(at)
    for i in range(4):
        move = np.zeros(4)
        move[i] = 1e-5 * at[i]
        above, below = curve(at + move), curve(at - move)
        assert slope[i] == pytest.approx((above[0] - below[0]) / (2 * move[i]), rel=1e-5, abs=1e-5)
        assert bend[i] == pytest.approx((above[1] - below[1]) / (2 * move[i]), rel=1e-4, abs=1e-4)


@pytest.mark.parametrize("kind", KINDS)
def test_parameters_of_simulated_customers_are_found_again(kind):
    rng = np.random.default_rng(11)
    T = rng.integers(30, 80, 40_000).astype(float)
    true = np.array([0.8, 6.0, 0.9, 2.5])
    x, last = simulated(kind, T.size, true, rng, T)
    model = fit_lifetime(x, last, T, method=kind)
    found = np.array([model.r, model.alpha, model.a, model.b])
    errors = np.array(list(model.standard_errors.values()))
    assert (np.abs(found - true) < 3.5 * errors).all()
    assert (errors < 0.1 * true).all()


def test_a_count_means_as_many_equal_rows_and_order_does_not_matter():
    data = cdnow()
    counted = fit_lifetime(data.x, data.t_x, data.T, data.counts)
    times = data.counts.astype(int)
    order = np.random.default_rng(3).permutation(times.sum())
    rows = [np.repeat(column, times)[order] for column in (data.x, data.t_x, data.T)]
    single = fit_lifetime(*rows)
    assert single.n == counted.n
    assert single.distinct_rows == counted.distinct_rows
    for name in ("r", "alpha", "a", "b", "loglik"):
        assert getattr(single, name) == pytest.approx(getattr(counted, name), rel=1e-8)


def test_another_unit_of_time_changes_alpha_alone():
    data = cdnow()
    weeks = fit_lifetime(data.x, data.t_x, data.T, data.counts)
    days = fit_lifetime(data.x, data.t_x * 7, data.T * 7, data.counts)
    odd = fit_lifetime(data.x, data.t_x * math.pi, data.T * math.pi, data.counts)
    assert days.alpha == pytest.approx(7 * weeks.alpha, rel=1e-7)
    assert odd.alpha == pytest.approx(math.pi * weeks.alpha, rel=1e-7)
    for other in (days, odd):
        assert [other.r, other.a, other.b] == pytest.approx([weeks.r, weeks.a, weeks.b], rel=1e-7)
    purchases = float(data.counts @ data.x)
    assert days.loglik == pytest.approx(weeks.loglik - purchases * math.log(7))


@pytest.mark.parametrize("kind", KINDS)
def test_starting_from_a_sample_leads_to_the_same_peak(kind, monkeypatch):
    data = cdnow()
    whole = fit_lifetime(data.x, data.t_x, data.T, data.counts, method=kind)
    monkeypatch.setattr(lifetime, "SAMPLE", 100)
    monkeypatch.setattr(lifetime, "BLOCK", 64)
    sampled = fit_lifetime(data.x, data.t_x, data.T, data.counts, method=kind)
    for name in ("r", "alpha", "a", "b", "loglik"):
        assert getattr(sampled, name) == pytest.approx(getattr(whole, name), rel=1e-7)


ODD = st.sampled_from([0.0, 1.0, 2.0, 1.5, -1.0, math.nan])


@settings(max_examples=300)
@given(st.lists(st.tuples(ODD, ODD, ODD), min_size=1, max_size=3))
def test_the_short_look_passes_exactly_what_the_long_one_does(rows):
    columns = [np.array(column) for column in zip(*rows, strict=True)]
    missing = np.isnan(columns).any(axis=0).any()
    try:
        lifetime._refuse_impossible(*columns)
    except MethodError:
        assert not lifetime._is_sound(*columns)
    else:
        assert lifetime._is_sound(*columns) == (not missing)


def test_a_smaller_sample_begins_the_larger_one_and_may_fail(monkeypatch):
    data = cdnow()
    rows = lifetime.distinct(data.x, data.t_x, data.T, data.counts)
    sizes, climb = [], maximise

    def told(what, names, surface, starts, n, *, ridge):
        sizes.append((surface.x.size, len(starts), ridge))
        if surface.x.size < 50:
            raise MethodError(what, "for once")
        return climb(what, names, surface, starts, n, ridge=ridge)

    monkeypatch.setattr(lifetime, "maximise", told)
    lifetime._starts(rows, 0, (300, 100))
    (small, three, far), (large, one, near) = sizes
    assert small < large < rows.x.size
    assert (three, far, one, near) == (3, FAR, 1, CLOSE)
    sizes.clear()
    lifetime._starts(rows, 0, (300, 30))
    # The smaller one found nothing, so the larger is climbed from guesses.
    assert [(count, ridge) for _size, count, ridge in sizes] == [(3, FAR), (3, FAR)]


def test_a_samples_peak_lies_near_that_of_all(monkeypatch):
    data = cdnow()
    model = fit_lifetime(data.x, data.t_x, data.T, data.counts)
    monkeypatch.setattr(lifetime, "SAMPLE", 300)
    rows = lifetime.distinct(data.x, data.t_x, data.T, data.counts)
    (start,), ridge = lifetime._starts(rows, 0)
    assert ridge == CLOSE
    assert start == pytest.approx([model.r, model.alpha, model.a, model.b], rel=0.35)
    assert start != pytest.approx([model.r, model.alpha, model.a, model.b], rel=1e-6)


def test_times_off_the_grain_are_seen_however_late():
    whole = np.append(np.arange(1.0, 1501), [3.25, 3.4])
    values, at = lifetime.coded(whole)
    assert values.tolist() == sorted(whole)
    assert values[at].tolist() == whole.tolist()


def test_equal_histories_are_counted_once_whatever_the_times():
    x = np.array([2.0, 0, 2, 1, 0, 2, 1])
    for factor in (1.0, 1 / 7, math.e, 1e7 + 0.5):
        T = np.array([9.0, 9, 9, 8, 9, 7, 8]) * factor
        t_x = np.array([3.0, 0, 3, 5, 0, 3, 5]) * factor
        rows = lifetime.distinct(x, t_x, T, None)
        seen = zip(rows.x, rows.recencies[rows.recency], rows.ages[rows.age], strict=True)
        found = dict(zip(seen, rows.count, strict=True))
        wanted: dict = {}
        for row in zip(x, t_x, T, strict=True):
            wanted[row] = wanted.get(row, 0) + 1
        assert sorted(found.values()) == sorted(wanted.values())
        assert np.array(sorted(found)) == pytest.approx(np.array(sorted(wanted)), rel=1e-12)


def test_rows_that_miss_a_value_are_left_out_and_counted():
    data = cdnow()
    clean = fit_lifetime(data.x, data.t_x, data.T, data.counts)
    gap = [math.nan, 1.0]
    model = fit_lifetime(
        np.append(data.x, [1.0, math.nan]),
        np.append(data.t_x, gap),
        np.append(data.T, [9.0, 9.0]),
        np.append(data.counts, [5.0, 1.0]),
    )
    assert model.excluded == {"missing": 2}
    assert model.n == clean.n
    assert model.r == pytest.approx(clean.r, rel=1e-9)


@pytest.mark.parametrize("kind", KINDS)
def test_who_came_on_the_last_day_teaches_nothing_and_is_foretold_as_a_newcomer(kind):
    of = cdnow()
    fitted = fit_lifetime(of.x, of.t_x, of.T, of.counts, method=kind)
    with_new = fit_lifetime(
        np.append(of.x, 0),
        np.append(of.t_x, 0),
        np.append(of.T, 0),
        np.append(of.counts, 300),
        method=kind,
    )
    for name in lifetime.NAMES:
        assert getattr(with_new, name) == pytest.approx(getattr(fitted, name), rel=1e-7)
    assert with_new.loglik == pytest.approx(fitted.loglik, abs=1e-6)
    assert with_new.n == fitted.n + 300
    ahead = expected_purchases(fitted, 26, [0], [0], [0])
    assert ahead == pytest.approx(expected_of_newcomer(fitted, [26]), rel=1e-12)


GOOD = {"x": [0.0, 1, 3, 0], "t_x": [0.0, 4, 8, 0], "T": [9.0, 9, 9, 7]}


@pytest.mark.parametrize(
    ("change", "what", "why"),
    [
        ({"x": [0, -1, 3, 0]}, "x", "row 2 is -1"),
        ({"x": [0, 1, 2.5, 0]}, "x", "row 3 is 2.5"),
        ({"T": [-1, 9, 9, 7]}, "T", "row 1 is -1: before"),
        ({"t_x": [0, 4, 9.5, 0]}, "t_x", "row 3 is 9.5: after the end"),
        ({"t_x": [0, -4, 8, 0]}, "t_x", "row 2 is -4: before"),
        ({"t_x": [2, 4, 8, 0]}, "t_x", "row 1 is 2: though nothing"),
        ({"t_x": [0, 0, 8, 0]}, "t_x", "row 2 is 0: though something"),
        ({"t_x": [0, 4, 8]}, "t_x", "has 3 rows, x has 4"),
        ({"T": [9]}, "T", "has 1 rows, x has 4"),
        ({"x": [0, 0, 0, 0], "t_x": [0, 0, 0, 0]}, "x", "nobody bought a second time"),
        ({"x": [math.nan] * 4}, "x, t_x, T", "every row misses"),
        ({"counts": [1, 1, -1, 1]}, "counts", "at least 0"),
        ({"counts": [1, 1, math.nan, 1]}, "counts", "at least 0"),
        ({"counts": [1, 1]}, "counts", "has 2 rows"),
        ({"counts": [1, 0, 0, 1]}, "x", "nobody bought a second time"),
        ({"method": "Pareto"}, "method", "not Pareto"),
        ({"T": [9, 9, math.inf, 7]}, "T", "infinite"),
    ],
)
def test_impossible_histories_are_refused(change, what, why):
    with pytest.raises(MethodError, match=why) as refused:
        fit_lifetime(**{**GOOD, **change})
    assert refused.value.what == what


def test_the_last_purchase_may_fall_on_the_last_day():
    data = cdnow()
    on_time = (data.x > 0).argmax()
    t_x = data.t_x.copy()
    t_x[on_time] = data.T[on_time]
    assert fit_lifetime(data.x, t_x, data.T, data.counts).n == 2357


def test_data_that_determine_nothing_are_an_error_not_a_figure():
    with pytest.raises(MethodError, match="did not converge"):
        fit_lifetime([1, 1, 1], [5, 5, 5], [10, 10, 10])
    with pytest.raises(MethodError, match="did not converge"):
        fit_lifetime([3, 4, 3, 4], [9, 9, 9, 9], [9, 9, 9, 9])


def test_the_examples_run():
    assert doctest.testmod(lifetime).failed == 0
