"""RFM: how recently, how often and for how much a customer bought, each as a score from 1 to 5 by fifths.

Fifths are of customers. Equal values always get equal scores: a group of equals is placed where the middle of the
group lies in the order of all. So the scores do not depend on the order of rows, and fifths may be uneven.

Source: Hughes 1994, Strategic Database Marketing (the three figures and fifths); the treatment of ties is our own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from zhike.methods.errors import MethodError
from zhike.methods.given import Floats
from zhike.methods.transactions import Whole, distinct_days, usable

Counting: TypeAlias = Literal["transactions", "days"]
Scores: TypeAlias = NDArray[np.int8]

FIFTHS = 5


@dataclass(frozen=True, slots=True)
class Rfm:
    """A row a customer, in the order of `customers` (ascending).

    `recency` days from the last purchase to `until`, `frequency` purchases, `money` their sum; scores 1
    (worst) to 5 (best), recent is good. `n` counts the transactions used, `excluded` those left out, by reason.
    """

    customers: NDArray[Any]
    recency: Whole
    frequency: Whole
    money: Floats
    recency_score: Scores
    frequency_score: Scores
    money_score: Scores
    method: str
    counting: Counting
    until: int
    n: int
    excluded: Mapping[str, int]

    @property
    def cells(self) -> Whole:
        """The three scores as one number, 111 (worst) to 555 (best); shape (customers,)."""
        return (
            100 * self.recency_score.astype(np.int64)
            + 10 * self.frequency_score.astype(np.int64)
            + self.money_score.astype(np.int64)
        )

    @property
    def options(self) -> Mapping[str, object]:
        """What was chosen."""
        return {"counting": self.counting, "until": self.until}


def rfm(
    customer: ArrayLike,
    day: ArrayLike,
    amount: ArrayLike,
    *,
    until: int,
    counting: Counting = "transactions",
) -> Rfm:
    """Recency, frequency and money of every customer, with their scores by fifths.

    Parameters, shape (transactions,), in any order: `customer` whole numbers or texts; `day` whole ordinals or
    datetime64; `amount` numbers, refunds negative. `until` is the day looked back from (an ordinal; days since
    1970-01-01 where `day` is datetime64). `counting` says whether `frequency` counts transactions or days with
    any.

    Transactions with a missing day or amount, or after `until`, are left out and counted in `excluded`.
    Raises MethodError for wrong shapes, days that are not whole, fewer than five customers, and when nothing
    is left.

    >>> found = rfm([1, 2, 3, 4, 5, 5], [9, 1, 5, 3, 6, 7], [10, 20, 30, 40, 25, 25], until=10)
    >>> found.recency.tolist(), found.frequency.tolist(), found.money.tolist()
    ([1, 9, 5, 7, 3], [1, 1, 1, 1, 2], [10.0, 20.0, 30.0, 40.0, 50.0])
    >>> found.cells.tolist()
    [531, 132, 333, 234, 455]
    """
    if counting not in ("transactions", "days"):
        raise MethodError("counting", f"is transactions or days, not {counting}")
    given = usable(customer, day, amount, until=until)
    n = given.customers.size
    if n < FIFTHS:
        raise MethodError("customer", f"fifths need at least {FIFTHS} customers, got {n}")
    last = np.full(n, np.iinfo(np.int64).min)
    np.maximum.at(last, given.who, given.day)
    recency = until - last
    bought = given.who if counting == "transactions" else distinct_days(given)[0]
    frequency = np.bincount(bought, minlength=n)
    money = np.asarray(np.bincount(given.who, weights=given.amount, minlength=n), dtype=np.float64)
    return Rfm(
        given.customers,
        recency,
        frequency,
        money,
        fifths(-recency.astype(np.float64)),
        fifths(frequency.astype(np.float64)),
        fifths(money),
        "RFM by fifths",
        counting,
        int(until),
        given.who.size,
        given.excluded,
    )


def fifths(values: Floats) -> Scores:
    """Scores 1 to 5 of numbers, more being better; none may be missing.

    With L values below and E equal ones of n in all, the score is 1 + ⌊5·(L + E/2)/n⌋.

    >>> fifths(np.array([3.0, 1.0, 1.0, 9.0, 4.0])).tolist()
    [3, 2, 2, 5, 4]
    """
    n = values.size
    ordered = np.sort(values)
    scores = np.ones(n, dtype=np.int8)
    for fifth in range(1, FIFTHS):
        # The first value whose middle lies at or above the cut: the one standing there, or the next greater.
        at = ordered[min(fifth * n // FIFTHS, n - 1)]
        below, upto = np.searchsorted(ordered, at, "left"), np.searchsorted(ordered, at, "right")
        if FIFTHS * (below + upto) >= 2 * fifth * n:
            scores += values >= at
        else:
            scores += values > at
    return scores
