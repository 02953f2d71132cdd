"""Side by side: people of an index in groups, each with its index, interval, and difference from the others. Pure.

The weights are those of all together, so that groups are measured with one yardstick.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from zhike.methods.compare import Difference, difference_of_means, holm
from zhike.methods.errors import MethodError
from zhike.methods.given import Floats
from zhike.methods.scores import t_quantile
from zhike.satisfaction.disclosure import Ids, Mask
from zhike.satisfaction.structure import Dimension, items_of

LEVEL = 0.95
# Groups that follow one another in time are each compared with the one before.
IN_TIME = frozenset({"month", "quarter"})


@dataclass(frozen=True, slots=True)
class Named:
    """A group by its key and what it is called; `mask` over the people used."""

    key: str
    title: str
    mask: Mask


def side_by_side(
    by: str,
    told: Sequence[Named],
    used: Floats,
    dimensions: Sequence[Dimension],
    result: Mapping[str, Any],
) -> tuple[list[dict[str, Any]], Ids]:
    """`used` (people, items) complete answers on their own scales, `told` the groups that may be told.

    Returns a row for each group, and for each person the place of their group or -1.
    """
    scores, parts = _scores(used, dimensions, result)
    places = np.full(len(used), -1, np.int64)
    rows = []
    for place, group in enumerate(told):
        places[group.mask] = place
        low, mean, high = _interval(scores[group.mask])
        rows.append(
            {
                "key": group.key,
                "title": group.title,
                "n": int(group.mask.sum()),
                "index": mean,
                "low": low,
                "high": high,
                "dimensions": {key: float(own[group.mask].mean()) for key, own in parts.items()},
                "difference": None,
            }
        )
    _differences(by, rows, told, scores)
    return rows, places


def _scores(
    used: Floats, dimensions: Sequence[Dimension], result: Mapping[str, Any]
) -> tuple[Floats, dict[str, Floats]]:
    """Each person's index, and by dimension."""
    items = items_of(dimensions)
    lows = np.array([item.low for item in items], np.float64)
    highs = np.array([item.high for item in items], np.float64)
    shares = 100 * (used - lows) / (highs - lows)
    columns = {item.part: column for column, item in enumerate(items)}
    found = {}
    for dimension in result["dimensions"]:
        own = [one for one in result["items"] if one["dimension"] == dimension["key"]]
        weights = np.array([one.get("share", one["weight"]) for one in own], np.float64)
        whole = weights.sum()
        weights = weights / whole if whole else np.full(len(own), 1 / len(own))
        found[dimension["key"]] = shares[:, [columns[one["part"]] for one in own]] @ weights
    pls = result.get("pls")
    if pls:
        target = next(o["key"] for o in result["dimensions"] if o["title"] == pls["target"])
        return found[target], found
    whole_index = sum(
        (one["weight"] * found[one["key"]] for one in result["dimensions"]), np.zeros(len(used))
    )
    return np.asarray(whole_index, np.float64), found


def _differences(
    by: str, rows: list[dict[str, Any]], told: Sequence[Named], scores: Floats
) -> None:
    """Of each group from all others together, in time from the one before; Holm's adjustment over all of them."""
    found: dict[str, Difference] = {}
    for place, group in enumerate(told):
        if by in IN_TIME:
            if not place:
                continue
            others = told[place - 1].mask
        else:
            others = ~group.mask
        try:
            found[group.key] = difference_of_means(scores[others], scores[group.mask])
        except MethodError:
            # Nobody else, or all of one mind: there is no difference to tell.
            continue
    holds = holm({key: one.p for key, one in found.items()}).holds if found else {}
    for row in rows:
        one = found.get(row["key"])
        if one is not None:
            row["difference"] = {
                "value": one.difference,
                "low": one.low,
                "high": one.high,
                "n": one.n[0],
                "holds": bool(holds[row["key"]]),
            }


def _interval(scores: Floats) -> tuple[float, float, float]:
    mean = float(scores.mean())
    reach = t_quantile(LEVEL, len(scores) - 1) * float(scores.std(ddof=1)) / len(scores) ** 0.5
    return max(0.0, mean - reach), mean, min(100.0, mean + reach)
