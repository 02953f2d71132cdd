"""RFM: against counting in plain Python, and fifths against their definition value by value."""

import doctest
import math
from collections import defaultdict
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zhike.methods import rfm as module
from zhike.methods.errors import MethodError
from zhike.methods.rfm import fifths, rfm

values = st.lists(st.integers(-6, 12), min_size=5, max_size=60)


def score(value, among):
    below = sum(other < value for other in among)
    equal = sum(other == value for other in among)
    return 1 + math.floor(5 * (below + Fraction(equal, 2)) / len(among))


@given(values)
@settings(deadline=None)
def test_fifths_follow_their_definition(found):
    assert fifths(np.array(found, dtype=float)).tolist() == [score(v, found) for v in found]


@pytest.mark.parametrize("n", [5, 10, 35, 1000])
def test_without_ties_fifths_are_equal(n):
    scores = fifths(np.random.default_rng(n).permutation(n).astype(float))
    assert np.bincount(scores).tolist() == [0, *[n // 5] * 5]


@pytest.mark.parametrize("n", [6, 7, 8, 9, 11, 123])
def test_without_ties_fifths_differ_by_one_at_most(n):
    sizes = np.bincount(fifths(np.random.default_rng(n).permutation(n).astype(float)))[1:]
    assert sizes.sum() == n
    assert sizes.max() - sizes.min() == 1


def test_equals_stand_in_the_middle():
    assert fifths(np.full(7, 3.0)).tolist() == [3] * 7
    assert fifths(np.array([1.0, 1, 1, 1, 1, 1, 1, 1, 1, 9])).tolist() == [3] * 9 + [5]


@given(values, st.randoms())
@settings(deadline=None)
def test_scores_depend_on_order_of_values_alone(found, random):
    plain = dict(zip(found, fifths(np.array(found, dtype=float)).tolist(), strict=True))
    mixed = random.sample(found, len(found))
    stretched = fifths(np.exp(np.array(mixed, dtype=float) / 3))
    assert stretched.tolist() == [plain[value] for value in mixed]


transactions = st.lists(
    st.tuples(st.integers(1, 9), st.integers(108, 120), st.integers(-9, 90)),
    # Few rows would hardly ever be of five customers, and never of one day twice.
    min_size=25,
    max_size=80,
)


@given(transactions, st.integers(112, 121), st.sampled_from(["transactions", "days"]))
@settings(deadline=None)
def test_figures_are_those_counted_by_hand(rows, until, counting):
    seen: dict = defaultdict(list)
    for customer, day, amount in rows:
        if day <= until:
            seen[customer].append((day, amount))
    columns = [list(column) for column in zip(*rows, strict=True)]
    if len(seen) < 5:
        with pytest.raises(MethodError):
            rfm(*columns, until=until, counting=counting)
        return
    found = rfm(*columns, until=until, counting=counting)
    customers = sorted(seen)
    recency = [until - max(day for day, _ in seen[c]) for c in customers]
    frequency = [
        len(seen[c]) if counting == "transactions" else len({day for day, _ in seen[c]})
        for c in customers
    ]
    money = [sum(amount for _, amount in seen[c]) for c in customers]
    assert found.customers.tolist() == customers
    assert found.recency.tolist() == recency
    assert found.frequency.tolist() == frequency
    assert found.money.tolist() == money
    cells = [
        100 * score(-r, [-v for v in recency]) + 10 * score(f, frequency) + score(m, money)
        for r, f, m in zip(recency, frequency, money, strict=True)
    ]
    assert found.cells.tolist() == cells
    late = sum(day > until for _, day, _ in rows)
    assert found.excluded == ({"after_until": late} if late else {})
    assert (found.n, found.counting, found.until) == (len(rows) - late, counting, until)


@pytest.mark.parametrize(("counting", "frequency"), [("transactions", 3), ("days", 2)])
def test_frequency_counts_transactions_or_days(counting, frequency):
    customer, day = [1, 1, 1, 2, 3, 4, 5], [3, 3, 8, 1, 2, 3, 4]
    found = rfm(customer, day, [1.0] * 7, until=9, counting=counting)
    assert found.frequency.tolist() == [frequency, 1, 1, 1, 1]
    with pytest.raises(MethodError, match="at least 5 customers, got 4"):
        rfm(customer[:-1], day[:-1], [1.0] * 6, until=9, counting=counting)


def test_the_recent_frequent_and_generous_score_high():
    found = rfm([1, 2, 3, 4, 5, 5, 5], [1, 2, 3, 4, 5, 6, 9], [1, 2, 3, 4, 5, 5, 5], until=10)
    assert found.cells[-1] == 555
    assert found.cells[0] == 131


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"counting": "weeks"}, "counting"),
        ({"customer": [1, 2, 3, 4, 4]}, "customer"),
        ({"day": [1, 2, 3, 4, 5.5]}, "day"),
        ({"day": [1, 2, 3]}, "day"),
        ({"amount": [1, 2, 3, 4, math.inf]}, "amount"),
        ({"until": 0}, "day"),
    ],
)
def test_unusable_transactions_are_refused(change, what):
    good = {
        "customer": [1, 2, 3, 4, 5],
        "day": [1, 2, 3, 4, 5],
        "amount": [1, 2, 3, 4, 5],
        "until": 9,
    }
    with pytest.raises(MethodError) as refused:
        rfm(**{**good, **change})
    assert refused.value.what == what


def test_the_examples_run():
    assert doctest.testmod(module).failed == 0
