"""Kano: the table cell by cell, coefficients and Fong's lead by hand, ties, and what must hold for any answers."""

import doctest
from math import sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhike.methods import kano as module
from zhike.methods.errors import MethodError
from zhike.methods.kano import CATEGORIES, category_of, kano

NAN = float("nan")
# One pair of answers for each category.
PAIR = {
    "attractive": (1, 3),
    "one_dimensional": (1, 5),
    "must_be": (3, 5),
    "indifferent": (3, 3),
    "reverse": (3, 1),
    "questionable": (1, 1),
}


def refused(what, why, call, *args, **options):
    with pytest.raises(MethodError) as caught:
        call(*args, **options)
    assert caught.value.what == what
    assert why in caught.value.why


def feature(fong_z=1.65, **counts):
    """The one feature of answers that make so many of each category."""
    rows = [PAIR[category] for category, count in counts.items() for _ in range(count)]
    having, lacking = ([[pair[side]] for pair in rows] for side in (0, 1))
    return kano(having, lacking, fong_z=fong_z).features[0]


def test_examples_in_the_docstrings_run():
    tried = doctest.testmod(module)
    assert tried.attempted > 2
    assert tried.failed == 0


def test_the_evaluation_table_cell_by_cell():
    # Berger and others 1993. Rows: like, expect, neutral, bear, dislike to have it; columns: to lack it.
    q, a, o, r, i, m = [
        "questionable",
        "attractive",
        "one_dimensional",
        "reverse",
        "indifferent",
        "must_be",
    ]
    printed = [
        [q, a, a, a, o],
        [r, i, i, i, m],
        [r, i, i, i, m],
        [r, i, i, i, m],
        [r, r, r, r, q],
    ]
    for row in range(5):
        for column in range(5):
            assert category_of(row + 1, column + 1) == printed[row][column]
            found = kano([[row + 1]], [[column + 1]]).features[0]
            assert found.category == printed[row][column]


def test_better_and_worse_by_hand():
    found = feature(attractive=10, one_dimensional=20, must_be=40, indifferent=10, reverse=5)
    assert found.n == 85
    assert found.better == pytest.approx(30 / 80)
    assert found.worse == pytest.approx(-60 / 80)
    assert found.total_strength == pytest.approx(70 / 85)
    assert found.category_strength == pytest.approx(20 / 85)
    assert found.counts == {
        "must_be": 40,
        "one_dimensional": 20,
        "attractive": 10,
        "indifferent": 10,
        "reverse": 5,
        "questionable": 0,
    }


def test_fongs_least_lead_by_hand():
    # 40 and 20 of 85: 1.65 · sqrt(60 · 110 / 170) = 10.28, and the lead is 20.
    found = feature(attractive=10, one_dimensional=20, must_be=40, indifferent=10, reverse=5)
    assert found.least_lead == pytest.approx(1.65 * sqrt(60 * 110 / 170))
    assert (found.category, found.runner_up, found.lead) == ("must_be", "one_dimensional", 20)
    assert found.clear
    assert found.stated == "must_be"


def test_a_lead_too_small_is_stated_as_mixed():
    found = feature(attractive=30, one_dimensional=36, must_be=10)
    assert (found.category, found.lead) == ("one_dimensional", 6)
    assert found.least_lead == pytest.approx(1.65 * sqrt(66 * 86 / 152))
    assert not found.clear
    assert found.stated == "one_dimensional / attractive"
    assert feature(fong_z=0.9, attractive=30, one_dimensional=36, must_be=10).clear


def test_a_lead_just_as_large_as_needed_is_clear():
    # 3 and 1 of 4: sqrt(4 · 4 / 8) = sqrt 2; with z = sqrt 2 the least lead is 2 as found.
    found = feature(fong_z=sqrt(2) - 1e-12, attractive=3, must_be=1)
    assert found.clear
    assert not feature(fong_z=sqrt(2) + 1e-9, attractive=3, must_be=1).clear


@pytest.mark.parametrize("at", range(5))
def test_of_equally_many_the_one_that_hurts_most_is_taken(at):
    first, second = CATEGORIES[at], CATEGORIES[at + 1]
    found = feature(**{second: 4, first: 4})
    assert (found.category, found.runner_up) == (first, second)
    assert found.stated == f"{first} / {second}"


