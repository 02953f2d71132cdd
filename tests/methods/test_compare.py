"""Differences of two scores: Newcombe's printed intervals, scipy's own tests, and what must always hold."""

import doctest
from math import sqrt
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from zhike.methods import compare
from zhike.methods.compare import (
    difference_of_means,
    difference_of_nps,
    difference_of_shares,
    holm,
)
from zhike.methods.errors import MethodError

NAN = float("nan")
ALL = (difference_of_shares, difference_of_means, difference_of_nps)


def refused(what, why, call, *args, **options):
    with pytest.raises(MethodError) as caught:
        call(*args, **options)
    assert caught.value.what == what
    assert why in caught.value.why


def marks(inside, n):
    return [1] * inside + [0] * (n - inside)


def pairs(both, lost, won, neither):
    """Answers before and after of so many people."""
    before = [1] * both + [1] * lost + [0] * won + [0] * neither
    after = [1] * both + [0] * lost + [1] * won + [0] * neither
    return before, after


def test_examples_in_the_docstrings_run():
    tried = doctest.testmod(compare)
    assert tried.attempted > 5
    assert tried.failed == 0


@pytest.mark.parametrize(
    ("a", "m", "b", "n", "low", "high"),
    [
        (56, 70, 48, 80, 0.0524, 0.3339),
        (9, 10, 3, 10, 0.1705, 0.8090),
        (6, 7, 2, 7, 0.0582, 0.8062),
        (5, 56, 0, 29, -0.0381, 0.1926),
        (0, 10, 0, 20, -0.1611, 0.2775),
        (0, 10, 0, 10, -0.2775, 0.2775),
        (10, 10, 0, 20, 0.6791, 1.0000),
        (10, 10, 0, 10, 0.6075, 1.0000),
    ],
)
def test_independent_shares_have_the_intervals_newcombe_printed(a, m, b, n, low, high):
    found = difference_of_shares(marks(b, n), marks(a, m))
    assert (found.low, found.high) == pytest.approx((low, high), abs=0.00005)
    assert found.difference == pytest.approx(a / m - b / n)


def test_paired_shares_have_the_interval_newcombe_printed():
    # His first example: 36 both, 12 and 2 one alone, 0 neither.
    found = difference_of_shares(*pairs(36, 2, 12, 0), paired=True)
    assert found.difference == pytest.approx(0.2)
    assert (found.low, found.high) == pytest.approx((0.0569, 0.3404), abs=0.00005)


def test_paired_shares_against_altmans_worked_example():
    # Altman and others 2000, table 6.2: 14, 5, 0, 22; printed as 0.011 to 0.226.
    found = difference_of_shares(*pairs(14, 0, 5, 22), paired=True)
    assert (found.low, found.high) == pytest.approx((0.011, 0.226), abs=0.001)


@pytest.mark.parametrize(
    "table", [(20, 3, 9, 30), (3, 2, 1, 2), (3, 1, 2, 4), (5, 9, 8, 4), (10, 0, 3, 0), (1, 0, 0, 1)]
)
def test_paired_interval_by_the_formula_written_out(table):
    both, lost, won, neither = table
    n = sum(table)
    z = NormalDist().inv_cdf(0.975)

    def ends(p):
        middle, half = p + z * z / 2 / n, z * sqrt(p * (1 - p) / n + z * z / 4 / n**2)
        return (middle - half) / (1 + z * z / n), (middle + half) / (1 + z * z / n)

    before, after = (both + lost) / n, (both + won) / n
    (l1, u1), (l2, u2) = ends(before), ends(after)
    product = both * neither - lost * won
    product = product - n / 2 if product > n / 2 else min(product, 0)
    margins = (both + lost) * (won + neither) * (both + won) * (lost + neither)
    phi = product / sqrt(margins) if margins else 0
    down = (after - l2) ** 2 - 2 * phi * (after - l2) * (u1 - before) + (u1 - before) ** 2
    up = (u2 - after) ** 2 - 2 * phi * (u2 - after) * (before - l1) + (before - l1) ** 2
    found = difference_of_shares(*pairs(*table), paired=True)
    assert found.low == pytest.approx(after - before - sqrt(down))
    assert found.high == pytest.approx(after - before + sqrt(up))


def test_p_of_independent_shares_is_that_of_the_chi_square_without_correction():
    found = difference_of_shares(marks(48, 80), marks(56, 70))
    theirs = stats.chi2_contingency([[48, 32], [56, 14]], correction=False)
    assert found.p == pytest.approx(theirs.pvalue)
    assert found.options["test"] == "score"
    assert found.verdict == "higher"


