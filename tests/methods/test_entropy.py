"""Weights by entropy, against the plain formula in exact steps."""

import doctest
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given as always
from hypothesis import settings
from hypothesis import strategies as st
from scipy import stats

from zhike.methods import entropy
from zhike.methods.entropy import Normalisation, entropy_weights
from zhike.methods.errors import MethodError

TABLES = st.integers(0, 100_000).map(
    lambda seed: np.random.default_rng(seed).uniform(1, 100, (8, 4)).round(2)
)
NAMES = ["a", "b", "c", "d"]


def by_the_formula(columns: list[list[float]]) -> list[float]:
    """−Σ p ln p / ln n of columns already normalised, by the library's entropy and one column at a time."""
    apart = [1 - stats.entropy(column) / math.log(len(column)) for column in columns]
    return [part / sum(apart) for part in apart]


def test_the_examples_in_the_docstrings_hold():
    assert doctest.testmod(entropy).failed == 0


def test_a_table_worked_by_hand():
    # a: 0, 1/2, 1 → shares 0, 1/3, 2/3; b (less is better): 1, 1, 0 → shares 1/2, 1/2, 0.
    found = entropy_weights([[1, 3], [2, 3], [3, 9]], ["a", "b"], costs=["b"])
    first = 1 - (math.log(3) / 3 + 2 / 3 * math.log(1.5)) / math.log(3)
    second = 1 - math.log(2) / math.log(3)
    assert found.details.divergence == pytest.approx({"a": first, "b": second})
    assert found.details.entropy == pytest.approx({"a": 1 - first, "b": 1 - second})
    assert found.weights == pytest.approx(
        {"a": first / (first + second), "b": second / (first + second)}
    )
    assert found.n == 3
    assert found.options == {"normalisation": "min-max", "costs": ("b",)}


@settings(deadline=None)
@always(TABLES)
def test_every_normalisation_gives_what_the_formula_gives(table):
    low, high = table.min(axis=0), table.max(axis=0)
    scaled = (table - low) / (high - low)
    scaled[:, 1] = (high[1] - table[:, 1]) / (high[1] - low[1])
    inverse = table.copy()
    inverse[:, 1] = 1 / table[:, 1]
    ways: dict[Normalisation, np.ndarray] = {
        "min-max": scaled,
        "shifted min-max": scaled + 0.01,
        "sum": inverse,
    }
    for normalisation, columns in ways.items():
        found = entropy_weights(table, NAMES, costs=["b"], normalisation=normalisation)
        expected = by_the_formula(columns.T.tolist())
        assert list(found.weights.values()) == pytest.approx(expected, rel=1e-9)
        assert math.fsum(found.weights.values()) == pytest.approx(1)
        assert all(0 <= value <= 1 for value in found.details.entropy.values())


@settings(deadline=None)
@always(TABLES, st.randoms(use_true_random=False))
def test_units_and_order_do_not_matter_and_a_cost_is_a_gain_turned_round(table, chance):
    usual = entropy_weights(table, NAMES).weights
    rows, columns = chance.sample(range(8), 8), chance.sample(range(4), 4)
    changed = (table * [2, 0.5, 100, 3] + [5, -9, 0, 1])[rows][:, columns]
    found = entropy_weights(changed, [NAMES[place] for place in columns]).weights
    assert found == pytest.approx(usual, rel=1e-6)
    turned = entropy_weights(table * [1, -1, 1, 1], NAMES, costs=["b"]).weights
    assert turned == pytest.approx(usual)


def test_almost_even_figures_keep_their_digits():
    # With deviations d the divergence is Σd²/2n to the first order, so weights go with the squares.
    apart = np.array([-1, 0, 1, 0.5, -0.5])
    table = np.column_stack([1 + 1e-9 * apart, 1 + 2e-9 * apart, 1 + 3e-9 * apart])
    found = entropy_weights(table, ["a", "b", "c"], normalisation="sum")
    assert list(found.weights.values()) == pytest.approx([1 / 14, 4 / 14, 9 / 14], rel=1e-6)


def test_the_short_series_and_the_exact_expression_meet():
    for width in (0.999e-3, 1.001e-3):
        table = np.column_stack([[1 - width, 1, 1 + width], [1, 2, 3]])
        found = entropy_weights(table, ["a", "b"], normalisation="sum").details.divergence["a"]
        exact = (
            ((1 - width) * math.log1p(-width) + (1 + width) * math.log1p(width)) / 3 / math.log(3)
        )
        assert found == pytest.approx(exact, rel=1e-9)


def test_huge_and_tiny_figures_give_the_weights_of_usual_ones():
    table = np.array([[1.0, 3.0], [2.0, 5.0], [4.0, 4.0]])
    usual = entropy_weights(table, ["a", "b"], normalisation="sum").weights
    found = entropy_weights(table * [1e300, 1e-300], ["a", "b"], normalisation="sum").weights
    assert found == pytest.approx(usual)


def test_an_object_without_all_figures_is_left_out_and_counted():
    table = np.array([[1.0, 3.0], [np.nan, 5.0], [2.0, 5.0], [4.0, 4.0]])
    found = entropy_weights(table, ["a", "b"])
    assert found.weights == entropy_weights(table[[0, 2, 3]], ["a", "b"]).weights
    assert found.n == 3
    assert found.excluded == {"missing": 1}


def test_what_cannot_be_weighed_is_named():
    good = [[1, 3], [2, 5], [4, 4]]
    with pytest.raises(MethodError, match=r"^b: is the same in all rows"):
        entropy_weights([[1, 0.3], [2, 0.1 + 0.2], [4, 0.3]], ["a", "b"])
    with pytest.raises(MethodError, match="2 complete rows; needs at least 3"):
        entropy_weights(good[:2], ["a", "b"])
    with pytest.raises(MethodError, match="“c” is none of the items"):
        entropy_weights(good, ["a", "b"], costs=["c"])
    unknown: Any = "z"
    with pytest.raises(MethodError, match="normalisation"):
        entropy_weights(good, ["a", "b"], normalisation=unknown)
    with pytest.raises(MethodError, match="shift: must be above 0, got 0"):
        entropy_weights(good, ["a", "b"], normalisation="shifted min-max", shift=0)
    with pytest.raises(MethodError, match=r"^b: row 4 is -5"):
        entropy_weights(
            [[1.0, 3], [np.nan, 1], [2.0, 0], [4.0, -5]], ["a", "b"], normalisation="sum"
        )
    with pytest.raises(MethodError, match=r"^b: row 2 is 0; “sum” needs numbers above 0"):
        entropy_weights([[1, 3], [2, 0], [4, 5]], ["a", "b"], costs=["b"], normalisation="sum")


def test_a_zero_is_allowed_where_more_is_better():
    found = entropy_weights([[1, 3], [2, 0], [4, 5]], ["a", "b"], normalisation="sum")
    assert list(found.weights.values()) == pytest.approx(by_the_formula([[1, 2, 4], [3, 0, 5]]))


def test_the_shift_is_recorded_and_draws_weights_together():
    table = [[1, 3], [2, 9], [4, 4], [7, 4]]
    little = entropy_weights(table, ["a", "b"], normalisation="shifted min-max", shift=1e-9)
    assert little.weights == pytest.approx(entropy_weights(table, ["a", "b"]).weights, abs=1e-6)
    assert little.options["shift"] == 1e-9
