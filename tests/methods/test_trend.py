"""Trends: scipy's regression and Kendall test, all orders by brute force, and what must hold for any figures."""

import doctest
from itertools import permutations
from math import sqrt

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats

from zhike.methods import trend as module
from zhike.methods.errors import MethodError
from zhike.methods.trend import trend

NAN = float("nan")
# Some figures that rise unevenly, without ties.
FIGURES = [70.1, 72.3, 71.2, 75.5, 74.9, 78.0, 77.1, 79.4]


def refused(what, why, *args, **options):
    with pytest.raises(MethodError) as caught:
        trend(*args, **options)
    assert caught.value.what == what
    assert why in caught.value.why


def test_examples_in_the_docstrings_run():
    tried = doctest.testmod(module)
    assert tried.attempted > 1
    assert tried.failed == 0


def test_the_line_is_scipys():
    found = trend(FIGURES)
    theirs = stats.linregress(range(1, 9), FIGURES)
    assert found.slope == pytest.approx(theirs.slope)
    assert found.intercept == pytest.approx(theirs.intercept)
    assert found.standard_error == pytest.approx(theirs.stderr)
    assert found.p == pytest.approx(theirs.pvalue)
    assert found.r2 == pytest.approx(theirs.rvalue**2)
    reach = stats.t.ppf(0.975, 6) * theirs.stderr
    assert (found.low, found.high) == pytest.approx((theirs.slope - reach, theirs.slope + reach))
    assert (found.verdict, found.agree, found.n) == ("rising", True, 8)


def test_the_level_widens_the_interval():
    theirs = stats.linregress(range(1, 9), FIGURES)
    reach = stats.t.ppf(0.995, 6) * theirs.stderr
    assert trend(FIGURES, level=0.99).high == pytest.approx(theirs.slope + reach)


def test_the_weighted_line_solves_the_normal_equations():
    weights = np.array([10.0, 200, 30, 5, 80, 60, 150, 20])
    periods = np.array([1.0, 2, 4, 5, 7, 8, 9, 12])
    figures = np.array(FIGURES)
    found = trend(figures, periods=periods, weights=weights)
    design = np.column_stack([np.ones(8), periods])
    inverse = np.linalg.inv(design.T @ (weights[:, None] * design))
    intercept, slope = inverse @ design.T @ (weights * figures)
    rest = figures - intercept - slope * periods
    error = sqrt(rest @ (weights * rest) / 6 * inverse[1, 1])
    assert (found.slope, found.intercept) == pytest.approx((slope, intercept))
    assert found.standard_error == pytest.approx(error)
    mean = weights @ figures / weights.sum()
    assert found.r2 == pytest.approx(
        1 - rest @ (weights * rest) / (weights @ (figures - mean) ** 2)
    )


def test_kendalls_part_is_scipys():
    found = trend(FIGURES).mann_kendall
    theirs = stats.kendalltau(range(8), FIGURES, method="exact")
    assert found.exact
    assert found.tau == pytest.approx(theirs.statistic)
    assert found.p == pytest.approx(theirs.pvalue)
    assert found.sen_slope == pytest.approx(stats.theilslopes(FIGURES, range(8)).slope)


