"""Weights from judgements in pairs, against published examples and power iteration."""

import doctest
import itertools
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given as always
from hypothesis import settings
from hypothesis import strategies as st

from tests.methods.known import LEADER
from zhike.methods import ahp
from zhike.methods.ahp import ahp_hierarchy, ahp_weights, comparison_matrix
from zhike.methods.errors import MethodError

CRITERIA = ["experience", "education", "charisma", "age"]
JUDGED = [1 / 9, 1 / 7, 1 / 5, 1 / 3, 1 / 2, 1, 2, 3, 5, 7, 9]


def reciprocal(size: int, above: Sequence[float]) -> np.ndarray:
    full = np.ones((size, size))
    for (row, column), value in zip(itertools.combinations(range(size), 2), above, strict=True):
        full[row, column], full[column, row] = value, 1 / value
    return full


MATRICES = st.integers(3, 7).flatmap(
    lambda size: st.lists(
        st.sampled_from(JUDGED), min_size=size * (size - 1) // 2, max_size=size * (size - 1) // 2
    ).map(lambda above: reciprocal(size, above))
)


def names(count: int) -> list[str]:
    return [f"i{number}" for number in range(1, count + 1)]


def test_the_examples_in_the_docstrings_hold():
    assert doctest.testmod(ahp).failed == 0


def test_the_leader_matrix_gives_the_published_weights():
    found = ahp_weights(LEADER, CRITERIA)
    assert list(found.weights.values()) == pytest.approx([0.547, 0.127, 0.270, 0.056], abs=6e-4)
    assert found.details.cr == pytest.approx(0.044, abs=5e-4)
    assert found.details.consistent
    assert found.n == 1
    assert found.options["priorities"] == "eigenvector"


def test_saatys_random_index_is_the_published_one():
    published = [0.58, 0.90, 1.12, 1.24, 1.32, 1.41, 1.45, 1.49]
    assert [ahp.RANDOM_INDEX[size] for size in range(3, 11)] == published
    for size in range(3, 11):
        full = np.ones((size, size))
        full[0, -1], full[-1, 0] = 9, 1 / 9
        details = ahp_weights(full, names(size)).details
        assert details.cr == pytest.approx(
            (details.lambda_max - size) / (size - 1) / published[size - 3]
        )


def test_choosing_the_leader_gives_the_published_priorities():
    # The four matrices of candidates (Tom, Dick, Harry) of the same textbook example.
    candidates: dict[str, tuple[list[float], list[float]]] = {
        "experience": ([1 / 4, 4, 9], [0.217, 0.717, 0.066]),
        "education": ([3, 1 / 5, 1 / 7], [0.188, 0.081, 0.731]),
        "charisma": ([5, 9, 4], [0.743, 0.194, 0.063]),
        "age": ([1 / 3, 5, 9], [0.265, 0.672, 0.063]),
    }
    below = {}
    for criterion, (above, published) in candidates.items():
        items = [f"{name} by {criterion}" for name in ("Tom", "Dick", "Harry")]
        below[criterion] = ahp_weights(reciprocal(3, above), items)
        assert list(below[criterion].weights.values()) == pytest.approx(published, abs=6e-4)
    found = ahp_hierarchy(ahp_weights(LEADER, CRITERIA), below)
    totals = [
        sum(weight for item, weight in found.weights.items() if item.startswith(name))
        for name in ("Tom", "Dick", "Harry")
    ]
    assert totals == pytest.approx([0.358, 0.493, 0.149], abs=6e-4)
    assert found.method == "ahp hierarchy"
    assert found.details.consistent


@settings(deadline=None)
@always(MATRICES)
def test_the_eigenvector_is_the_one_power_iteration_finds(judged):
    vector = np.ones(len(judged))
    for _ in range(3000):
        vector = judged @ vector
        vector /= vector.sum()
    largest = float((judged @ vector).sum())
    found = ahp_weights(judged, names(len(judged)))
    assert list(found.weights.values()) == pytest.approx(vector.tolist(), abs=1e-9)
    assert found.details.lambda_max == pytest.approx(largest)
    assert found.details.ci == pytest.approx((largest - len(judged)) / (len(judged) - 1), abs=1e-12)
    assert found.details.consistent == (found.details.cr <= 0.10)


