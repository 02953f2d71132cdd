"""Key drivers: all orders by brute force, Johnson's weights from the data themselves, closed forms for two."""

import doctest
from itertools import permutations
from math import factorial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zhike.methods import drivers as module
from zhike.methods.drivers import key_drivers
from zhike.methods.errors import MethodError

NAN = float("nan")


def people(n=200, k=4, seed=1):
    """Answers that share a common mood, and an outcome of some of them."""
    rng = np.random.default_rng(seed)
    mood = rng.normal(0, 1, (n, 1))
    items = mood * rng.uniform(0.3, 1.2, k) + rng.normal(0, 1, (n, k))
    outcome = items @ rng.uniform(-0.3, 1, k) + rng.normal(0, 1.5, n)
    return outcome, items


def refused(what, why, *args, **options):
    with pytest.raises(MethodError) as caught:
        key_drivers(*args, **options)
    assert caught.value.what == what
    assert why in caught.value.why


def r2_of(outcome, items):
    """From least squares on the data."""
    if items.shape[1] == 0:
        return 0.0
    design = np.column_stack([np.ones(outcome.size), items])
    found = np.linalg.lstsq(design, outcome, rcond=None)[0]
    return 1 - (outcome - design @ found).var() / outcome.var()


def test_examples_in_the_docstrings_run():
    tried = doctest.testmod(module)
    assert tried.attempted > 2
    assert tried.failed == 0


@pytest.mark.parametrize("k", [1, 2, 3, 4])
def test_shapley_is_the_mean_gain_over_all_orders(k):
    outcome, items = people(k=k, seed=k)
    gains = np.zeros(k)
    for order in permutations(range(k)):
        for place, at in enumerate(order):
            before, after = list(order[:place]), list(order[: place + 1])
            gains[at] += r2_of(outcome, items[:, after]) - r2_of(outcome, items[:, before])
    found = key_drivers(outcome, items)
    assert [driver.shapley for driver in found.drivers] == pytest.approx(gains / factorial(k))
    assert found.r2 == pytest.approx(r2_of(outcome, items))


def test_relative_weights_from_the_data():
    outcome, items = people(k=5, seed=7)
    standard = (items - items.mean(0)) / items.std(0) / np.sqrt(len(items))
    left, _, right = np.linalg.svd(standard, full_matrices=False)
    nearest = left @ right
    wanted = (outcome - outcome.mean()) / outcome.std() / np.sqrt(len(items))
    of_outcome = nearest.T @ wanted
    of_items = nearest.T @ standard
    expected = (of_items.T**2) @ of_outcome**2
    found = key_drivers(outcome, items)
    assert [driver.relative_weight for driver in found.drivers] == pytest.approx(expected)


def test_two_drivers_in_closed_form():
    outcome, items = people(k=2, seed=3)
    table = np.corrcoef(np.column_stack([items, outcome]).T)
    r12, r1, r2 = table[0, 1], table[0, 2], table[1, 2]
    whole = (r1**2 + r2**2 - 2 * r1 * r2 * r12) / (1 - r12**2)
    found = key_drivers(outcome, items)
    first, second = found.drivers
    assert found.r2 == pytest.approx(whole)
    assert first.shapley == pytest.approx((r1**2 + whole - r2**2) / 2)
    assert first.coefficient == pytest.approx((r1 - r2 * r12) / (1 - r12**2))
    assert second.correlation == pytest.approx(r2)
    # With two drivers both decompositions are known to be the same.
    assert first.relative_weight == pytest.approx(first.shapley)


def test_uncorrelated_drivers_get_their_squared_correlation():
    items = np.array([[1, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1]] * 3, dtype=float)
    outcome = items @ [3.0, 2.0, 1.0] + np.repeat([0.5, -0.5, 0.0], 4)
    for driver in key_drivers(outcome, items).drivers:
        assert driver.shapley == pytest.approx(driver.correlation**2)
        assert driver.relative_weight == pytest.approx(driver.correlation**2)
        assert driver.coefficient == pytest.approx(driver.correlation)


def test_twelve_drivers_are_split_exactly_and_quickly():
    outcome, items = people(n=3000, k=12)
    found = key_drivers(outcome, items)
    assert sum(driver.shapley for driver in found.drivers) == pytest.approx(found.r2, abs=1e-12)
    assert sum(driver.relative_weight for driver in found.drivers) == pytest.approx(
        found.r2, abs=1e-12
    )
    assert found.r2 == pytest.approx(r2_of(outcome, items))