@pytest.mark.parametrize("n", [3, 4, 5, 6, 7])
def test_exact_p_counts_all_orders(n):
    def rises_less_falls(order):
        return sum(np.sign(order[b] - order[a]) for b in range(n) for a in range(b))

    scores = [rises_less_falls(order) for order in permutations(range(n))]
    for order in list(permutations(range(n)))[:: max(1, len(scores) // 20)]:
        s = rises_less_falls(order)
        found = trend([float(each) for each in order]).mann_kendall
        assert found.s == s
        as_far = sum(abs(other) >= abs(s) for other in scores) / len(scores)
        assert found.p == pytest.approx(as_far)


def test_ties_use_the_normal_curve_with_the_variance_for_ties():
    figures = [1, 1, 2, 3, 3, 3, 5, 4]
    found = trend(figures).mann_kendall
    # 8·7·21 less 2·1·9 and 3·2·11 for the two groups of ties, over 18.
    variance = (8 * 7 * 21 - 2 * 1 * 9 - 3 * 2 * 11) / 18
    s = sum(
        (figures[b] > figures[a]) - (figures[b] < figures[a]) for b in range(8) for a in range(b)
    )
    assert not found.exact
    assert found.s == s
    assert found.p == pytest.approx(2 * stats.norm.sf((s - 1) / sqrt(variance)))
    assert found.tau == pytest.approx(stats.kendalltau(range(8), figures).statistic)


def test_many_periods_use_the_normal_curve():
    rng = np.random.default_rng(6)
    few, many = rng.normal(0, 1, 30), rng.normal(0, 1, 31)
    assert trend(few).mann_kendall.exact
    found = trend(many).mann_kendall
    assert not found.exact
    theirs = stats.kendalltau(range(31), many, method="exact")
    assert found.p == pytest.approx(theirs.pvalue, abs=0.005)


def test_no_rise_at_all_has_a_p_of_one():
    found = trend([1.0, 3.0, 3.0, 1.0])
    assert found.mann_kendall.s == 0
    assert found.mann_kendall.p == 1
    assert found.verdict == "no_clear_trend"
    assert found.slope == pytest.approx(0)


def test_a_falling_series_falls():
    found = trend(FIGURES[::-1])
    assert (found.verdict, found.agree) == ("falling", True)
    assert found.mann_kendall.s < 0


def test_line_and_ranks_may_disagree_and_it_is_said():
    # One outlier at the end draws the line; ranks do not see how far it lies.
    found = trend([5.0, 4.0, 3.0, 2.0, 1.0, 0.0, 300.0])
    assert found.mann_kendall.p > 0.05
    assert found.agree == (found.verdict == "no_clear_trend")
    steep = trend([1.0, 2.0, 3.0])
    # Three periods can never be significant by ranks (p = 1/3), but a straight line is.
    assert steep.verdict == "rising"
    assert steep.p == pytest.approx(0, abs=1e-12)
    assert steep.mann_kendall.p == pytest.approx(1 / 3)
    assert steep.agree is False


def test_a_perfect_line_has_no_error():
    found = trend([2.0, 4.0, 6.0, 8.0])
    assert found.slope == pytest.approx(2)
    assert found.p == pytest.approx(0, abs=1e-12)
    assert found.r2 == pytest.approx(1)


def test_periods_without_figure_keep_their_place():
    found = trend([70.1, NAN, 71.2, 75.5, 74.0], weights=[1, 1, 1, 0, 1])
    theirs = stats.linregress([1, 3, 5], [70.1, 71.2, 74.0])
    assert found.slope == pytest.approx(theirs.slope)
    assert found.excluded == {"missing": 1, "zero_weight": 1}
    assert found.n == 3
    assert found.mann_kendall.sen_slope == pytest.approx(
        stats.theilslopes([70.1, 71.2, 74.0], [1, 3, 5]).slope
    )


def test_very_small_figures_have_the_same_trend():
    one, other = trend(FIGURES), trend([each * 1e-200 for each in FIGURES])
    assert other.slope == pytest.approx(one.slope * 1e-200)
    assert other.low == pytest.approx(one.low * 1e-200)
    assert (other.p, other.r2) == pytest.approx((one.p, one.r2))


def test_bad_input_is_named():
    refused("values", "2 can be used", [1, 2])
    refused("values", "2 can be used", [1, NAN, 2])
    refused("values", "are 5 in every period", [5, 5, 5])
    refused("values", "3001 can be used", np.arange(3001.0))
    refused("periods", "2 for 3 values", [1, 2, 4], periods=[1, 2])
    refused("periods", "row 3 does not come after", [1, 2, 4], periods=[1, 2, 2])
    refused("periods", "row 2 does not come after", [1, 2, 4], periods=[1, NAN, 2])
    refused("level", "between 0 and 1", [1, 2, 4], level=1.5)
    refused("weights", "at least 0", [1, 2, 4], weights=[1, 1, -1])
    assert trend(np.arange(3000.0)).n == 3000


figures = st.lists(st.floats(-100, 100).map(lambda each: round(each, 2)), min_size=3, max_size=25)


@given(values=figures)
def test_turning_time_round_turns_the_trend(values):
    assume(max(values) > min(values))
    one, other = trend(values), trend(values[::-1])
    assert one.slope == pytest.approx(-other.slope, abs=1e-9)
    assert one.mann_kendall.s == -other.mann_kendall.s
    assert one.mann_kendall.p == pytest.approx(other.mann_kendall.p)
    assert -1 <= one.mann_kendall.tau <= 1
    assert 0 <= one.r2 <= 1
    assert one.low <= one.slope <= one.high


@given(values=figures, factor=st.floats(0.01, 100), weight=st.floats(1e-3, 1e3))
def test_slopes_stretch_with_their_unit_and_ranks_do_not(values, factor, weight):
    assume(max(values) - min(values) > 0.05)
    one = trend(values)
    other = trend([each * factor for each in values], weights=[weight] * len(values))
    assert other.slope == pytest.approx(one.slope * factor, rel=1e-6, abs=1e-9)
    assert other.standard_error == pytest.approx(one.standard_error * factor, rel=1e-6, abs=1e-9)
    assert other.mann_kendall.s == one.mann_kendall.s