@settings(deadline=None)
@always(st.lists(st.sampled_from([1, 2, 3, 6, 9]), min_size=3, max_size=8))
def test_judgements_that_follow_from_weights_give_these_weights(parts):
    true = np.array(parts, dtype=float)
    judged = true[:, None] / true[None, :]
    for priorities in ("eigenvector", "geometric mean"):
        found = ahp_weights(judged, names(len(parts)), priorities=priorities)
        assert list(found.weights.values()) == pytest.approx((true / true.sum()).tolist())
        assert found.details.lambda_max == pytest.approx(len(parts))
        assert found.details.cr == pytest.approx(0, abs=1e-9)
        assert found.details.consistent
        assert found.details.worst is None


@settings(deadline=None)
@always(MATRICES, st.randoms(use_true_random=False))
def test_the_order_of_the_items_does_not_matter(judged, chance):
    size = len(judged)
    order = chance.sample(range(size), size)
    found = ahp_weights(judged[np.ix_(order, order)], [names(size)[place] for place in order])
    usual = ahp_weights(judged, names(size))
    assert found.weights == pytest.approx(usual.weights)
    assert found.details.cr == pytest.approx(usual.details.cr, abs=1e-9)
    if usual.details.worst:
        assert found.details.worst.factor == pytest.approx(usual.details.worst.factor)


def test_the_geometric_mean_is_the_root_of_each_rows_product():
    found = ahp_weights(LEADER, CRITERIA, priorities="geometric mean")
    roots = [math.prod(row) ** 0.25 for row in LEADER]
    expected = [root / sum(roots) for root in roots]
    assert list(found.weights.values()) == pytest.approx(expected)
    ratios = [
        sum(value * weight for value, weight in zip(row, expected, strict=True)) / own
        for row, own in zip(LEADER, expected, strict=True)
    ]
    assert found.details.lambda_max == pytest.approx(sum(ratios) / 4)


def test_the_triple_that_contradicts_itself_most_is_named():
    # a is 4 b, b is 2 c, so a should be 8 c; it was judged half of c: 16 times apart.
    judged = comparison_matrix(
        ["a", "b", "c", "d"],
        {
            ("a", "b"): 4,
            ("b", "c"): 2,
            ("a", "c"): 1 / 2,
            ("a", "d"): 4,
            ("b", "d"): 1,
            ("c", "d"): 1,
        },
    )
    found = ahp_weights(judged, ["a", "b", "c", "d"]).details
    assert (found.worst.first, found.worst.middle, found.worst.last) == ("a", "b", "c")
    assert found.worst.judged == 0.5
    assert found.worst.implied == pytest.approx(8)
    assert found.worst.factor == pytest.approx(16)
    assert not found.consistent


@settings(deadline=None)
@always(MATRICES)
def test_no_triple_is_further_apart_than_the_one_named(judged):
    worst = ahp_weights(judged, names(len(judged))).details.worst
    furthest = max(
        max(product, 1 / product)
        for a, b, c in itertools.permutations(range(len(judged)), 3)
        for product in [judged[a, b] * judged[b, c] * judged[c, a]]
    )
    if worst is None:
        assert furthest == pytest.approx(1)
    else:
        assert worst.factor == pytest.approx(furthest)
        ratio = worst.implied / worst.judged
        assert max(ratio, 1 / ratio) == pytest.approx(worst.factor)


def test_the_limit_of_consistency_itself_is_consistent():
    # For three items λ = 1 + t + 1/t, with t the cube root of a12 a23 / a13; t that gives CI = 0.058 exactly.
    sum_of_both = 2 + 2 * 0.1 * 0.58
    root = (sum_of_both + math.sqrt(sum_of_both**2 - 4)) / 2
    for factor, consistent in ((0.999, True), (1.001, False)):
        judged = reciprocal(3, [1, (root * factor) ** 3, 1])
        assert ahp_weights(judged, names(3)).details.consistent is consistent
    near = ahp_weights(reciprocal(3, [1, root**3, 1]), names(3)).details
    assert near.cr == pytest.approx(0.10)


