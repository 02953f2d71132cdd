"""One order of several judges: published elections, all orders tried, and what theory promises."""

import doctest
import itertools
import math

import numpy as np
import pytest
from hypothesis import assume, settings
from hypothesis import given as always
from hypothesis import strategies as st
from scipy import stats

from zhike.methods import ranking
from zhike.methods.errors import MethodError
from zhike.methods.ranking import borda, copeland, kemeny, ranks_of

# The capital of Tennessee: voters in per cent, places of the four cities.
CITIES = ["Memphis", "Nashville", "Chattanooga", "Knoxville"]
BALLOTS = [[1, 2, 3, 4], [4, 1, 2, 3], [4, 3, 1, 2], [4, 3, 2, 1]]
VOTERS = [42, 26, 15, 17]

# Judges × items, with and without ties.
JURIES = st.tuples(st.integers(2, 6), st.integers(2, 5)).flatmap(
    lambda size: st.lists(
        st.lists(st.integers(1, 6), min_size=size[1], max_size=size[1]),
        min_size=size[0],
        max_size=size[0],
    )
)


def names(jury: list[list[int]]) -> list[str]:
    return list("abcdefghijklmnop")[: len(jury[0])]


def disagreements(jury: list[list[int]], order: tuple[int, ...]) -> float:
    """Pair by pair and judge by judge."""
    total = 0.0
    for judge in jury:
        for one, other in itertools.combinations(order, 2):
            total += 1 if judge[one] > judge[other] else 0.5 if judge[one] == judge[other] else 0
    return total


def test_the_examples_in_the_docstrings_hold():
    assert doctest.testmod(ranking).failed == 0


def test_the_capital_of_tennessee_is_found_as_published():
    by_points = borda(BALLOTS, CITIES, judge_weights=VOTERS)
    published = {"Nashville": 194, "Chattanooga": 173, "Memphis": 126, "Knoxville": 107}
    assert {name: 100 * points for name, points in by_points.points.items()} == pytest.approx(
        published
    )
    assert by_points.order == tuple(published)
    least = kemeny(BALLOTS, CITIES, judge_weights=VOTERS)
    assert least.group.order == ("Nashville", "Chattanooga", "Knoxville", "Memphis")
    assert least.disagreements == pytest.approx(207)
    assert least.best_orders == 1
    duels = copeland(BALLOTS, CITIES, judge_weights=VOTERS)
    assert duels.points == {"Memphis": -3, "Nashville": 3, "Chattanooga": 1, "Knoxville": -1}


def test_a_circle_of_majorities_is_broken_as_published():
    # 25 A>B>C, 40 B>C>A, 35 C>A>B.
    found = kemeny([[1, 2, 3], [3, 1, 2], [2, 3, 1]], list("ABC"), judge_weights=[25, 40, 35])
    assert found.group.order == ("B", "C", "A")
    assert found.disagreements == pytest.approx(120)
    duels = copeland([[1, 2, 3], [3, 1, 2], [2, 3, 1]], list("ABC"), judge_weights=[25, 40, 35])
    assert set(duels.points.values()) == {0.0}
    assert set(duels.places.values()) == {2.0}


@settings(deadline=None)
@always(JURIES)
def test_kemenys_order_is_the_best_of_all_orders(jury):
    found = kemeny(jury, names(jury))
    tried = [disagreements(jury, order) for order in itertools.permutations(range(len(jury[0])))]
    assert found.disagreements == pytest.approx(min(tried))
    assert found.best_orders == sum(math.isclose(one, min(tried)) for one in tried)
    own = tuple(names(jury).index(name) for name in found.group.order)
    assert disagreements(jury, own) == pytest.approx(min(tried))
    assert found.group.points == {
        name: len(own) - 1 - place for place, name in enumerate(found.group.order)
    }


@settings(deadline=None)
@always(JURIES)
def test_of_several_best_orders_the_one_nearest_to_borda_is_shown(jury):
    found, items = kemeny(jury, names(jury)), names(jury)
    by_points = borda(jury, items).order
    least = min(disagreements(jury, order) for order in itertools.permutations(range(len(items))))
    best = [
        [by_points.index(items[place]) for place in order]
        for order in itertools.permutations(range(len(items)))
        if math.isclose(disagreements(jury, order), least)
    ]
    assert [by_points.index(name) for name in found.group.order] == min(best)


@settings(deadline=None)
@always(JURIES)
def test_borda_counts_who_is_beaten(jury):
    found = borda(jury, names(jury))
    for place, name in enumerate(names(jury)):
        beaten = sum(
            1 if judge[place] < other else 0.5
            for judge in jury
            for rival, other in enumerate(judge)
            if rival != place and judge[place] <= other
        )
        assert found.points[name] == pytest.approx(beaten / len(jury))
    assert found.order == tuple(
        sorted(names(jury), key=lambda name: (-round(found.points[name], 9), name))
    )


@settings(deadline=None)
@always(JURIES)
def test_copeland_counts_duels_and_who_wins_all_is_first_with_kemeny_too(jury):
    found, items = copeland(jury, names(jury)), names(jury)
    for place, name in enumerate(items):
        duels = [
            sum((judge[place] < judge[rival]) - (judge[place] > judge[rival]) for judge in jury)
            for rival in range(len(items))
            if rival != place
        ]
        assert found.points[name] == sum((duel > 0) - (duel < 0) for duel in duels)
        if all(duel > 0 for duel in duels):
            assert kemeny(jury, items).group.order[0] == name
            assert borda(jury, items).order[-1] != name
    assert sum(found.points.values()) == 0


