"""Weights as one record: given, equal, composed, seen level by level."""

import doctest
import math

import pytest
from hypothesis import given as always
from hypothesis import strategies as st

from zhike.methods import weights
from zhike.methods.errors import MethodError
from zhike.methods.weights import by_dimension, compose, equal_weights, given_weights

NUMBERS = st.floats(0, 1e6, allow_nan=False)
SOME = st.dictionaries(st.text("abcdefgh", min_size=1), NUMBERS, min_size=1, max_size=8).filter(
    lambda found: sum(found.values()) > 1e-6
)


def test_the_examples_in_the_docstrings_hold():
    assert doctest.testmod(weights).failed == 0


@always(SOME, st.floats(0.01, 1000))
def test_given_weights_keep_their_proportions_in_any_unit(found, unit):
    once = given_weights(found).weights
    again = given_weights({name: unit * value for name, value in found.items()}).weights
    assert math.fsum(once.values()) == pytest.approx(1)
    for name, value in found.items():
        assert once[name] * sum(found.values()) == pytest.approx(value)
        assert again[name] == pytest.approx(once[name])


def test_equal_weights_are_what_given_ones_are_with_the_same_number_each():
    names = [f"item {number}" for number in range(7)]
    assert equal_weights(names).weights == pytest.approx(
        given_weights(dict.fromkeys(names, 3)).weights
    )
    assert equal_weights(names).method == "equal"
    assert equal_weights(names).n == 0


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({}, "names no item"),
        ({"a": 0, "b": 0}, "are all 0"),
        ({"a": 1, "b": -0.1}, "“b” is -0.1"),
        ({"a": 1, "b": math.nan}, "“b” is nan"),
        ({"a": 1, "b": math.inf}, "“b” is inf"),
        ({"a": 1, " ": 1}, "name 2 is empty"),
        ({"a": 1.7e308, "b": 1.7e308}, "too large"),
    ],
)
def test_given_weights_that_cannot_be_used_are_named(wrong, said):
    with pytest.raises(MethodError, match=said):
        given_weights(wrong)


def test_a_name_twice_no_name_and_one_text_are_refused():
    with pytest.raises(MethodError, match="“a” stands there twice"):
        equal_weights(["a", "b", "a"])
    with pytest.raises(MethodError, match="names no item"):
        equal_weights([])
    with pytest.raises(MethodError, match="not one text"):
        equal_weights("ab")


@always(st.lists(SOME, min_size=1, max_size=4), st.data())
def test_composing_and_looking_level_by_level_undo_one_another(parts, data):
    parts = {
        f"d{place}": given_weights({f"{place} {name}": value for name, value in part.items()})
        for place, part in enumerate(parts)
    }
    goal = given_weights({name: data.draw(st.floats(0.1, 10)) for name in parts})
    whole = compose(goal, parts)
    assert math.fsum(whole.weights.values()) == pytest.approx(1)
    levels = by_dimension(whole, {name: tuple(part.weights) for name, part in parts.items()})
    for name, part in parts.items():
        assert levels[name].weight == pytest.approx(goal.weights[name])
        assert levels[name].items == pytest.approx(part.weights)
        assert whole.details[name].items == part.weights


def test_a_composition_rests_on_its_smallest_part():
    goal = given_weights({"x": 1, "y": 1})
    asked = weights.Weights({"a": 1.0}, method="pca", n=40, details=None)
    fewer = weights.Weights({"b": 1.0}, method="ahp", n=7, details=None)
    found = compose(goal, {"x": asked, "y": fewer})
    assert found.n == 7
    assert found.options == {"goal": "given", "x": "pca", "y": "ahp"}
    assert compose(goal, {"x": equal_weights(["a"]), "y": equal_weights(["b"])}).n == 0


def test_a_system_that_does_not_fit_together_is_refused():
    goal = given_weights({"x": 1, "y": 1})
    a, b = equal_weights(["a"]), equal_weights(["b"])
    with pytest.raises(MethodError, match="lacks the items of “y”"):
        compose(goal, {"x": a})
    with pytest.raises(MethodError, match="“z” has no weight"):
        compose(goal, {"x": a, "y": b, "z": b})
    with pytest.raises(MethodError, match="“a” stands in two dimensions"):
        compose(goal, {"x": a, "y": a})


def test_dimensions_must_hold_each_item_once():
    found = equal_weights(["a", "b", "c"])
    with pytest.raises(MethodError, match="none holds “c”"):
        by_dimension(found, {"x": ["a", "b"]})
    with pytest.raises(MethodError, match="“a” stands in two dimensions"):
        by_dimension(found, {"x": ["a", "b"], "y": ["c", "a"]})
    with pytest.raises(MethodError, match="“d” has no weight"):
        by_dimension(found, {"x": ["a", "b"], "y": ["c", "d"]})
    with pytest.raises(MethodError, match="“y” has no items"):
        by_dimension(found, {"x": ["a", "b", "c"], "y": []})


def test_a_dimension_that_counts_nothing_shares_nothing_equally():
    levels = by_dimension(given_weights({"a": 1, "b": 0, "c": 0}), {"x": ["a"], "y": ["b", "c"]})
    assert levels["y"].weight == 0
    assert levels["y"].items == {"b": 0.5, "c": 0.5}