def test_one_or_two_items_are_always_consistent():
    one = ahp_weights([[1]], ["a"])
    assert (one.weights, one.details.cr, one.details.consistent) == ({"a": 1.0}, 0.0, True)
    two = ahp_weights([[1.0, 9], [1 / 9, 1]], ["a", "b"])
    assert two.weights == pytest.approx({"a": 0.9, "b": 0.1})
    assert (two.details.ci, two.details.cr, two.details.consistent) == (0.0, 0.0, True)
    assert two.details.worst is None


def test_judges_are_joined_by_the_geometric_mean_of_each_judgement():
    first = reciprocal(3, [2, 8, 4])
    second = reciprocal(3, [8, 2, 1])
    found = ahp_weights([first, second], names(3))
    alone = ahp_weights(reciprocal(3, [4, 4, 2]), names(3))
    assert found.weights == pytest.approx(alone.weights)
    assert found.details.cr == pytest.approx(alone.details.cr)
    assert np.array(found.details.judgements) == pytest.approx(reciprocal(3, [4, 4, 2]))
    assert found.n == 2
    assert found.details.judges_cr == pytest.approx(
        [ahp_weights(one, names(3)).details.cr for one in (first, second)]
    )


def test_a_judge_with_weight_two_is_the_same_judge_twice_and_one_with_none_is_left_out():
    first, second, third = (reciprocal(3, above) for above in ([2, 8, 4], [8, 2, 1], [1 / 9, 3, 5]))
    weighted = ahp_weights([first, second, third], names(3), judge_weights=[2, 1, 0])
    assert weighted.weights == pytest.approx(ahp_weights([first, first, second], names(3)).weights)
    assert weighted.n == 2
    assert weighted.excluded == {"weight 0": 1}
    assert len(weighted.details.judges_cr) == 2


def test_judgements_rounded_to_two_digits_count_as_what_they_stand_for():
    rounded = [[1.0, 4, 3, 7], [0.25, 1, 0.33, 3], [0.33, 3, 1, 5], [0.14, 0.33, 0.2, 1]]
    assert ahp_weights(rounded, CRITERIA).weights == pytest.approx(
        ahp_weights(LEADER, CRITERIA).weights
    )
    assert ahp_weights([[1, 0.13], [8.0, 1]], ["a", "b"]).weights == pytest.approx(
        {"a": 1 / 9, "b": 8 / 9}
    )
    with pytest.raises(MethodError, match=r"a / b: is 0.2, but the other way round 5.3"):
        ahp_weights([[1, 0.2], [5.3, 1]], ["a", "b"])
    with pytest.raises(MethodError, match=r"a / b: is 0.13, but the other way round 8"):
        ahp_weights([[1, 0.13], [8.0, 1]], ["a", "b"], rounded=0.01)


@pytest.mark.parametrize(
    ("judged", "said"),
    [
        ([[1, 3, 5], [1 / 3, 1, 2], [1 / 4, 1 / 2, 1]], "^i1 / i3: is 5, but the other way round 0.25, not 0.2"),
        ([[1, 3, 5], [1 / 3, 1, math.nan], [1 / 5, 1 / 2, 1]], "^i2 / i3: is not judged"),
        ([[1, 3, 5], [math.nan, 1, 2], [1 / 5, 1 / 2, 1]], "^i1 / i2: is not judged"),
        ([[1, 3, 0], [1 / 3, 1, 2], [0, 1 / 2, 1]], "^i1 / i3: is 0 and 0; needs numbers above 0"),
        ([[1, -3, 5], [-1 / 3, 1, 2], [1 / 5, 1 / 2, 1]], "^i1 / i2: is -3"),
        ([[1, 3, 5], [1 / 3, 2, 2], [1 / 5, 1 / 2, 1]], "^i2: compared with itself is 2"),
        ([[1, 3, 9.5], [1 / 3, 1, 2], [1 / 9.5, 1 / 2, 1]], "^i1 / i3: is 9.5 times, beyond"),
        ([[1, 3, 1 / 10], [1 / 3, 1, 2], [10, 1 / 2, 1]], "^i1 / i3: is 10 times, beyond"),
        ([[1, 3, 5], [1 / 3, 1, 2]], "needs a square"),
        ([1, 2, 3], "needs a square"),
        ([[1, 3], [1 / 3, 1]], "^items: 3 names for 2"),
        ([["one", 3, 5], [1 / 3, 1, 2], [1 / 5, 1 / 2, 1]], "no number"),
    ],
)  # fmt: skip
def test_judgements_that_cannot_be_used_are_named(judged, said):
    with pytest.raises(MethodError, match=said):
        ahp_weights(judged, names(3))