def test_nobody_in_the_four_categories_leaves_no_coefficients():
    found = feature(reverse=3, questionable=1)
    assert found.category == "reverse"
    assert found.better is None
    assert found.worse is None
    assert found.total_strength == 0


def test_all_in_one_category_is_clear():
    found = feature(attractive=5)
    assert found.name == "1"
    assert found.clear
    assert (found.better, found.worse) == (1, 0)


def test_missing_sides_are_counted():
    found = kano([[1.0, 1], [1.0, NAN], [NAN, NAN]], [[5, 3], [3, 3], [1, 1]], names=["a", "b"])
    first, second = found.features
    assert (first.name, first.n, first.missing) == ("a", 2, 1)
    assert (second.name, second.n, second.missing) == ("b", 1, 2)
    assert found.n == 2
    assert found.excluded == {"missing_pairs": 3}
    assert found.options["fong_z"] == 1.65


def test_stated_importance_says_where_a_mixed_feature_leans():
    # Three want it as one-dimensional, two as must-be: mixed. Those two hold it far more important.
    having, lacking = [[1], [1], [1], [3], [3], [5]], [[5], [5], [5], [5], [5], [5]]
    found = kano(having, lacking, importance=[[2.0], [2.0], [1.0], [9.0], [8.0], [NAN]])
    one = found.features[0]
    assert one.stated == "one_dimensional / must_be"
    assert one.leaning == "must_be"
    assert one.stated_importance == pytest.approx(22 / 5)
    assert found.excluded == {"missing_pairs": 0, "missing_importance": 1}
    assert found.options["importance_scale"] == (1, 9)
    other = kano(having, lacking, importance=[[9], [9], [9], [1], [1], [9]]).features[0]
    assert other.leaning == "one_dimensional"
    equal = kano(having, lacking, importance=[[2], [2], [2], [3], [3], [1]]).features[0]
    assert equal.leaning is None
    without = kano(having, lacking).features[0]
    assert (without.leaning, without.stated_importance) == (None, None)
    # Where one category is clear nothing leans.
    assert kano([[1]] * 9, [[5]] * 9, importance=[[5]] * 9).features[0].leaning is None


def test_bad_input_is_named():
    one = [[1]]
    refused("importance", "is (1, 2), functional (1, 1)", kano, one, one, importance=[[1, 2]])
    refused("importance", "row 1, column a is 10", kano, one, one, importance=[[10]], names=["a"])
    for scale in ((0, 5), (5, 5)):
        refused(
            "importance_scale", "0 < low", kano, one, one, importance=one, importance_scale=scale
        )
    assert kano(one, one, importance=[[10]], importance_scale=(1, 10)).n == 1
    refused("functional", "row 1, column tracking is 6", kano, [[6]], [[1]], names=["tracking"])
    refused("dysfunctional", "row 1, column 1 is 0", kano, [[1]], [[0]])
    refused("functional", "row 2, column 1 is 1.5", kano, [[1], [1.5]], [[1], [2]])
    refused("functional", "row 2, column a is 1.5", kano, [[1], [1.5]], [[1], [2]], names=["a"])
    refused("dysfunctional", "is (1, 2), functional (1, 1)", kano, [[1]], [[1, 2]])
    refused("b", "nobody answered", kano, [[1.0, NAN]], [[1, 2]], names=["a", "b"])
    refused("fong_z", "above 0", kano, [[1]], [[1]], fong_z=0)
    refused("functional", "to 5", category_of, 0, 1)
    refused("dysfunctional", "to 5", category_of, 1, 6)


answers = st.lists(st.tuples(st.integers(1, 5), st.integers(1, 5)), min_size=1, max_size=40)


@given(rows=answers, seed=st.integers(0, 1000))
def test_counts_add_up_and_coefficients_keep_their_bounds(rows, seed):
    having, lacking = ([[pair[side]] for pair in rows] for side in (0, 1))
    found = kano(having, lacking).features[0]
    assert sum(found.counts.values()) == found.n == len(rows)
    assert found.counts[found.category] == max(found.counts.values())
    assert found.counts[found.category] - found.counts[found.runner_up] == found.lead
    if found.better is not None:
        assert 0 <= found.better <= 1
        assert -1 <= found.worse <= 0
    order = np.random.default_rng(seed).permutation(len(rows))
    mixed = kano(np.array(having)[order], np.array(lacking)[order]).features[0]
    assert mixed == found
