"""Importance against performance: where raising a block would move the target most, and how well it does now."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from zhike.methods.errors import MethodError
from zhike.methods.index import model_indexes
from zhike.methods.pls import PlsResult

METHOD = "importance-performance map"


@dataclass(frozen=True, slots=True)
class Place:
    """A block on the map: `importance` total effect on the target (standardized), `points` the target's index
    points that come with one index point of the block, `performance` its index 0-100."""

    importance: float
    points: float
    performance: float


@dataclass(frozen=True, slots=True)
class ImportanceMap:
    """Importance and performance of every block with a way to `target`; `n` rows behind it."""

    method: str
    target: str
    low: float
    high: float
    n: int
    excluded: Mapping[str, int]
    blocks: Mapping[str, Place]
    notes: tuple[str, ...]

    @property
    def options(self) -> Mapping[str, object]:
        """What was chosen."""
        return {"target": self.target, "scale": (self.low, self.high)}


def importance_map(result: PlsResult, target: str, *, low: float, high: float) -> ImportanceMap:
    """The importance-performance map of a target block.

    Parameters: `result` of `zhike.methods.pls.estimate` on raw answers from `low` to `high`; `target` the block
    others lead to. Importance is the total effect; in points it is that effect times sd(target) / sd(block),
    both of the index 0-100. Missing values were settled by the estimation.
    Returns an ImportanceMap. Raises MethodError for a target that is no block or that no block leads to, and as
    `zhike.methods.index.model_indexes` does.
    Source: Ringle and Sarstedt (2016), Industrial Management & Data Systems 116, 1865-1886.

    >>> from zhike.methods.pls import estimate, path_model
    >>> model = path_model({"Quality": ["q1", "q2"], "Loyalty": ["l1"]}, {"Quality": ["Loyalty"]})
    >>> answers = [[7, 6, 7], [5, 6, 4], [8, 9, 9], [3, 4, 4], [6, 5, 6], [9, 8, 7]]
    >>> found = importance_map(estimate(model, answers, ["q1", "q2", "l1"]), "Loyalty", low=1, high=10)
    >>> round(found.blocks["Quality"].importance, 3)
    0.858
    """
    if target not in result.model.blocks:
        raise MethodError("target", f"{target} is no block")
    if target not in result.model.explained:
        raise MethodError("target", f"no block leads to {target}")
    indexes = model_indexes(result, low=low, high=high)
    # Sds of the indexes, in one unit for all: a score has variance 1, an index is it over the sum of raw weights.
    sds = {
        block: 1 / float(np.sum(list(weights.values())))
        for block, weights in result.raw_weights.items()
    }
    places = {
        block: Place(
            importance=effect,
            points=effect * sds[target] / sds[block],
            performance=indexes[block].value,
        )
        for block in result.model.blocks
        if (effect := result.total_effects.get(f"{block}->{target}")) is not None
    }
    shown = [indexes[block] for block in (*places, target)]
    return ImportanceMap(
        method=METHOD,
        target=target,
        low=float(low),
        high=float(high),
        n=result.n,
        excluded=result.excluded,
        blocks=places,
        notes=result.notes + tuple(note for one in shown for note in one.notes),
    )