@pytest.mark.parametrize(
    ("b", "n", "a", "m"),
    [(3, 10, 9, 10), (0, 29, 5, 56), (2, 7, 6, 7), (0, 10, 0, 20), (5, 5, 2, 9), (1, 100, 4, 90)],
)
def test_p_of_few_is_fishers(b, n, a, m):
    found = difference_of_shares(marks(b, n), marks(a, m))
    assert found.options["test"] == "fisher"
    assert found.p == pytest.approx(stats.fisher_exact([[b, n - b], [a, m - a]]).pvalue)


def test_a_few_beside_very_many_do_not_overflow():
    found = difference_of_shares(marks(4, 4), marks(50_000, 100_000))
    # Half of the many: for the few the chance of all four is nearly (1/2)^4, and of none as rare.
    assert found.options["test"] == "fisher"
    assert found.p == pytest.approx(2 / 16, abs=1e-4)


def test_the_exact_test_begins_below_five_expected():
    assert difference_of_shares(marks(5, 10), marks(5, 10)).options["test"] == "score"
    assert difference_of_shares(marks(4, 10), marks(5, 10)).options["test"] == "fisher"
    assert difference_of_shares(marks(6, 10), marks(5, 10)).options["test"] == "fisher"


def test_p_of_pairs_is_mcnemars():
    few = difference_of_shares(*pairs(36, 2, 12, 0), paired=True)
    assert few.options["test"] == "mcnemar_exact"
    assert few.p == pytest.approx(stats.binomtest(2, 14).pvalue)
    assert few.n == (50, 50)
    many = difference_of_shares(*pairs(100, 10, 15, 0), paired=True)
    assert many.options["test"] == "mcnemar"
    assert many.p == pytest.approx(stats.chi2.sf(25 / 25, 1))
    assert difference_of_shares(*pairs(9, 0, 0, 3), paired=True).p == 1
    equal = difference_of_shares(*pairs(9, 3, 3, 3), paired=True)
    assert (equal.p, equal.verdict) == (1, "no_clear_difference")


def test_welch_is_scipys():
    rng = np.random.default_rng(8)
    first, second = rng.normal(4, 1, 30), rng.normal(4.8, 2, 17)
    found = difference_of_means(first, second)
    theirs = stats.ttest_ind(second, first, equal_var=False)
    low, high = theirs.confidence_interval(0.95)
    assert found.p == pytest.approx(theirs.pvalue)
    assert found.df == pytest.approx(theirs.df)
    assert (found.low, found.high) == pytest.approx((low, high))
    assert found.difference == pytest.approx(second.mean() - first.mean())


def test_paired_means_are_scipys():
    rng = np.random.default_rng(9)
    first = rng.normal(4, 1, 12)
    second = first + rng.normal(0.5, 0.3, 12)
    found = difference_of_means(first, second, paired=True, level=0.9)
    theirs = stats.ttest_rel(second, first)
    assert found.p == pytest.approx(theirs.pvalue)
    assert (found.low, found.high) == pytest.approx(tuple(theirs.confidence_interval(0.9)))
    assert found.df == 11
    assert found.verdict == "higher"


def test_welch_at_tiny_spreads():
    first, second = np.array([1.0, 1.1, 1.3]) * 1e-150, np.array([2.0, 2.1, 2.5]) * 1e-150
    theirs = difference_of_means(first * 1e150, second * 1e150)
    found = difference_of_means(first, second)
    assert found.df == pytest.approx(theirs.df)
    assert found.p == pytest.approx(theirs.p)


def test_nps_difference_by_the_spread_of_marks():
    rng = np.random.default_rng(4)
    first, second = rng.integers(0, 11, 60), rng.integers(3, 11, 80)

    def counted(answers):
        return np.where(answers >= 9, 1.0, np.where(answers <= 6, -1.0, 0.0))

    one, other = counted(first), counted(second)
    error = sqrt(one.var() / 60 + other.var() / 80)
    found = difference_of_nps(first, second)
    assert found.difference == pytest.approx(100 * (other.mean() - one.mean()))
    assert found.high - found.difference == pytest.approx(100 * error * 1.959964, abs=1e-4)
    z = (other.mean() - one.mean()) / error
    assert found.p == pytest.approx(2 * (1 - NormalDist().cdf(abs(z))))
    assert found.unit == "points"


def test_paired_nps_uses_each_persons_change():
    first, second = [9, 9, 3, 7, 8, 2], [10, 7, 7, 9, 9, 2]
    changes = np.array([0, -1, 1, 1, 1, 0])
    found = difference_of_nps(first, second, paired=True)
    assert found.difference == pytest.approx(100 * changes.mean())
    assert found.high - found.difference == pytest.approx(
        100 * changes.std() / sqrt(6) * 1.959964, abs=1e-4
    )


def test_nps_differences_are_clipped_to_200():
    assert difference_of_nps([0, 0, 0, 7], [10, 10, 10, 10]).high == 200
    assert difference_of_nps([10, 10, 10, 10], [0, 0, 0, 7]).low == -200