@settings(deadline=None)
@always(JURIES, st.randoms(use_true_random=False))
def test_the_order_of_judges_and_items_changes_no_points(jury, chance):
    table, items = np.array(jury), names(jury)
    rows = chance.sample(range(len(jury)), len(jury))
    columns = chance.sample(range(len(items)), len(items))
    moved = [items[place] for place in columns]
    for method in (borda, copeland):
        usual = method(table, items)
        found = method(table[rows][:, columns], moved)
        assert found.points == pytest.approx(usual.points)
        assert found.places == pytest.approx(usual.places)
    assert kemeny(table[rows][:, columns], moved).disagreements == pytest.approx(
        kemeny(table, items).disagreements
    )


@settings(deadline=None)
@always(JURIES, st.data())
def test_a_weight_of_three_is_the_same_judge_three_times(jury, data):
    counts = data.draw(st.lists(st.integers(0, 3), min_size=len(jury), max_size=len(jury)))
    assume(sum(counts) > 0)
    repeated = [judge for judge, count in zip(jury, counts, strict=True) for _ in range(count)]
    for method in (borda, copeland):
        weighted = method(jury, names(jury), judge_weights=counts)
        assert weighted.points == pytest.approx(method(repeated, names(jury)).points)
        assert weighted.order == method(repeated, names(jury)).order
        assert weighted.n == sum(count > 0 for count in counts)
        assert weighted.excluded == ({"weight 0": counts.count(0)} if 0 in counts else {})
    found = kemeny(jury, names(jury), judge_weights=counts)
    again = kemeny(repeated, names(jury))
    assert found.group.order == again.group.order
    assert found.disagreements == pytest.approx(again.disagreements)
    assert found.best_orders == again.best_orders


def test_reversing_every_judge_reverses_the_order():
    chance = np.random.default_rng(4)
    jury = np.array([chance.permutation(7) + 1 for _ in range(5)])
    items = list("abcdefg")
    for method in (borda, copeland):
        usual = method(jury, items).points
        assert method(jury, items, larger_is_better=True).points == pytest.approx(
            {name: (6 if method is borda else 0) - points for name, points in usual.items()}
        )
    forth, back = kemeny(jury, items), kemeny(jury, items, larger_is_better=True)
    assert back.disagreements == pytest.approx(forth.disagreements)
    assert back.group.options["larger_is_better"] is True


@settings(deadline=None)
@always(JURIES)
def test_ranks_are_those_of_scipy(jury):
    found, _ = ranks_of(jury, names(jury))
    assert found.tolist() == stats.rankdata(jury, axis=1).tolist()
    turned, _ = ranks_of(jury, names(jury), larger_is_better=True)
    assert turned.tolist() == stats.rankdata(-np.array(jury), axis=1).tolist()


def test_a_judges_distance_is_the_share_of_pairs_ordered_otherwise():
    found = borda([[1, 2, 3], [1, 2, 3], [3, 2, 1], [1, 2, 2]], list("abc"))
    assert found.order == ("a", "b", "c")
    assert found.distances == pytest.approx((0, 0, 1, 0.5 / 3))


def test_equals_share_the_mean_of_their_places():
    found = borda([[1, 2, 3], [2, 1, 3]], list("abc"))
    assert found.places == {"a": 1.5, "b": 1.5, "c": 3}
    # Tenths do not add up exactly; they are equal nonetheless.
    tenths = borda([[1, 2], [2, 1], [1, 2], [2, 1]], list("ab"), judge_weights=[0.1, 0.3, 0.2, 0])
    assert tenths.places == {"a": 1.5, "b": 1.5}


def test_sixteen_items_are_ordered_exactly_and_more_are_refused():
    chance = np.random.default_rng(7)
    true = np.arange(16)
    jury = [np.argsort(np.argsort(true + chance.normal(0, 0.3, 16))) for _ in range(9)]
    found = kemeny(jury, [f"i{number:02}" for number in range(16)])
    assert found.group.order == tuple(f"i{number:02}" for number in range(16))
    with pytest.raises(MethodError, match="up to 16"):
        kemeny(np.arange(17)[None, :], [f"i{number}" for number in range(17)])


def test_ten_thousand_ties_have_all_orders_best():
    found = kemeny(np.ones((10_000, 10)), list("abcdefghij"))
    assert found.best_orders == math.factorial(10)
    assert found.group.order == tuple("abcdefghij")


def test_rankings_that_cannot_be_joined_are_named():
    with pytest.raises(MethodError, match="judge 2 has not placed “c”"):
        borda([[1.0, 2, 3], [1, 2, math.nan]], list("abc"))
    with pytest.raises(MethodError, match="at least two"):
        copeland([[1], [1]], ["a"])
    with pytest.raises(MethodError, match="2 names for 3"):
        kemeny([[1, 2, 3]], ["a", "b"])
    with pytest.raises(MethodError, match="weights: are all 0"):
        borda([[1, 2]], ["a", "b"], judge_weights=[0])
    with pytest.raises(MethodError, match="rows of persons"):
        borda([1, 2], ["a", "b"])