def test_adjusted_r2_and_names():
    outcome, items = people(n=20, k=3)
    found = key_drivers(outcome, items, names=["speed", "warmth", "price"])
    assert found.adjusted_r2 == pytest.approx(1 - (1 - found.r2) * 19 / 16)
    assert [driver.name for driver in found.drivers] == ["speed", "warmth", "price"]
    assert [driver.name for driver in key_drivers(outcome, items).drivers] == ["1", "2", "3"]


def test_incomplete_rows_are_left_out_and_counted():
    outcome, items = people(n=30, k=2)
    one = key_drivers(outcome[2:], items[2:])
    outcome[0], items[1, 1] = NAN, NAN
    other = key_drivers(outcome, items)
    assert other.excluded == {"missing": 2, "zero_weight": 0}
    assert other.n == 28
    assert other.r2 == pytest.approx(one.r2)
    weights = np.ones(30)
    weights[5] = 0
    assert key_drivers(outcome, items, weights=weights).excluded["zero_weight"] == 1


def test_a_weight_is_a_repetition():
    outcome, items = people(n=12, k=3)
    times = np.array([1, 2, 3] * 4)
    one = key_drivers(outcome, items, weights=times)
    other = key_drivers(np.repeat(outcome, times), np.repeat(items, times, axis=0))
    for mine, theirs in zip(one.drivers, other.drivers, strict=True):
        assert mine.shapley == pytest.approx(theirs.shapley)
        assert mine.relative_weight == pytest.approx(theirs.relative_weight)
        assert mine.coefficient == pytest.approx(theirs.coefficient)


def test_bad_input_is_named():
    outcome, items = people(n=30, k=3)
    named = {"names": ["a", "b", "c"]}
    refused("drivers", "at most 12", *people(n=50, k=13))
    refused("outcome", "29 rows for 30", outcome[1:], items)
    refused("outcome", "4 complete rows for 3 items; at least 5", outcome[:4], items[:4])
    constant = items.copy()
    constant[:, 1] = 4
    refused("b", "is 4 in every row", outcome, constant, **named)
    refused("outcome", "is 2 in every row", np.full(30, 2.0), items)
    double = items.copy()
    double[:, 2] = 2 * items[:, 0] - items[:, 1] + 3
    refused("c", "is determined by a, b", outcome, double, **named)
    refused("drivers", "2 names", outcome, items, names=["a", "b"])
    assert key_drivers(*people(n=5, k=3)).n == 5


def test_an_outcome_unrelated_to_everything_is_refused():
    items = np.array([[1.0], [-1], [1], [-1]])
    refused("outcome", "unrelated", [1.0, 1, -1, -1], items)


@settings(max_examples=40)
@given(
    seed=st.integers(0, 10_000),
    k=st.integers(1, 6),
    scale=st.floats(0.01, 100),
    shift=st.floats(-100, 100),
)
def test_parts_sum_to_r2_and_know_no_units(seed, k, scale, shift):
    outcome, items = people(n=40, k=k, seed=seed)
    found = key_drivers(outcome, items)
    other = key_drivers(outcome * scale + shift, items * scale - shift)
    assert 0 <= found.r2 <= 1
    for kind in ("shapley", "relative_weight"):
        parts = [getattr(driver, kind) for driver in found.drivers]
        assert all(part >= 0 for part in parts)
        assert sum(parts) == pytest.approx(found.r2)
        assert [getattr(driver, kind) for driver in other.drivers] == pytest.approx(parts, abs=1e-8)
        shares = [getattr(driver, f"{kind}_share") for driver in found.drivers]
        assert sum(shares) == pytest.approx(1)


@settings(max_examples=20)
@given(seed=st.integers(0, 10_000))
def test_the_order_of_drivers_does_not_matter(seed):
    outcome, items = people(n=40, k=5, seed=seed)
    one, other = key_drivers(outcome, items), key_drivers(outcome, items[:, ::-1])
    for mine, theirs in zip(one.drivers, reversed(other.drivers), strict=True):
        assert mine.shapley == pytest.approx(theirs.shapley)
        assert mine.relative_weight == pytest.approx(theirs.relative_weight)