@pytest.mark.parametrize(
    ("answer", "mark"), [(0, -100), (6, -100), (7, 0), (8, 0), (9, 100), (10, 100)]
)
def test_nps_groups_in_differences(answer, mark):
    assert difference_of_nps([0, 10], [answer, answer]).second == mark


def test_weights_count_in_every_difference():
    shares = difference_of_shares([1, 0, 1], [1, 0], first_weights=[2, 1, 1])
    assert shares.first == pytest.approx(0.75)
    assert shares.options["test"] == "score"
    pooled = (0.75 * 16 / 6 + 0.5 * 2) / (16 / 6 + 2)
    z = 0.25 / sqrt(pooled * (1 - pooled) * (6 / 16 + 1 / 2))
    assert shares.p == pytest.approx(2 * (1 - NormalDist().cdf(z)))
    means = difference_of_means([1, 3, 5], [2, 3], first_weights=[1, 1, 2])
    assert means.first == pytest.approx(3.5)
    worth = 16 / 6
    squared = (2.75 / (worth - 1), 0.5 / 2)
    assert means.df == pytest.approx(
        sum(squared) ** 2 / (squared[0] ** 2 / (worth - 1) + squared[1] ** 2 / 1)
    )
    nps = difference_of_nps([9, 3] * 8, [9, 3] * 8, second_weights=[3, 1] * 8)
    assert nps.second == pytest.approx(50)
    assert nps.high - 50 == pytest.approx(100 * sqrt(1 / 16 + 0.75 / 12.8) * 1.959964, abs=1e-3)


def test_weighted_pairs_are_counted_at_their_effective_number():
    before, after = [1, 0, 0, 1, 0], [1, 1, 1, 0, 0]
    found = difference_of_shares(before, after, paired=True, first_weights=[1, 1, 2, 1, 1])
    worth = 36 / 8
    won, lost = 3 / 6 * worth, 1 / 6 * worth
    assert found.options["test"] == "mcnemar"
    assert found.p == pytest.approx(2 * (1 - NormalDist().cdf((won - lost) / sqrt(won + lost))))
    assert found.difference == pytest.approx(2 / 6)


def test_weighted_groups_that_all_agree_do_not_differ():
    found = difference_of_shares([1, 1, 1], [1, 1], first_weights=[1, 2, 1])
    assert (found.p, found.options["test"]) == (1, "score")


def test_weighted_pairs_without_any_change_prove_nothing():
    found = difference_of_shares([1, 0, 0], [1, 0, 0], paired=True, first_weights=[1, 2, 1])
    assert (found.p, found.verdict) == (1, "no_clear_difference")


def test_equal_weights_change_no_interval():
    before, after = pairs(20, 3, 9, 30)
    one = difference_of_shares(before, after, paired=True)
    other = difference_of_shares(before, after, paired=True, first_weights=[7] * 62)
    assert (other.low, other.high) == pytest.approx((one.low, one.high))


def test_missing_answers_and_broken_pairs_are_counted():
    first, second = [1, NAN, 0, 1, 0, 1], [NAN, 1, 0, 1, 1, 0]
    alone = difference_of_shares(first, second)
    assert alone.n == (5, 5)
    assert alone.excluded == {"missing_first": 1, "missing_second": 1, "zero_weight": 0}
    together = difference_of_shares(first, second, paired=True, first_weights=[1, 1, 1, 1, 1, 0])
    assert together.n == (3, 3)
    assert together.excluded == {
        "missing_first": 1,
        "missing_second": 1,
        "zero_weight": 1,
        "pairs": 3,
    }
    weighted = difference_of_shares(
        first, second, first_weights=[0, 0, 1, 1, 1, 1], second_weights=[0, 0, 1, 1, 1, 1]
    )
    assert weighted.excluded["zero_weight"] == 2
    assert weighted.n == (4, 4)


def test_verdicts_say_where_the_second_lies():
    assert difference_of_means([1, 2, 1, 2], [8, 9, 9, 8]).verdict == "higher"
    assert difference_of_means([8, 9, 9, 8], [1, 2, 1, 2]).verdict == "lower"
    assert difference_of_means([1, 9, 5, 4], [2, 9, 5, 4]).verdict == "no_clear_difference"


@pytest.mark.parametrize("call", ALL)
def test_bad_input_is_named(call):
    refused("second", "1 answers for 2 people", call, [1, 0], [1], paired=True)
    refused("second_weights", "one weight", call, [1], [0], paired=True, second_weights=[1])
    refused("first", "nothing is left", call, [NAN], [1])
    refused("second", "nothing is left", call, [1], [NAN])
    refused("first", "nothing is left", call, [1, NAN], [NAN, 1], paired=True)
    refused("first", "no number", call, ["x"], [1])
    refused("weights", "2 for 1", call, [1], [1], first_weights=[1, 1])
    refused("level", "between 0 and 1", call, [1, 0], [1, 0], level=2)


