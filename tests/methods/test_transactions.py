"""From transactions to histories: against a customer-by-customer count in plain Python."""

import datetime
import doctest
import math
from collections import defaultdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zhike.methods import transactions
from zhike.methods.errors import MethodError
from zhike.methods.transactions import summarise

rows = st.lists(
    st.tuples(
        st.integers(-3, 6),
        st.integers(700_000, 700_030),
        st.integers(-20, 400).map(lambda cents: cents / 4),
    ),
    min_size=1,
    max_size=60,
)


def by_hand(given_rows, until):
    """{customer: (x, t_x, T, mean, first)} in days, with a dict of dicts."""
    days: dict = defaultdict(lambda: defaultdict(float))
    for customer, day, amount in given_rows:
        if day <= until:
            days[customer][day] += amount
    found = {}
    for customer, spent in days.items():
        first, *later = sorted(spent)
        mean = sum(spent[day] for day in later) / len(later) if later else 0.0
        last = later[-1] if later else first
        found[customer] = (len(later), last - first, until - first, mean, first)
    return found


@given(rows, st.integers(700_005, 700_031))
@settings(deadline=None)
def test_histories_are_those_counted_by_hand(given_rows, until):
    wanted = by_hand(given_rows, until)
    columns = [list(column) for column in zip(*given_rows, strict=True)]
    if not wanted:
        with pytest.raises(MethodError):
            summarise(*columns, until=until)
        return
    found = summarise(*columns, until=until)
    assert found.customers.tolist() == sorted(wanted)
    fields = (found.x, found.t_x, found.T, found.mean_spend, found.first)
    for at, customer in enumerate(sorted(wanted)):
        assert [field[at] for field in fields] == pytest.approx(list(wanted[customer]))
    late = sum(day > until for _, day, _ in given_rows)
    assert found.excluded == ({"after_until": late} if late else {})
    assert found.n + late == len(given_rows)


@given(rows, st.randoms())
@settings(deadline=None)
def test_order_does_not_matter_nor_the_names_of_customers(given_rows, random):
    until = 700_031
    plain = summarise(*zip(*given_rows, strict=True), until=until)
    mixed = random.sample(given_rows, len(given_rows))
    customers, days, amounts = zip(*mixed, strict=True)
    far = summarise([c * 10**9 for c in customers], days, amounts, until=until)
    named = summarise([f"c{c + 5:02}" for c in customers], days, amounts, until=until)
    for other in (far, named):
        for name in ("x", "t_x", "T", "first"):
            assert getattr(other, name).tolist() == getattr(plain, name).tolist()
        assert other.mean_spend == pytest.approx(plain.mean_spend)
    assert (far.customers // 10**9).tolist() == plain.customers.tolist()
    assert named.customers.tolist() == [f"c{c + 5:02}" for c in plain.customers]


@pytest.mark.parametrize(
    ("unit", "days"), [("day", 1), ("week", 7), ("month", 30.4375), ("year", 365.25)]
)
def test_times_are_told_in_the_unit(unit, days):
    found = summarise([1, 1, 1], [10, 20, 45], [5, 6, 8], until=100, unit=unit)
    assert found.t_x[0] == pytest.approx(35 / days)
    assert found.T[0] == pytest.approx(90 / days)
    assert (found.x[0], found.mean_spend[0], found.unit, found.until) == (2, 7, unit, 100)


def test_a_purchase_on_the_last_day_counts_and_one_after_does_not():
    found = summarise([1, 1, 1], [10, 20, 21], [5, 6, 8], until=20)
    assert (found.x[0], found.t_x[0], found.T[0], found.mean_spend[0]) == (1, 10, 10, 6)
    assert found.excluded == {"after_until": 1}


def test_who_came_on_the_last_day_is_a_customer_observed_for_no_time():
    found = summarise([1, 1, 2], [10, 20, 20], [5, 6, 8], until=20)
    assert found.customers.tolist() == [1, 2]
    assert (found.x[1], found.t_x[1], found.T[1], found.mean_spend[1]) == (0, 0, 0, 0)
    assert (found.n, dict(found.excluded)) == (3, {})


def test_several_transactions_of_a_day_are_one_purchase_even_on_the_first():
    found = summarise([1, 1, 1, 1], [10, 10, 30, 30], [5, 100, 6, 8], until=50)
    assert (found.x[0], found.mean_spend[0]) == (1, 14)


def test_dates_may_be_dates():
    dates = np.array(["2025-01-01", "2025-01-15", "NaT"], dtype="datetime64[D]")
    until = (datetime.date(2025, 1, 29) - datetime.date(1970, 1, 1)).days
    found = summarise([4, 4, 4], dates, [9, 8, 7], until=until, unit="week")
    assert (found.t_x[0], found.T[0], found.excluded) == (2, 4, {"missing": 1})
    stamps = np.array(["2025-01-01T23:59", "2025-01-15T00:00"], dtype="datetime64[s]")
    assert summarise([4, 4], stamps, [9, 8], until=until, unit="week").t_x[0] == 2


def test_missing_days_and_amounts_are_left_out_and_counted():
    found = summarise([1, 1, 1, 2], [10, math.nan, 30, 12], [5, 6, 8, math.nan], until=50)
    assert found.customers.tolist() == [1]
    assert (found.x[0], found.n, found.excluded) == (1, 2, {"missing": 2})


@pytest.mark.parametrize(
    ("change", "what", "why"),
    [
        ({"day": [10, 20.5, 30]}, "day", "row 2 is 20.5"),
        ({"day": [10, 20]}, "day", "shape"),
        ({"customer": [1, 2]}, "customer", "shape"),
        ({"customer": [1.5, 2, 3]}, "customer", "whole numbers or texts"),
        ({"amount": ["a", 2, 3]}, "amount", "no number"),
        ({"amount": [math.inf, 2, 3]}, "amount", "row 1 is infinite"),
        ({"amount": [math.nan] * 3}, "day", "no transaction"),
        ({"until": 5}, "day", "no transaction"),
        ({"unit": "hour"}, "unit", "not hour"),
    ],
)
def test_unusable_transactions_are_refused(change, what, why):
    good = {"customer": [1, 2, 3], "day": [10, 20, 30], "amount": [5, 6, 7], "until": 40}
    with pytest.raises(MethodError, match=why) as refused:
        summarise(**{**good, **change})
    assert refused.value.what == what


def test_the_examples_run():
    assert doctest.testmod(transactions).failed == 0