def test_the_judge_is_named_where_there_are_several():
    good, bad = reciprocal(3, [2, 8, 4]), reciprocal(3, [2, 8, 4])
    bad[0, 1] = 3
    with pytest.raises(MethodError, match=r"i1 / i2: judge 2: is 3, but the other way round 0.5"):
        ahp_weights([good, bad], names(3))
    with pytest.raises(MethodError, match="needs a square"):
        ahp_weights(np.ones((2, 3, 2)), names(3))
    with pytest.raises(MethodError, match="weights: 1 for 2"):
        ahp_weights([good, good], names(3), judge_weights=[1])


def test_more_than_ten_items_are_sent_to_dimensions_and_options_are_checked():
    assert ahp_weights(np.ones((10, 10)), names(10)).details.consistent
    with pytest.raises(MethodError, match="group them in dimensions"):
        ahp_weights(np.ones((11, 11)), names(11))
    unknown: Any = "mean"
    with pytest.raises(MethodError, match="priorities"):
        ahp_weights(LEADER, CRITERIA, priorities=unknown)
    with pytest.raises(MethodError, match="scale"):
        ahp_weights(LEADER, CRITERIA, scale=1)
    wider = reciprocal(3, [12, 1, 1])
    assert ahp_weights(wider, names(3), scale=15).n == 1


def test_the_ratio_of_a_hierarchy_weighs_the_parts_by_their_dimension():
    goal = ahp_weights(reciprocal(3, [2, 8, 2]), ["x", "y", "z"])
    parts = {
        "x": ahp_weights(reciprocal(3, [2, 9, 1]), ["x1", "x2", "x3"]),
        "y": ahp_weights(reciprocal(4, [2, 9, 1, 3, 1, 1]), ["y1", "y2", "y3", "y4"]),
        "z": ahp_weights([[1]], ["z1"]),
    }
    found = ahp_hierarchy(goal, parts)
    x, y = goal.weights["x"], goal.weights["y"]
    index = goal.details.ci + x * parts["x"].details.ci + y * parts["y"].details.ci
    assert found.details.cr == pytest.approx(index / (0.58 + x * 0.58 + y * 0.90))
    assert found.details.consistent is (found.details.cr <= 0.10)
    assert math.fsum(found.weights.values()) == pytest.approx(1)
    assert found.weights["z1"] == pytest.approx(goal.weights["z"])
    assert found.weights["y2"] == pytest.approx(y * parts["y"].weights["y2"])
    pair = ahp_weights([[1, 1], [1, 1]], ["p", "q"])
    only = ahp_hierarchy(pair, {"p": ahp_weights([[1]], ["a"]), "q": ahp_weights([[1]], ["b"])})
    assert only.details.cr == 0.0


def test_each_pair_is_judged_once():
    assert comparison_matrix(["a", "b", "c"], {("b", "a"): 2, ("a", "c"): 4, ("b", "c"): 8}) == (
        (1.0, 0.5, 4.0),
        (2.0, 1.0, 8.0),
        (0.25, 0.125, 1.0),
    )
    with pytest.raises(MethodError, match="“b” and “c” are not compared"):
        comparison_matrix(["a", "b", "c"], {("a", "b"): 2, ("a", "c"): 4})
    with pytest.raises(MethodError, match="“b” and “a” are judged twice"):
        comparison_matrix(["a", "b"], {("a", "b"): 2, ("b", "a"): 0.5})
    with pytest.raises(MethodError, match="“a” and “d” are no pair"):
        comparison_matrix(["a", "b"], {("a", "d"): 2})
    with pytest.raises(MethodError, match="“a” and “a” are no pair"):
        comparison_matrix(["a", "b"], {("a", "a"): 1})
    for wrong in (0, -1, math.nan, math.inf):
        with pytest.raises(MethodError, match="“a” over “b”"):
            comparison_matrix(["a", "b"], {("a", "b"): wrong})