def test_bad_values_are_named():
    refused("first", "counts 1 or 0", difference_of_shares, [2, 1], [1, 0])
    refused("second", "counts 1 or 0", difference_of_shares, [1], [0.5])
    refused("second", "row 2 is 11", difference_of_nps, [1, 2], [1, 11])
    refused("first", "no point", difference_of_nps, [1.5, 2], [1, 1])
    refused("answers", "do not vary", difference_of_nps, [9, 10], [3, 3])
    refused("answers", "do not vary", difference_of_means, [3, 3], [4, 4])
    refused("answers", "do not vary", difference_of_means, [3, 4], [4, 5], paired=True)
    refused("answers", "do not vary", difference_of_nps, [9, 3], [9, 3], paired=True)
    refused("answers", "at least 2", difference_of_means, [3], [4, 5])
    # One group without spread is no hindrance.
    assert difference_of_means([3, 3], [4, 5]).df == pytest.approx(1)


answered = st.lists(st.integers(0, 1), min_size=1, max_size=30)


@given(first=answered, second=answered)
def test_turning_the_groups_round_turns_the_difference(first, second):
    one, other = difference_of_shares(first, second), difference_of_shares(second, first)
    assert (one.low, one.high) == pytest.approx((-other.high, -other.low))
    assert one.p == pytest.approx(other.p)
    assert -1 <= one.low <= one.difference <= one.high <= 1
    assert 0 <= one.p <= 1


@given(rows=st.lists(st.tuples(st.integers(0, 1), st.integers(0, 1)), min_size=1, max_size=30))
def test_turning_pairs_round_turns_the_difference(rows):
    first, second = zip(*rows, strict=True)
    one = difference_of_shares(first, second, paired=True)
    other = difference_of_shares(second, first, paired=True)
    assert (one.low, one.high) == pytest.approx((-other.high, -other.low))
    assert one.p == pytest.approx(other.p)
    assert -1 <= one.low <= one.difference <= one.high <= 1


@given(shift=st.floats(-50, 50), scale=st.floats(0.1, 10))
def test_means_move_and_stretch_with_their_unit(shift, scale):
    first, second = np.array([1.0, 2, 4, 4]), np.array([3.0, 5, 5])
    one = difference_of_means(first, second)
    other = difference_of_means(first * scale + shift, second * scale + shift)
    assert other.low == pytest.approx(one.low * scale, abs=1e-6)
    assert other.p == pytest.approx(one.p, rel=1e-6)


def test_holm_gives_the_figures_of_a_known_example():
    found = holm({"a": 0.01, "b": 0.04, "c": 0.03, "d": 0.005})
    assert found.adjusted == pytest.approx({"a": 0.03, "b": 0.06, "c": 0.06, "d": 0.02})
    assert found.holds == {"a": True, "b": False, "c": False, "d": True}
    assert (found.n, list(found.adjusted)) == (4, ["a", "b", "c", "d"])


def by_steps(p_values, alpha):
    """Holm's own words: from the smallest on, stop at the first that is larger than alpha by those left."""
    held, left = set(), len(p_values)
    for name, p in sorted(p_values.items(), key=lambda each: each[1]):
        if p * left > alpha:
            break
        held.add(name)
        left -= 1
    return held


@given(
    given_p=st.lists(st.floats(0, 1), min_size=1, max_size=12),
    alpha=st.sampled_from([0.01, 0.05, 0.1, 0.5]),
)
def test_holm_holds_what_stepping_down_holds(given_p, alpha):
    p_values = {str(at): p for at, p in enumerate(given_p)}
    found = holm(p_values, alpha=alpha)
    assert {name for name, held in found.holds.items() if held} == by_steps(p_values, alpha)
    assert all(p_values[name] <= adjusted <= 1 for name, adjusted in found.adjusted.items())


def test_holm_refuses_what_is_no_p_value():
    refused("p_values", "none", holm, {})
    refused("p_values", "x is 1.2", holm, {"x": 1.2})
    refused("p_values", "x is nan", holm, {"x": NAN})
    refused("p_values", "x is -0.1", holm, {"x": -0.1})
    refused("alpha", "between 0 and 1", holm, {"x": 0.1}, alpha=1)


def test_a_million_answers_a_side():
    rng = np.random.default_rng(2)
    first, second = rng.random(1_000_000) < 0.80, rng.random(1_000_000) < 0.81
    found = difference_of_shares(first, second)
    assert found.verdict == "higher"
    assert 0.007 < found.low < found.high < 0.013
