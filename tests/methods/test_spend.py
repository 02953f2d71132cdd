"""Gamma–Gamma and discounted value: published fit, SciPy's own densities, differences, recovery, plain sums."""

import doctest
import math

import numpy as np
import pytest
from scipy import integrate, stats

from tests.methods.cdnow import cdnow
from zhike.methods import spend
from zhike.methods.errors import MethodError
from zhike.methods.lifetime import fit_lifetime
from zhike.methods.purchases import expected_purchases
from zhike.methods.spend import SpendModel, discounted_value, expected_spend, fit_spend


def model_of(p, q, v):
    return SpendModel("Gamma–Gamma", p, q, v, {}, np.zeros((3, 3)), 0.0, 9.0, {}, None, 1)


def some(n=200):
    rng = np.random.default_rng(6)
    x = rng.integers(1, 7, n).astype(float)
    return x, rng.gamma(4 * x) / rng.gamma(4, 1 / 15, n) / x, rng.integers(1, 5, n).astype(float)


def test_the_published_fit_of_the_cdnow_sample():
    data = cdnow()
    model = fit_spend(data.x, data.mean_spend, data.counts)
    assert model.n == 946
    assert [round(value, 2) for value in (model.p, model.q, model.v)] == [6.25, 3.74, 15.44]
    assert model.excluded == {"no_repeat": int((data.x == 0).sum())}
    assert model.mean == pytest.approx(model.p * model.v / (model.q - 1))
    assert 35 < model.mean < 35.4


def test_a_customers_likelihood_is_that_of_a_gamma_mean_averaged_over_its_rate():
    p, q, v = 2.3, 3.1, 14.0
    for x, mean in ((1, 20.0), (4, 35.0), (9, 4.0)):

        def of_rate(rate, x=x, mean=mean):
            return stats.gamma.pdf(mean, p * x, scale=1 / (rate * x)) * stats.gamma.pdf(
                rate, q, scale=1 / v
            )

        averaged, _ = integrate.quad(of_rate, 0, 20, limit=400, epsabs=1e-14, points=[0.05, 0.2, 1])
        columns = (np.array([value]) for value in (float(x), mean, 1.0))
        assert spend._Surface(*columns)(np.array([p, q, v]))[0] == pytest.approx(math.log(averaged))


@pytest.mark.parametrize("place", [(6.2, 3.7, 15.4), (0.7, 1.2, 90.0), (2.0, 12.0, 3.0)])
def test_slope_and_curvature_are_those_of_the_level(place):
    curve = spend._Surface(*some())
    at = np.array(place)
    _, slope, bend = curve(at)
    for i in range(3):
        move = np.zeros(3)
        move[i] = 1e-5 * at[i]
        above, below = curve(at + move), curve(at - move)
        assert slope[i] == pytest.approx((above[0] - below[0]) / (2 * move[i]), rel=1e-5, abs=1e-5)
        assert bend[i] == pytest.approx((above[1] - below[1]) / (2 * move[i]), rel=1e-4, abs=1e-4)


def test_parameters_of_simulated_customers_are_found_again(monkeypatch):
    rng = np.random.default_rng(8)
    true = np.array([5.0, 3.5, 20.0])
    x = rng.geometric(0.3, 30_000)
    mean = rng.gamma(true[0] * x) / rng.gamma(true[1], 1 / true[2], x.size) / x
    model = fit_spend(x, mean)
    errors = np.array(list(model.standard_errors.values()))
    found = np.array([model.p, model.q, model.v])
    assert (np.abs(found - true) < 3.5 * errors).all()
    assert (errors < 0.1 * true).all()
    monkeypatch.setattr(spend, "SAMPLE", 300)
    sampled = fit_spend(x, mean)
    assert [sampled.p, sampled.q, sampled.v] == pytest.approx(found, rel=1e-7)


def test_standard_errors_are_those_of_the_inverse_curvature():
    x, mean, counts = some(400)
    model = fit_spend(x, mean, counts)
    bend = spend._Surface(x, mean, counts)(np.array([model.p, model.q, model.v]))[2]
    errors = np.sqrt(np.diag(np.linalg.inv(-bend)))
    assert list(model.standard_errors.values()) == pytest.approx(errors, rel=1e-6)


