"""Data for the speed tasks, made here with a seed: the same on every machine."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tests.methods.known import ECSI_BLOCKS, ECSI_PATHS

Floats = NDArray[np.float64]
SEED = 20261129


def answers(cases: int) -> tuple[Floats, list[str]]:
    """Answers 1 to 10 to the 24 items of the satisfaction model, whose blocks really depend on one another."""
    rng = np.random.default_rng(SEED)
    factors: dict[str, Floats] = {}
    columns, items = [], []
    for block, its in ECSI_BLOCKS.items():
        before = [factors[start] for start, ends in ECSI_PATHS.items() if block in ends]
        own = rng.normal(size=cases)
        factors[block] = sum(before, start=own) / np.sqrt(1.5 * len(before) + 1)
        for item in its:
            raw = 6.5 + 1.6 * factors[block] + rng.normal(size=cases)
            columns.append(np.clip(np.rint(raw), 1, 10))
            items.append(item)
    return np.column_stack(columns), items


def histories(customers: int) -> tuple[Floats, Floats, Floats]:
    """x, t_x and T in days of customers who came over a year and a half and live by BG/NBD; days are whole."""
    rng = np.random.default_rng(SEED)
    rate = rng.gamma(0.6, 1 / 40.0, customers)
    leaving = rng.beta(0.8, 2.4, customers)
    age = rng.integers(180, 720, customers).astype(np.float64)
    x, t_x, time = np.zeros(customers), np.zeros(customers), np.zeros(customers)
    there = np.arange(customers)
    while there.size:
        time[there] += rng.exponential(1 / rate[there])
        there = there[time[there] <= age[there]]
        day = np.minimum(np.ceil(time[there]), age[there])
        x[there] += day > t_x[there]
        t_x[there] = day
        there = there[rng.random(there.size) > leaving[there]]
    return x, t_x, age


def spending(customers: int) -> tuple[Floats, Floats]:
    """Repeat purchases and their mean worth of customers who all bought again, by Gamma–Gamma, in whole cents."""
    rng = np.random.default_rng(SEED)
    x = rng.geometric(0.3, customers).astype(np.float64)
    rate = rng.gamma(3.7, 1 / 15.4, customers)
    return x, np.maximum(np.round(rng.gamma(6.2 * x) / rate / x, 2), 0.01)


def transactions(rows: int, customers: int) -> tuple[NDArray[np.int64], NDArray[np.int64], Floats]:
    """Customer, day and amount. Amounts are quarters, so that their sums are exact in whatever order."""
    rng = np.random.default_rng(SEED)
    who = (rng.beta(0.7, 1.3, rows) * customers).astype(np.int64)
    day = rng.integers(20_000, 20_730, rows)
    amount = np.rint(rng.gamma(2.0, 60.0, rows) * 4) / 4
    return who, day, amount
