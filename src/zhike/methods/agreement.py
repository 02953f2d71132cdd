"""How far several judges agree on an order: Kendall's W, and the mean of their rank correlations."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations
from math import factorial

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import chdtrc

from zhike.methods.errors import MethodError
from zhike.methods.given import Floats
from zhike.methods.ranking import ranks_of

# The exact probability is counted up to here; beyond, chi-square is good enough.
EXACT_ITEMS = 6
EXACT_STEPS = 2_000_000


@dataclass(frozen=True, slots=True)
class Agreement:
    """`w` from 0 (none) to 1 (all judges alike), corrected for ties; `chi2`, `df` and `p` of its test against
    judges who order at random; `exact_p` by counting all orders, None where there are too many.
    `mean_spearman` over all pairs of judges, from −1/(judges − 1) to 1; `rank_sums` item → sum over judges.
    `n` counts the judges; none is ever left out."""

    method: str
    options: Mapping[str, object]
    n: int
    excluded: Mapping[str, int]
    w: float
    chi2: float
    df: int
    p: float
    exact_p: float | None
    mean_spearman: float
    rank_sums: Mapping[str, float]


def kendall_w(
    rankings: ArrayLike, items: Sequence[str], *, larger_is_better: bool = False
) -> Agreement:
    """Kendall's coefficient of concordance of several judges over the same items.

    W = 12 S / (m² (n³ − n) − m ΣT), S the sum of squares of the rank sums about their mean, T = Σ(t³ − t) over
    each judge's groups of t tied items; chi-square = m (n − 1) W with n − 1 degrees of freedom.

    Parameters: `rankings`, float array (judges, items): places, or figures whose order counts; at least two
    judges. `items`, at least two names. `larger_is_better` for marks instead of places.
    Returns: Agreement. The exact probability (each judge's ranks in every order alike likely) is given up to
    six items, as long as the count stays short; for few items it should be preferred to chi-square's.
    Raises: MethodError for fewer than two judges, a judge who places all items equal, a missing place.
    Missing values: refused; a judge must place every item.
    Source: Kendall and Babington Smith 1939, Annals of Mathematical Statistics 10:275–287; Friedman 1937.

    >>> found = kendall_w([[1, 6, 3, 2, 5, 4], [1, 5, 6, 4, 2, 3], [6, 3, 2, 5, 4, 1]], list("abcdef"))
    >>> round(found.w, 3), round(found.mean_spearman, 3)
    (0.162, -0.257)
    """
    ranks, names = ranks_of(rankings, items, larger_is_better=larger_is_better)
    judges, size = ranks.shape
    if judges < 2:
        raise MethodError("rankings", "agreement needs at least two judges")
    for judge in np.flatnonzero(np.ptp(ranks, axis=1) == 0):
        raise MethodError("rankings", f"judge {judge + 1} places all items equal")
    sums = ranks.sum(axis=0)
    spread = float(((sums - judges * (size + 1) / 2) ** 2).sum())
    # A group of t gives t³ − t: t² − 1 for each of its members.
    ties = sum(float((_alike(ranks, place) ** 2 - 1).sum()) for place in range(size))
    # Rounding may pass 1 in the last digit.
    w = min(12 * spread / (judges**2 * (size**3 - size) - judges * ties), 1.0)
    statistic = judges * (size - 1) * w
    return Agreement(
        method="kendall w",
        options={"larger_is_better": larger_is_better, "ties": "corrected"},
        n=judges,
        excluded={},
        w=w,
        chi2=statistic,
        df=size - 1,
        p=float(chdtrc(size - 1, statistic)),
        exact_p=_exact(ranks),
        mean_spearman=_mean_spearman(ranks),
        rank_sums=dict(zip(names, sums.tolist(), strict=True)),
    )


def _alike(ranks: Floats, place: int) -> Floats:
    """How many items each judge places exactly where this one stands, itself among them."""
    alike: Floats = (ranks == ranks[:, [place]]).sum(axis=1).astype(np.float64)
    return alike


def _mean_spearman(ranks: Floats) -> float:
    """From the length of the sum of the judges' standardised ranks; no pair is looked at by itself."""
    judges = len(ranks)
    centred = ranks - ranks.mean(axis=1, keepdims=True)
    unit = centred / np.sqrt((centred**2).sum(axis=1, keepdims=True))
    together = float((unit.sum(axis=0) ** 2).sum())
    return (together - judges) / (judges * (judges - 1))


def _exact(ranks: Floats) -> float | None:
    """The share of all orders whose rank sums spread at least as far; None where counting takes too long.

    The spread does not care which item has which sum, and the next judge's orders are all alike likely, so
    sums that differ in their order alone are counted as one. Ranks are doubled to stay whole.
    """
    judges, size = ranks.shape
    base = 2 * size * judges + 1
    if size > EXACT_ITEMS or base ** (size - 1) >= 2**62:
        return None
    doubled = np.rint(2 * ranks).astype(np.int64)
    # All sums but the largest, as digits of one number; their total is known.
    digits = base ** np.arange(size - 1)
    sums, chances, steps = np.sort(doubled[:1], axis=1), np.ones(1), 0
    for judge in doubled[1:]:
        steps += len(sums) * factorial(size)
        if steps > EXACT_STEPS:
            return None
        orders = np.array(list(permutations(judge.tolist())))
        after = np.sort((sums[:, None, :] + orders).reshape(-1, size), axis=1)
        _, first, place = np.unique(after[:, :-1] @ digits, return_index=True, return_inverse=True)
        chances = np.bincount(place, np.repeat(chances, len(orders))) / len(orders)
        sums = after[first]
    # With a fixed sum, the sum of squares tells the spread.
    far = (sums**2).sum(axis=1) >= (doubled.sum(axis=0) ** 2).sum()
    return min(float(chances[far].sum()), 1.0)