def test_a_count_means_as_many_equal_rows_and_currency_scales_v_alone():
    x, mean, counts = some()
    counted = fit_spend(x, mean, counts)
    times = counts.astype(int)
    order = np.random.default_rng(1).permutation(times.sum())
    single = fit_spend(np.repeat(x, times)[order], np.repeat(mean, times)[order])
    dear = fit_spend(x, mean * 700, counts)
    for other, factor in ((single, 1), (dear, 700)):
        assert [other.p, other.q, other.v / factor] == pytest.approx(
            [counted.p, counted.q, counted.v], rel=1e-6
        )
        assert other.correlation == pytest.approx(counted.correlation, rel=1e-9)


def test_correlation_is_pearsons():
    x, mean, _ = some()
    assert fit_spend(x, mean).correlation == pytest.approx(np.corrcoef(x, mean)[0, 1], rel=1e-9)
    assert fit_spend(np.full(x.size, 3.0), mean).correlation is None


def test_who_says_nothing_about_spend_is_left_out_and_counted():
    x, mean, _ = some()
    odd_x = [0, 0, 2, 3, math.nan, 2]
    odd_mean = [0, math.nan, 0, -5, 9, math.nan]
    model = fit_spend(np.append(x, odd_x), np.append(mean, odd_mean))
    assert model.excluded == {"missing": 2, "no_repeat": 2, "no_positive_spend": 2}
    assert model.n == x.size
    assert model.p == pytest.approx(fit_spend(x, mean).p, rel=1e-9)


def test_the_expected_spend_is_the_mean_of_the_posterior():
    model = model_of(2.3, 3.1, 14.0)
    for x, mean in ((1, 20.0), (4, 35.0)):
        # The rate given the purchases is gamma(q + p·x, v + x·mean); a purchase is worth p/rate.
        shape, scale = model.q + model.p * x, 1 / (model.v + x * mean)
        wanted, _ = integrate.quad(
            lambda rate, s=shape, c=scale: model.p / rate * stats.gamma.pdf(rate, s, scale=c), 0, 5
        )
        assert expected_spend(model, [x], [mean])[0] == pytest.approx(wanted, rel=1e-6)


def test_without_repeat_purchases_the_mean_of_all_is_expected():
    model = model_of(6.0, 4.0, 15.0)
    found = expected_spend(model, [0, 0, 3, 3], [0, math.nan, -2, 0])
    assert found.tolist() == [30.0] * 4


def test_a_mean_without_finite_value_is_an_error():
    model = model_of(6.0, 0.9, 15.0)
    with pytest.raises(MethodError, match="no finite value"):
        _ = model.mean
    with pytest.raises(MethodError, match="no finite value"):
        expected_spend(model, [0], [0])
    assert np.isfinite(expected_spend(model, [1], [20])).all()
    with pytest.raises(MethodError, match="so few purchases"):
        expected_spend(model_of(0.05, 0.9, 15.0), [1], [20])


@pytest.fixture(name="fitted", scope="module")
def fitted_models():
    data = cdnow()
    return (
        data,
        fit_lifetime(data.x, data.t_x, data.T, data.counts),
        fit_spend(data.x, data.mean_spend, data.counts),
    )


def test_value_is_the_sum_over_steps_of_discounted_purchases_times_spend(fitted):
    data, who, much = fitted
    rows = slice(None, None, 97)
    history = data.x[rows], data.t_x[rows], data.T[rows]
    found = discounted_value(
        who, much, *history, data.mean_spend[rows], horizon=10.5, rate=0.004, margin=0.3, step=2
    )
    worth = expected_spend(much, data.x[rows], data.mean_spend[rows])
    ends = [2, 4, 6, 8, 10, 10.5]
    total = np.zeros(worth.size)
    for begin, end in zip([0, *ends[:-1]], ends, strict=True):
        more = expected_purchases(who, end, *history) - expected_purchases(who, begin, *history)
        total += more * 1.004 ** (-(begin + end) / 2)
    assert found.per_customer == pytest.approx(0.3 * worth * total, rel=1e-10)
    assert found.total == pytest.approx(found.per_customer.sum())
    assert (found.n, found.options) == (
        worth.size,
        {"horizon": 10.5, "rate": 0.004, "margin": 0.3, "step": 2.0},
    )
    assert found.method == "BG/NBD × Gamma–Gamma"


def test_without_discount_value_is_purchases_times_spend(fitted):
    data, who, much = fitted
    rows = slice(None, None, 97)
    history = data.x[rows], data.t_x[rows], data.T[rows]
    for horizon in (52, 0.4):
        found = discounted_value(
            who, much, *history, data.mean_spend[rows], horizon=horizon, rate=0
        )
        plain = expected_purchases(who, horizon, *history)
        plain *= expected_spend(much, data.x[rows], data.mean_spend[rows])
        assert found.per_customer == pytest.approx(plain, rel=1e-10)


