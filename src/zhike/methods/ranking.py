"""One order out of several judges' orders: Borda, Kemeny, Copeland."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from zhike.methods.errors import MethodError
from zhike.methods.given import Floats, matrix, weights_for
from zhike.methods.weights import names_of

# 2^16 sets of items: a second and 20 MB; each further item doubles both.
KEMENY_ITEMS = 16
EQUAL = 1e-9


@dataclass(frozen=True, slots=True)
class GroupOrder:
    """`order` from first to last; `places` item → place from 1, equals share the mean of theirs; `points` item →
    the method's own score, more is better. `n` counts the judges. `distances` judge by judge: the share of
    pairs (0..1) that the judge orders otherwise than the group; a pair tied on one side only counts half.
    """

    method: str
    options: Mapping[str, object]
    n: int
    excluded: Mapping[str, int]
    order: tuple[str, ...]
    places: Mapping[str, float]
    points: Mapping[str, float]
    distances: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class KemenyOrder:
    """`group` is the best order (its points: how many items stand behind); `disagreements` the weighted number
    of pairs, over all judges, ordered otherwise (a judge's tie counts half); `best_orders` how many orders are
    as good as this one."""

    group: GroupOrder
    disagreements: float
    best_orders: int

    @property
    def method(self) -> str:
        return self.group.method

    @property
    def options(self) -> Mapping[str, object]:
        return self.group.options

    @property
    def n(self) -> int:
        return self.group.n

    @property
    def excluded(self) -> Mapping[str, int]:
        return self.group.excluded


def ranks_of(
    rankings: ArrayLike, items: Sequence[str], *, larger_is_better: bool = False
) -> tuple[Floats, tuple[str, ...]]:
    """Each judge's figures as ranks from 1, equals sharing the mean of theirs.

    Parameters: `rankings`, float array (judges, items): places, or any figures whose order counts. `items`, at
    least two names. `larger_is_better` for marks instead of places.
    Returns: ranks, float array (judges, items), and the names.
    Raises: MethodError for wrong shapes and for a missing figure, naming judge and item.
    Missing values: refused; a judge must place every item.
    Source: mid-ranks, Kendall 1948.

    >>> ranks_of([[9, 7, 9]], ["a", "b", "c"], larger_is_better=True)[0].tolist()
    [[1.5, 3.0, 1.5]]
    """
    found = matrix("rankings", rankings)
    names = names_of("items", items, found.shape[1])
    if len(names) < 2:
        raise MethodError("items", "an order needs at least two")
    for judge, item in np.argwhere(np.isnan(found)):
        raise MethodError("rankings", f"judge {judge + 1} has not placed “{names[item]}”")
    return _mid_ranks(-found if larger_is_better else found), names


def borda(
    rankings: ArrayLike,
    items: Sequence[str],
    *,
    larger_is_better: bool = False,
    judge_weights: ArrayLike | None = None,
) -> GroupOrder:
    """The order by how many items each item beats, on the judges' mean.

    Parameters: as for `ranks_of`; `judge_weights`, one number ≥ 0 per judge.
    Returns: GroupOrder; points are the mean over judges of items placed behind, a tie counting half (from 0 to
    number of items − 1).
    Raises: MethodError as `ranks_of`; for weights that do not fit.
    Missing values: refused. A judge with weight 0 is left out and counted.
    Source: Borda 1781; Black 1976, Public Choice 28:1–15, for ties.

    >>> found = borda([[1, 2, 3], [1, 3, 2], [2, 1, 3]], ["a", "b", "c"])
    >>> found.order, {name: round(points, 2) for name, points in found.points.items()}
    (('a', 'b', 'c'), {'a': 1.67, 'b': 1.0, 'c': 0.33})
    """
    jury = _jury(rankings, items, larger_is_better, judge_weights)
    return _group("borda", jury, len(jury.names) - jury.shares @ jury.ranks)


def copeland(
    rankings: ArrayLike,
    items: Sequence[str],
    *,
    larger_is_better: bool = False,
    judge_weights: ArrayLike | None = None,
) -> GroupOrder:
    """The order by duels: won against by a majority of judges, less lost.

    Parameters: as for `borda`.
    Returns: GroupOrder; points are duels won minus duels lost (from −(items − 1) to items − 1). An item that
    wins all is the Condorcet winner.
    Raises: MethodError as `borda`.
    Missing values: as `borda`.
    Source: Copeland 1951; Saari and Merlin 1996, Economic Theory 8:51–76.

    >>> copeland([[1, 2, 3], [1, 3, 2], [2, 1, 3]], ["a", "b", "c"]).points
    {'a': 2.0, 'b': 0.0, 'c': -2.0}
    """
    jury = _jury(rankings, items, larger_is_better, judge_weights)
    ahead = _ahead(jury)
    margin = ahead - ahead.T
    won = np.where(np.abs(margin) > EQUAL, np.sign(margin), 0.0)
    return _group("copeland", jury, won.sum(axis=1))


def kemeny(
    rankings: ArrayLike,
    items: Sequence[str],
    *,
    larger_is_better: bool = False,
    judge_weights: ArrayLike | None = None,
) -> KemenyOrder:
    """The order that contradicts the judges in as few pairs as possible; exact.

    Parameters: as for `borda`; at most 16 items.
    Returns: KemenyOrder. Of several best orders the one nearest to Borda's is shown: the item with more Borda
    points goes first wherever a best order allows it, then the one named earlier.
    Raises: MethodError as `borda`; for more than 16 items.
    Missing values: as `borda`.
    Source: Kemeny 1959, Daedalus 88:577–591. Dynamic programming over sets of items: the best order of a set
    is its best first item, then the best order of the others.

    >>> found = kemeny([[1, 2, 3], [1, 3, 2], [2, 1, 3]], ["a", "b", "c"])
    >>> found.group.order, found.disagreements, found.best_orders
    (('a', 'b', 'c'), 2.0, 1)
    """
    jury = _jury(rankings, items, larger_is_better, judge_weights)
    size = len(jury.names)
    if size > KEMENY_ITEMS:
        raise MethodError(
            "items", f"{size}; the exact order is sought for up to {KEMENY_ITEMS}, use Borda beyond"
        )
    points = size - jury.shares @ jury.ranks
    by_borda = np.argsort(-np.round(points, 9), kind="stable")
    order, least, count = _best_order(_ahead(jury)[np.ix_(by_borda, by_borda)])
    behind = np.empty(size)
    behind[by_borda[order]] = np.arange(size)[::-1]
    return KemenyOrder(_group("kemeny", jury, behind), least * jury.voices, count)


def _mid_ranks(found: Floats) -> Floats:
    """Ranks within each row: as many as are smaller, and half of those that are equal, itself among them."""
    ranks = np.full(found.shape, 0.5)
    for place, column in enumerate(found.T):
        own = column[:, None]
        ranks[:, place] += (found < own).sum(axis=1) + (found == own).sum(axis=1) / 2
    return ranks


@dataclass(frozen=True, slots=True)
class _Jury:
    """The judges who are heard: their ranks, each one's share of the say, and the sum of their weights."""

    ranks: Floats
    names: tuple[str, ...]
    shares: Floats
    voices: float
    options: Mapping[str, object]
    excluded: Mapping[str, int]


def _jury(
    rankings: ArrayLike, items: Sequence[str], larger_is_better: bool, weights: ArrayLike | None
) -> _Jury:
    ranks, names = ranks_of(rankings, items, larger_is_better=larger_is_better)
    counts = weights_for(ranks, weights)
    heard = counts > 0
    silent = int((~heard).sum())
    voices = float(counts.sum())
    return _Jury(
        ranks[heard],
        names,
        counts[heard] / voices,
        voices,
        options={"larger_is_better": larger_is_better, "weighted": weights is not None},
        excluded={"weight 0": silent} if silent else {},
    )


def _ahead(jury: _Jury) -> Floats:
    """[i, j]: the share of judges who place i before j; a tie gives each half."""
    before = [jury.shares @ np.sign(jury.ranks - own[:, None]) for own in jury.ranks.T]
    return 0.5 + np.array(before) / 2


def _best_order(ahead: Floats) -> tuple[list[int], float, int]:
    """The first (in the order of the items) of the best orders, its cost, and how many there are.

    Sets are numbers whose bits are items. `cost[s]` is the least cost of ordering set s, `ways[s]` in how many
    orders it is reached.
    """
    size = len(ahead)
    sets = np.arange(1 << size)
    # against[i, s]: what it costs to put i before all of s.
    against = np.zeros((size, 1 << size))
    for other in range(size):
        bit = 1 << other
        against[:, bit : 2 * bit] = against[:, :bit] + ahead[other][:, None]
    members = np.array([bin(one).count("1") for one in range(1 << size)])
    cost, ways = np.zeros(1 << size), np.ones(1 << size, dtype=object)
    for count in range(1, size + 1):
        layer = sets[members == count]
        holds = (layer[:, None] >> np.arange(size)) & 1 == 1
        rest = layer[:, None] & ~(1 << np.arange(size))
        tried = np.where(holds, cost[rest] + against[np.arange(size), rest], np.inf)
        cost[layer] = tried.min(axis=1)
        best = tried <= cost[layer][:, None] + EQUAL
        ways[layer] = np.where(best, ways[rest], 0).sum(axis=1)
    left, order = (1 << size) - 1, []
    while left:
        first = next(
            item
            for item in range(size)
            if left >> item & 1
            and cost[left ^ 1 << item] + against[item, left ^ 1 << item] <= cost[left] + EQUAL
        )
        order.append(first)
        left ^= 1 << first
    return order, float(cost[-1]), int(ways[-1])


def _group(method: str, jury: _Jury, points: Floats) -> GroupOrder:
    # Equal up to rounding is equal: the sum of weights must not break a tie.
    level = np.round(points, 9)
    places = _mid_ranks(-level[None, :])[0]
    first, second = np.triu_indices(len(jury.names), 1)
    group = np.sign(places[first] - places[second])
    own = np.sign(jury.ranks[:, first] - jury.ranks[:, second])
    return GroupOrder(
        method=method,
        options=jury.options,
        n=len(jury.ranks),
        excluded=jury.excluded,
        order=tuple(jury.names[place] for place in np.argsort(-level, kind="stable")),
        places=dict(zip(jury.names, places.tolist(), strict=True)),
        points=dict(zip(jury.names, points.tolist(), strict=True)),
        distances=tuple((np.abs(own - group).mean(axis=1) / 2).tolist()),
    )
