"""sBG: both published cohorts, the recursion of the paper, differences, a simulation and plain sums."""

import doctest
import math

import numpy as np
import pytest

from tests.methods.known import HIGH_END, REGULAR
from zhike.methods import retention as module
from zhike.methods.errors import MethodError
from zhike.methods.retention import fit_retention, residual_periods, retention, survival


def shares_leaving(alpha, beta, periods):
    """P(T = t) by the forward recursion the authors use in a spreadsheet."""
    shares = [alpha / (alpha + beta)]
    for t in range(2, periods + 1):
        shares.append(shares[-1] * (beta + t - 2) / (alpha + beta + t - 1))
    return np.array(shares)


def level(at, left):
    alpha, beta = at
    shares = shares_leaving(alpha, beta, len(left) - 1)
    return float(-np.diff(left) @ np.log(shares) + left[-1] * math.log(1 - shares.sum()))


@pytest.mark.parametrize(
    ("left", "alpha", "beta"), [(HIGH_END, 0.668, 3.806), (REGULAR, 0.704, 1.182)]
)
def test_the_published_cohorts(left, alpha, beta):
    model = fit_retention(left)
    assert (round(model.alpha, 3), round(model.beta, 3)) == (alpha, beta)
    assert model.loglik == pytest.approx(level((model.alpha, model.beta), left), rel=1e-12)
    assert (model.method, model.n, model.periods) == ("sBG", 1000, 7)


@pytest.mark.parametrize("left", [HIGH_END, REGULAR, [50, 30, 22, 22, 19, 18]])
def test_the_peak_and_its_errors_are_those_of_the_recursions_level(left):
    model = fit_retention(left)
    at = np.array([model.alpha, model.beta])
    step = 1e-3 * at
    moves = np.diag(step)
    slope = [level(at + m, left) - level(at - m, left) for m in moves]
    assert np.array(slope) / (2 * step) == pytest.approx(0, abs=2e-3)
    bend = np.empty((2, 2))
    for i in range(2):
        for j in range(2):
            corners = [
                one * two * level(at + one * moves[i] + two * moves[j], left)
                for one in (1, -1)
                for two in (1, -1)
            ]
            bend[i, j] = sum(corners) / (4 * step[i] * step[j])
    errors = np.sqrt(np.diag(np.linalg.inv(-bend)))
    assert list(model.standard_errors.values()) == pytest.approx(errors, rel=1e-2)


def test_shares_of_a_cohort_give_the_parameters_of_its_numbers():
    numbers, shares = fit_retention(HIGH_END), fit_retention([left / 1000 for left in HIGH_END])
    assert (shares.alpha, shares.beta) == pytest.approx((numbers.alpha, numbers.beta), rel=1e-6)


def test_survival_and_retention_follow_from_the_shares_leaving():
    model = fit_retention(HIGH_END)
    kept = 1 - np.cumsum(shares_leaving(model.alpha, model.beta, 12))
    assert survival(model, 12) == pytest.approx([1, *kept])
    assert retention(model, 12) == pytest.approx(kept / np.array([1, *kept[:-1]]))
    assert model.survivors == pytest.approx(1000 * survival(model, 7))
    assert (np.diff(retention(model, 12)) > 0).all()
    assert survival(model, 0).tolist() == [1.0]
    assert retention(model, 0).size == 0


def test_survival_is_that_of_simulated_customers():
    model = fit_retention(REGULAR)
    rng = np.random.default_rng(2)
    chances = rng.beta(model.alpha, model.beta, 200_000)
    lasted = rng.geometric(chances)
    for periods in (1, 3, 8):
        expected = survival(model, periods)[-1]
        assert (lasted > periods).mean() == pytest.approx(expected, abs=0.004)


def test_a_cohort_of_the_expected_numbers_gives_its_parameters_back():
    kept = 1 - np.cumsum(shares_leaving(1.4, 5.2, 9))
    model = fit_retention([1e5, *(1e5 * kept)])
    assert [model.alpha, model.beta] == pytest.approx([1.4, 5.2], rel=1e-6)


def test_a_cohort_may_end_with_nobody():
    model = fit_retention([100, 40, 22, 14, 9, 6, 4, 3, 1, 0])
    assert model.alpha > 0
    assert model.beta > 0


@pytest.mark.parametrize("renewals", [0, 4])
def test_residual_periods_are_the_plain_discounted_sum(renewals):
    model = fit_retention(HIGH_END)
    kept = survival(model, 3000)
    sums = kept[renewals + 1 :] / kept[renewals]
    wanted = float((sums / 1.1 ** np.arange(sums.size)).sum())
    assert residual_periods(model, renewals, 0.1) == pytest.approx(wanted, rel=1e-10)


@pytest.mark.parametrize(
    ("left", "why"),
    [
        ([1000, 900], "at least 3"),
        ([1000, 800, 850], "row 3 is 850, more than before"),
        ([1000, math.nan, 700], "row 2 is missing"),
        ([0, 0, 0], "start above 0"),
        ([10, 5, -1], "never fall below 0"),
        ([100, 100, 100], "nobody left"),
        ([1000, 900, 810, 729], "did not converge"),
        ([1000, 990, 900, 500], "did not converge"),
        ([1e12, 9e11, 8.1e11, 7.29e11], "did not converge"),
        ([10, 0, 0], "did not converge"),
    ],
)
def test_cohorts_that_tell_nothing_are_refused(left, why):
    with pytest.raises(MethodError, match=why) as refused:
        fit_retention(left)
    assert refused.value.what == "survivors"


@pytest.mark.parametrize(
    ("call", "what"),
    [
        (lambda m: survival(m, -1), "periods"),
        (lambda m: retention(m, -2), "periods"),
        (lambda m: residual_periods(m, -1, 0.1), "renewals"),
        (lambda m: residual_periods(m, 1, 0), "rate"),
        (lambda m: residual_periods(m, 1, math.nan), "rate"),
    ],
)
def test_impossible_questions_are_refused(call, what):
    with pytest.raises(MethodError) as refused:
        call(fit_retention(HIGH_END))
    assert refused.value.what == what


def test_the_examples_run():
    assert doctest.testmod(module).failed == 0
