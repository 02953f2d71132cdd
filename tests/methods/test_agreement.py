"""Kendall's W: published examples, Friedman's tables, scipy, and all orders tried."""

import doctest
import itertools
import math

import numpy as np
import pytest
from hypothesis import assume, settings
from hypothesis import given as always
from hypothesis import strategies as st
from scipy import stats

from zhike.methods import agreement
from zhike.methods.agreement import kendall_w
from zhike.methods.errors import MethodError

JURIES = st.tuples(st.integers(2, 5), st.integers(3, 6)).flatmap(
    lambda size: st.lists(
        st.lists(st.integers(1, 5), min_size=size[1], max_size=size[1]).filter(
            lambda row: len(set(row)) > 1
        ),
        min_size=size[0],
        max_size=size[0],
    )
)


def names(jury) -> list[str]:
    return [f"i{place}" for place in range(len(jury[0]))]


def test_the_examples_in_the_docstrings_hold():
    assert doctest.testmod(agreement).failed == 0


def test_three_executives_on_six_applicants_agree_as_published():
    # Siegel 1956, ch. 9: W = .16.
    found = kendall_w([[1, 6, 3, 2, 5, 4], [1, 5, 6, 4, 2, 3], [6, 3, 2, 5, 4, 1]], list("abcdef"))
    assert found.w == pytest.approx(0.16, abs=5e-3)
    assert list(found.rank_sums.values()) == [8, 14, 11, 11, 11, 8]


def test_three_raters_of_anxiety_agree_as_published():
    # 20 subjects, many ties: data and figures of the R package irr, kendall(anxiety, TRUE).
    first = [3, 3, 3, 4, 5, 5, 2, 3, 5, 2, 2, 6, 1, 5, 2, 2, 1, 2, 4, 3]
    second = [3, 6, 4, 6, 2, 4, 2, 4, 3, 3, 2, 3, 3, 3, 2, 2, 1, 3, 3, 4]
    third = [2, 1, 4, 4, 3, 2, 1, 6, 1, 1, 1, 2, 3, 3, 1, 1, 3, 3, 2, 2]
    found = kendall_w([first, second, third], [f"s{number}" for number in range(20)])
    assert found.w == pytest.approx(0.54, abs=5e-3)
    assert found.chi2 == pytest.approx(30.8, abs=0.05)
    assert found.df == 19
    assert found.p == pytest.approx(0.0429, abs=5e-5)
    assert found.exact_p is None


def test_twelve_birds_have_the_published_rank_sums():
    # Zar 2010, example 20.5: wing, tail and bill; the bill by its ranks.
    wing = [10.4, 10.8, 11.1, 10.2, 10.3, 10.2, 10.7, 10.5, 10.8, 11.2, 10.6, 11.4]
    tail = [7.4, 7.6, 7.9, 7.2, 7.4, 7.1, 7.4, 7.2, 7.8, 7.7, 7.8, 8.3]
    bill = [5.5, 5.5, 9.5, 2, 3, 1, 8, 4, 11, 9.5, 7, 12]
    found = kendall_w([wing, tail, bill], [f"C{number}" for number in range(1, 13)])
    published = [14.5, 21, 30.5, 6, 11, 3.5, 20, 11.5, 29, 28.5, 22.5, 36]
    assert list(found.rank_sums.values()) == published


@pytest.mark.parametrize(
    ("judges", "items", "table"),
    [
        (3, 3, {0.0: 1.0, 0.667: 0.944, 2.0: 0.528, 2.667: 0.361, 4.667: 0.194, 6.0: 0.028}),
        (4, 3, {0.0: 1.0, 0.5: 0.931, 1.5: 0.653, 2.0: 0.431, 3.5: 0.273, 4.5: 0.125, 6.0: 0.069,
                6.5: 0.042, 8.0: 0.0046}),
    ],
)  # fmt: skip
def test_exact_probabilities_are_those_of_friedmans_table(judges, items, table):
    orders = list(itertools.permutations(range(1, items + 1)))
    seen = {}
    for jury in itertools.product(orders[:1], *[orders] * (judges - 1)):
        found = kendall_w(jury, names(jury))
        seen[round(found.chi2, 3)] = found.exact_p
    assert set(seen) == set(table)
    for statistic, published in table.items():
        assert seen[statistic] == pytest.approx(published, abs=5.1e-4)


