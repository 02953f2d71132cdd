"""From answers to an index: weights, scores of items and dimensions, the whole with its interval. Pure.

Each answer is taken to 0–100 on its own scale first, so that five and ten points may stand side by side. A
person's score is the weighted mean of their answers; the index is the mean over persons.
"""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zhike.methods.entropy import entropy_weights
from zhike.methods.errors import MethodError
from zhike.methods.importance import Ipa, place_items
from zhike.methods.scores import t_quantile
from zhike.methods.weights import Weights, by_dimension, equal_weights, given_weights
from zhike.methods.weights_pca import PcaDetails, pca_weights
from zhike.satisfaction.choices import Weighing
from zhike.satisfaction.pairs import Judgements, groups_of, hierarchy, told
from zhike.satisfaction.path_models import compute_model
from zhike.satisfaction.structure import Dimension, items_of

VERSION = "index 1"
LEVEL = 0.95
FEWEST = 5
Floats = NDArray[np.float64]


class TooFew(Exception):
    """Fewer complete answers than may be told or computed: `n` of `needed`."""

    def __init__(self, n: int, needed: int) -> None:
        super().__init__(f"{n} of {needed}")
        self.n, self.needed = n, needed


def compute(
    dimensions: Sequence[Dimension],
    answers: Floats,
    weighing: str,
    by_hand: Mapping[str, float],
    basis: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """`answers` (persons, items) on the items' own scales, NaN where something was left out.

    Returns what is kept of a run, JSON throughout. Raises TooFew, and MethodError with the item that cannot be
    used. Persons with an answer missing are left out and counted.
    """
    items = items_of(dimensions)
    names = [item.part for item in items]
    complete = ~np.isnan(answers).any(axis=1)
    used = answers[complete]
    if len(used) < FEWEST:
        raise TooFew(len(used), FEWEST)
    if weighing == Weighing.PLS:
        assert basis is not None
        return compute_model(dimensions, used, int((~complete).sum()), basis)
    lows = np.array([item.low for item in items], np.float64)
    highs = np.array([item.high for item in items], np.float64)
    shares = 100 * (used - lows) / (highs - lows)
    judges = [one["judgements"] for one in (basis or {}).get("judges", ())]
    if weighing == Weighing.AHP:
        weights: Weights[Any] = hierarchy(dimensions, judges)
    else:
        if weighing == Weighing.PCA and len(used) <= len(names):
            # Fewer people than items always lie in fewer directions than items.
            raise TooFew(len(used), len(names) + 1)
        weights = _weights(weighing, used, shares, names, by_hand)
    parts = np.array([weights.weights[name] for name in names])
    low, mean, high = _interval(shares @ parts)
    placed = place_items(
        parts, shares.mean(axis=0), names=names, importance_scale=(0, 1), performance_scale=(0, 100)
    )
    same_scale = len({(item.low, item.high) for item in items}) == 1
    return {
        "version": VERSION,
        "n": len(used),
        "excluded": int((~complete).sum()),
        "index": mean,
        "low": low,
        "high": high,
        "scale": [items[0].low, items[0].high] if same_scale else None,
        "raw": items[0].low + mean / 100 * (items[0].high - items[0].low) if same_scale else None,
        "lines": [placed.importance_line, placed.performance_line],
        "dimensions": _dimensions(dimensions, weights, shares, names),
        "items": _items(dimensions, used, placed),
        "pca": _pca(weights.details) if isinstance(weights.details, PcaDetails) else None,
        "ahp": _ahp(dimensions, judges) if weighing == Weighing.AHP else None,
    }


def _items(dimensions: Sequence[Dimension], used: Floats, placed: Ipa) -> list[dict[str, Any]]:
    """In the order of the columns of `used` and of what was placed."""
    pairs = [(dimension, item) for dimension in dimensions for item in dimension.items]
    return [
        {
            "part": item.part,
            "title": item.title,
            "dimension": dimension.key,
            "mean": mean,
            "high": item.high,
            "index": one.performance,
            "weight": one.importance,
            "quadrant": one.quadrant,
        }
        for (dimension, item), mean, one in zip(
            pairs, used.mean(axis=0).tolist(), placed.items, strict=True
        )
    ]


def _dimensions(
    dimensions: Sequence[Dimension], weights: Weights[Any], shares: Floats, names: list[str]
) -> list[dict[str, Any]]:
    levels = by_dimension(weights, {one.key: [i.part for i in one.items] for one in dimensions})
    found = []
    for dimension in dimensions:
        parts = levels[dimension.key].items
        columns = [names.index(part) for part in parts]
        low, mean, high = _interval(shares[:, columns] @ np.array(list(parts.values())))
        found.append(
            {
                "key": dimension.key,
                "title": dimension.title,
                "weight": levels[dimension.key].weight,
                "index": mean,
                "low": low,
                "high": high,
            }
        )
    return found


def _weights(
    weighing: str,
    used: Floats,
    shares: Floats,
    names: list[str],
    by_hand: Mapping[str, float],
) -> Weights[Any]:
    if weighing == Weighing.PCA:
        return pca_weights(used, names)
    if weighing == Weighing.ENTROPY:
        return entropy_weights(shares, names)
    if weighing == Weighing.HAND:
        return given_weights({name: float(by_hand.get(name, 0)) for name in names})
    return equal_weights(names)


def _interval(scores: Floats) -> tuple[float, float, float]:
    """Mean with Student's interval, within 0 and 100; weights count as known."""
    mean = float(scores.mean())
    reach = t_quantile(LEVEL, len(scores) - 1) * float(scores.std(ddof=1)) / len(scores) ** 0.5
    return max(0.0, mean - reach), mean, min(100.0, mean + reach)


def _pca(details: PcaDetails) -> dict[str, Any]:
    return {
        "components": details.components,
        "variance": [[r.eigenvalue, r.share, r.cumulative] for r in details.variance],
        "rotated": [[r.eigenvalue, r.share, r.cumulative] for r in details.rotated_variance],
        "loadings": {part: list(row) for part, row in details.rotated_loadings.items()},
        "communalities": dict(details.communalities),
    }


def _ahp(dimensions: Sequence[Dimension], judges: Sequence[Judgements]) -> dict[str, Any]:
    return {
        "judges": len(judges),
        "groups": [
            {
                "title": one.group.title,
                "cr": one.cr,
                "consistent": one.consistent,
                "weights": [list(pair) for pair in one.weights],
            }
            for one in told(groups_of(dimensions), judges)
        ],
    }


def digest_of(answers: Floats) -> str:
    """The same answers, in whatever order they came, have the same digest."""
    rows = sorted(row.tobytes() for row in np.ascontiguousarray(answers))
    return hashlib.sha256(b"".join(rows)).hexdigest()


__all__ = ["FEWEST", "MethodError", "TooFew", "compute", "digest_of"]
