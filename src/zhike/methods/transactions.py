"""From a list of transactions to each customer's history: x, t_x, T and mean repeat spend.

The first day with a purchase makes a customer; every later day with at least one is a repeat purchase. Several
transactions of a day are one purchase, worth their sum.

Source: the definitions of Fader, Hardie, Lee 2005, Marketing Science 24.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from zhike.methods.errors import MethodError
from zhike.methods.given import Floats, vector

Whole: TypeAlias = NDArray[np.int64]
Unit: TypeAlias = Literal["day", "week", "month", "year"]

DAYS = {"day": 1.0, "week": 7.0, "month": 365.25 / 12, "year": 365.25}


@dataclass(frozen=True, slots=True)
class Histories:
    """A row a customer, in the order of `customers` (ascending). Times are in `unit`, counted from the first
    purchase.

    `mean_spend` is the mean worth of repeat purchases, 0 where `x` is 0; `first` is the day of the first purchase.
    `n` counts the transactions used, `excluded` those left out, by reason.
    """

    customers: NDArray[Any]
    x: Whole
    t_x: Floats
    T: Floats
    mean_spend: Floats
    first: Whole
    method: str
    unit: Unit
    until: int
    n: int
    excluded: Mapping[str, int]

    @property
    def options(self) -> Mapping[str, object]:
        """What was chosen."""
        return {"unit": self.unit, "until": self.until}


@dataclass(frozen=True, slots=True)
class Transactions:
    """Usable transactions: who (an index into `customers`), on which day, worth what."""

    customers: NDArray[Any]
    who: Whole
    day: Whole
    amount: Floats
    excluded: Mapping[str, int]


def summarise(
    customer: ArrayLike,
    day: ArrayLike,
    amount: ArrayLike,
    *,
    until: int,
    unit: Unit = "day",
) -> Histories:
    """Histories of all customers whose first purchase does not lie after the day `until`.

    Parameters, shape (transactions,), in any order: `customer` whole numbers or texts; `day` whole ordinals
    (such as
    `date.toordinal()`) or datetime64; `amount` numbers, refunds negative. `until` is the last day observed, as an
    ordinal (days since 1970-01-01 where `day` is datetime64); `unit` that of `t_x` and `T`.

    Left out and counted in `excluded`: transactions with a missing day or amount (`missing`) and those after
    `until` (`after_until`). Who came on `until` itself is a customer observed for no time yet: T is 0.
    Raises MethodError for wrong shapes, days that are not whole, and when nothing is left.

    >>> found = summarise([7, 7, 7, 9], [1, 15, 15, 8], [20.0, 5.0, 7.0, 30.0], until=29, unit="week")
    >>> found.customers.tolist(), found.x.tolist(), found.t_x.tolist(), found.T.tolist(), found.mean_spend.tolist()
    ([7, 9], [1, 0], [2.0, 0.0], [4.0, 3.0], [12.0, 0.0])
    """
    if unit not in DAYS:
        raise MethodError("unit", f"is one of {', '.join(DAYS)}, not {unit}")
    given = usable(customer, day, amount, until=until)
    n = given.customers.size
    x, first, last = _days_bought(given)
    again = given.day > first[given.who]
    spent = np.asarray(np.bincount(given.who[again], given.amount[again], n), dtype=np.float64)
    days = DAYS[unit]
    return Histories(
        given.customers,
        x,
        (last - first) / days,
        (until - first) / days,
        np.divide(spent, x, out=np.zeros(x.size), where=x > 0),
        first,
        "histories",
        unit,
        int(until),
        given.who.size,
        given.excluded,
    )


def _days_bought(given: Transactions) -> tuple[Whole, Whole, Whole]:
    """Of each customer: days with a purchase after the first, the first and the last of all."""
    who, day = distinct_days(given)
    edges = np.searchsorted(who, np.arange(given.customers.size + 1))
    return np.diff(edges) - 1, day[edges[:-1]], day[edges[1:] - 1]


def distinct_days(given: Transactions) -> tuple[Whole, Whole]:
    """Each customer's days with a transaction, once, in the order of customers and days."""
    low = int(given.day.min())
    span = int(given.day.max()) - low + 1
    # One whole number a transaction, sorted in place, is far quicker than sorting two columns.
    key = given.who * span + (given.day - low)
    key.sort()
    key = key[np.concatenate(([True], key[1:] != key[:-1]))]
    who, at = np.divmod(key, span)
    return who, at + low


def usable(customer: ArrayLike, day: ArrayLike, amount: ArrayLike, *, until: int) -> Transactions:
    """Transactions with day and amount until the day `until`; the rest is counted. MethodError as `summarise`."""
    worth = vector("amount", amount)
    days, missing = _days(day)
    people = np.asarray(customer)
    for name, column in (("day", days), ("customer", people)):
        if column.shape != worth.shape:
            raise MethodError(name, f"has the shape {column.shape}, amount has {worth.shape}")
    if people.dtype.kind not in "iuSU":
        raise MethodError("customer", "must be whole numbers or texts")
    missing = missing | np.isnan(worth)
    late = ~missing & (days > until)
    named = {"missing": missing, "after_until": late}
    excluded = {name: int(which.sum()) for name, which in named.items() if which.any()}
    if excluded:
        kept = ~(missing | late)
        if not kept.any():
            raise MethodError(
                "day", f"no transaction with day and amount lies on or before {until}"
            )
        people, days, worth = people[kept], days[kept], worth[kept]
    customers, who = _coded(people)
    return Transactions(customers, who, days, worth, excluded)


def _days(given: ArrayLike) -> tuple[Whole, NDArray[np.bool_]]:
    found = np.asarray(given)
    if found.dtype.kind == "M":
        missing = np.isnat(found)
        days = found.astype("datetime64[D]").astype(np.int64)
        return np.where(missing, 0, days), missing
    if found.dtype.kind in "iu":
        return found.astype(np.int64), np.zeros(found.shape, dtype=np.bool_)
    numbers = vector("day", given)
    missing = np.isnan(numbers)
    numbers = np.where(missing, 0.0, numbers)
    if (numbers != np.rint(numbers)).any():
        row = int((numbers != np.rint(numbers)).argmax())
        raise MethodError("day", f"row {row + 1} is {numbers[row]:g}, no whole day")
    return numbers.astype(np.int64), missing


def _coded(people: NDArray[Any]) -> tuple[NDArray[Any], Whole]:
    """Customers in ascending order, and each row's index among them; numbers that lie close need no sorting."""
    if people.dtype.kind in "iu":
        low, high = int(people.min()), int(people.max())
        if high - low <= 4 * people.size + 100_000:
            at = people.astype(np.int64) - low
            seen = np.bincount(at, minlength=high - low + 1) > 0
            return (np.flatnonzero(seen) + low).astype(people.dtype), (np.cumsum(seen) - 1)[at]
    customers, who = np.unique(people, return_inverse=True)
    return customers, who.astype(np.int64)