@settings(deadline=None, max_examples=40)
@always(JURIES)
def test_the_statistic_is_friedmans_with_ties(jury):
    found = kendall_w(jury, names(jury))
    statistic, p = stats.friedmanchisquare(*np.array(jury).T)
    assert found.chi2 == pytest.approx(statistic, abs=1e-9)
    assert found.p == pytest.approx(p)
    assert found.w == pytest.approx(statistic / len(jury) / (len(jury[0]) - 1))
    assert 0 <= found.w <= 1


@settings(deadline=None, max_examples=40)
@always(JURIES)
def test_the_mean_correlation_is_that_of_all_pairs(jury):
    pairs = [stats.spearmanr(*pair).statistic for pair in itertools.combinations(jury, 2)]
    assert kendall_w(jury, names(jury)).mean_spearman == pytest.approx(np.mean(pairs), abs=1e-9)


@settings(deadline=None, max_examples=30)
@always(st.lists(st.permutations([1, 2, 3, 4, 5]), min_size=2, max_size=6))
def test_without_ties_w_and_the_mean_correlation_say_the_same(jury):
    found = kendall_w(jury, names(jury))
    assert found.mean_spearman == pytest.approx((len(jury) * found.w - 1) / (len(jury) - 1))


@settings(deadline=None, max_examples=25)
@always(JURIES)
def test_the_exact_probability_is_the_share_of_all_orders_as_far_apart(jury):
    assume(math.factorial(len(jury[0])) ** (len(jury) - 1) <= 20_000)
    found = kendall_w(jury, names(jury))
    ranks = stats.rankdata(jury, axis=1)

    def spread(rows) -> float:
        return float(((np.sum(rows, axis=0) - len(jury) * (len(jury[0]) + 1) / 2) ** 2).sum())

    others = itertools.product(*(itertools.permutations(row) for row in ranks[1:].tolist()))
    far = [spread([ranks[0], *rest]) >= spread(ranks) - 1e-9 for rest in others]
    assert found.exact_p == pytest.approx(sum(far) / len(far))


def test_judges_all_alike_agree_fully_and_opposite_ones_not_at_all():
    alike = kendall_w([[1, 2, 3, 4]] * 3, list("abcd"))
    assert alike.w == 1.0
    assert alike.mean_spearman == pytest.approx(1)
    assert alike.exact_p == pytest.approx(1 / 24**2)
    opposite = kendall_w([[1, 2, 3, 4], [4, 3, 2, 1]], list("abcd"))
    assert opposite.w == 0.0
    assert opposite.mean_spearman == pytest.approx(-1)
    assert opposite.p == opposite.exact_p == 1.0
    tied = kendall_w([[1, 1, 2, 3]] * 4, list("abcd"))
    assert tied.w == pytest.approx(1.0)


def test_marks_where_more_is_better_agree_as_places_do():
    jury = np.array([[9, 7, 5, 1], [8, 9, 2, 2], [7, 7, 7, 1]])
    marks = kendall_w(jury, list("abcd"), larger_is_better=True)
    places = kendall_w(10 - jury, list("abcd"))
    assert (marks.w, marks.p, marks.exact_p) == (places.w, places.p, places.exact_p)
    assert marks.rank_sums == places.rank_sums


def test_the_exact_count_stops_where_it_would_be_long():
    chance = np.random.default_rng(1)
    six = [chance.permutation(6) for _ in range(3)]
    assert kendall_w(six, list("abcdef")).exact_p is not None
    seven = [chance.permutation(7) for _ in range(3)]
    assert kendall_w(seven, list("abcdefg")).exact_p is None
    crowd = [chance.permutation(6) for _ in range(40)]
    found = kendall_w(crowd, list("abcdef"))
    assert found.exact_p is None
    assert found.n == 40
    many = np.argsort(chance.random((100_000, 12)), axis=1)
    assert 0 <= kendall_w(many, list("abcdefghijkl")).w < 1e-3


def test_juries_without_an_answer_are_named():
    with pytest.raises(MethodError, match="at least two judges"):
        kendall_w([[1, 2, 3]], list("abc"))
    with pytest.raises(MethodError, match="judge 2 places all items equal"):
        kendall_w([[1, 2, 3], [2, 2, 2]], list("abc"))
    with pytest.raises(MethodError, match="judge 1 has not placed “b”"):
        kendall_w([[1, math.nan, 3], [2.0, 1, 3]], list("abc"))