def test_finer_steps_hardly_change_the_value(fitted):
    _, who, much = fitted
    args = (who, much, [3], [30], [38], [40])
    weekly, fine = (
        discounted_value(*args, horizon=52, rate=0.003, step=step).total for step in (1, 0.02)
    )
    assert weekly == pytest.approx(fine, rel=1e-5)
    assert weekly < discounted_value(*args, horizon=52, rate=0).total


GOOD = {"x": [1, 2, 1, 3], "mean_spend": [9.0, 8, 12, 30]}


@pytest.mark.parametrize(
    ("change", "what", "why"),
    [
        ({"x": [1, 2, 1.5, 3]}, "x", "row 3 is 1.5"),
        ({"x": [1, -2, 1, 3]}, "x", "row 2 is -2"),
        ({"mean_spend": [1, 2]}, "mean_spend", "has 2 rows"),
        ({"counts": [1]}, "counts", "has 1 rows"),
        ({"counts": [1, 1, 1, -1]}, "counts", "at least 0"),
        ({"counts": [1, 1, 1, math.nan]}, "counts", "at least 0"),
        ({"counts": [1, 1, 0, 0]}, "mean_spend", "got 2"),
        ({"x": [0, 0, 1, 3]}, "mean_spend", "got 2"),
        ({"mean_spend": [5, 5, 5, 5]}, "x, mean_spend", "did not converge"),
        ({"mean_spend": [5, 5, 5, math.inf]}, "mean_spend", "infinite"),
    ],
)
def test_unusable_spend_is_refused(change, what, why):
    with pytest.raises(MethodError, match=why) as refused:
        fit_spend(**{**GOOD, **change})
    assert refused.value.what == what


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"horizon": 0}, "horizon"),
        ({"horizon": math.inf}, "horizon"),
        ({"step": 0}, "step"),
        ({"step": 1e-6}, "step"),
        ({"rate": -1}, "rate"),
        ({"rate": math.nan}, "rate"),
        ({"margin": 0}, "margin"),
        ({"margin": 1.2}, "margin"),
    ],
)
def test_options_out_of_range_are_refused(fitted, change, what):
    options = {"horizon": 52, "rate": 0.003, **change}
    with pytest.raises(MethodError) as refused:
        discounted_value(fitted[1], fitted[2], [3], [30], [38], [40], **options)
    assert refused.value.what == what


def test_gaps_in_what_is_foretold_are_refused(fitted):
    _, who, much = fitted
    with pytest.raises(MethodError, match="row 2 is missing"):
        expected_spend(much, [1, 2], [5, math.nan])
    with pytest.raises(MethodError, match="row 1 is missing"):
        expected_spend(much, [math.nan, 2], [5, 5])
    with pytest.raises(MethodError, match="has 1 rows"):
        expected_spend(much, [1, 2], [5])
    with pytest.raises(MethodError, match="miss a value"):
        discounted_value(who, much, [3, 1], [30, math.nan], [38, 38], [40, 9], horizon=5, rate=0)


@pytest.mark.parametrize("unit", [1e-9, 1e9, 1e15])
def test_the_currency_changes_v_and_nothing_else(unit):
    x, mean = [4, 2, 4, 6, 6, 2, 4, 2, 4, 6, 6, 1], [13, 16, 21, 37, 43, 5, 25, 6, 41, 16, 9, 13]
    plain, other = fit_spend(x, mean), fit_spend(x, np.multiply(mean, unit))
    assert (other.p, other.q, other.v / unit) == pytest.approx((plain.p, plain.q, plain.v))
    assert other.correlation == pytest.approx(plain.correlation)
    assert other.loglik == pytest.approx(plain.loglik - plain.n * math.log(unit))
    for name, scale in (("p", 1), ("q", 1), ("v", unit)):
        assert other.standard_errors[name] / scale == pytest.approx(
            plain.standard_errors[name], rel=1e-5
        )


def test_one_mean_beyond_all_measure_is_refused_in_words():
    x, mean = [4, 2, 4, 6, 6, 2, 4, 2, 4, 6, 6, 1], [13, 16, 21, 37, 43, 5, 25, 6, 41, 16, 9, 1e300]
    with pytest.raises(MethodError, match="did not converge"):
        fit_spend(x, mean)


def test_the_examples_run():
    assert doctest.testmod(spend).failed == 0
