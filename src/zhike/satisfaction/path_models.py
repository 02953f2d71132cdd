"""The index of a path model (PLS): dimensions as blocks, paths between them, one block whose index is told.

Answers are taken to 0–100 on their own scales first; only persons who answered every item of the
model are used, so that the same answers give the same figures. The interval comes from resampling persons with a
seed that is kept. Pure.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from zhike.methods.errors import MethodError
from zhike.methods.given import Floats
from zhike.methods.index import model_indexes
from zhike.methods.pls import PathModel, PlsResult, estimate, path_model, pls_options
from zhike.methods.pls_bootstrap import PlsBootstrap, Spread, bootstrap
from zhike.methods.pls_importance import importance_map
from zhike.methods.reliability import reliability_of_model
from zhike.satisfaction.structure import Dimension, Item

VERSION = "index of a path model 1"
RESAMPLES, SEED = 1000, 1
LOW, HIGH = 0.0, 100.0
# Of the library's questionnaire of that name: image, expectation, quality, value, satisfaction, loyalty.
READY = {
    "satisfaction_index": {
        "target": "s5",
        "paths": [
            ["s1", "s2"], ["s1", "s5"], ["s1", "s8"], ["s2", "s3"], ["s2", "s4"], ["s2", "s5"],
            ["s3", "s4"], ["s3", "s5"], ["s4", "s5"], ["s5", "s8"],
        ],
    }
}  # fmt: skip


class Circle(Exception):
    """Paths that lead back to where they began: `keys` in the order they are walked."""

    def __init__(self, keys: Sequence[str]) -> None:
        super().__init__(" -> ".join(keys))
        self.keys = keys


class Unexplained(Exception):
    """No path leads to the block whose index is to be told."""


@dataclass(frozen=True, slots=True)
class Model:
    """What is estimated: the dimensions that take part, in their order, and the paths between them."""

    dimensions: Sequence[Dimension]
    paths: PathModel
    target: str

    @property
    def items(self) -> list[Item]:
        return [item for one in self.dimensions for item in one.items]


def model_of(dimensions: Sequence[Dimension], kept: Mapping[str, Any]) -> Model:
    """Of what a system keeps: {"paths": [[from, to]], "target"}. Dimensions beside every path take no part.

    Raises Circle, Unexplained, and MethodError for an end that is no dimension with items that count.
    """
    ends = {key for path in kept["paths"] for key in path}
    taking = [one for one in dimensions if one.key in ends]
    leads: dict[str, list[str]] = {}
    for start, end in kept["paths"]:
        leads.setdefault(start, []).append(end)
    blocks = {one.key: [item.part for item in one.items] for one in taking}
    try:
        paths = path_model(blocks, leads)
    except MethodError as error:
        if error.why.startswith("run in a circle: "):
            raise Circle(error.why.removeprefix("run in a circle: ").split(" -> ")) from error
        raise
    if kept["target"] not in paths.explained:
        raise Unexplained
    return Model(taking, paths, kept["target"])


def compute_model(
    dimensions: Sequence[Dimension], used: Floats, excluded: int, basis: Mapping[str, Any]
) -> dict[str, Any]:
    """`used` (persons, items of all `dimensions`) complete answers. Returns what is kept of a run.

    Raises MethodError naming the block or item that cannot be used.
    """
    model = model_of(dimensions, basis)
    columns = [item.part for one in dimensions for item in one.items]
    held = used[:, [columns.index(item.part) for item in model.items]]
    # In one order whatever order they came in: resampling draws by place.
    held = held[np.lexsort(held.T[::-1])]
    lows = np.array([item.low for item in model.items], np.float64)
    highs = np.array([item.high for item in model.items], np.float64)
    shares = 100 * (held - lows) / (highs - lows)
    options = pls_options(missing="listwise")
    found = estimate(model.paths, shares, model.paths.items, options=options)
    spread = bootstrap(
        model.paths,
        shares,
        model.paths.items,
        options=options,
        resamples=basis["resamples"],
        seed=basis["seed"],
        scale=(LOW, HIGH),
    )
    return _kept(model, found, spread, held, excluded)


def _kept(
    model: Model, found: PlsResult, spread: PlsBootstrap, held: Floats, excluded: int
) -> dict[str, Any]:
    target = model.target
    whole = spread.index[target]
    titles = {one.key: one.title for one in model.dimensions}
    own = next(one for one in model.dimensions if one.key == target)
    ends = {(item.low, item.high) for item in own.items}
    low, high = next(iter(ends))
    # What leads to the target first, so that the numbers on the map are those of the table.
    items = sorted(_items(model, found, held), key=lambda one: one["weight"] is None)
    placed = [one for one in items if one["weight"] is not None]
    lines = [float(np.mean([one[name] for one in placed])) for name in ("weight", "index")]
    for one in placed:
        one["quadrant"] = _quadrant(one, lines)
    points = _points(model, found)
    return {
        "version": VERSION,
        "n": found.n,
        "excluded": excluded,
        "index": whole.estimate,
        "low": max(LOW, whole.low),
        "high": min(HIGH, whole.high),
        "scale": [low, high] if len(ends) == 1 else None,
        "raw": low + whole.estimate / 100 * (high - low) if len(ends) == 1 else None,
        "lines": lines,
        "dimensions": [
            {
                "key": one.key,
                "title": one.title,
                "weight": points.get(one.key),
                "index": spread.index[one.key].estimate,
                "low": max(LOW, spread.index[one.key].low),
                "high": min(HIGH, spread.index[one.key].high),
            }
            for one in model.dimensions
        ],
        "items": items,
        "pca": None,
        "ahp": None,
        "pls": {
            "target": titles[target],
            "requested": spread.requested,
            "converged": spread.converged,
            "seed": spread.seed,
            "r2": dict(found.r2),
            "paths": _spreads(spread.paths),
            "effects": _spreads(spread.total_effects),
            "reliability": _reliability(found),
            "negative": [item["title"] for item in items if item["share"] < 0],
        },
    }


def _points(model: Model, found: PlsResult) -> dict[str, float]:
    """How many points the target's index gains with one point of a block's index."""
    places = importance_map(found, model.target, low=LOW, high=HIGH).blocks
    return {key: place.points for key, place in places.items()}


def _items(model: Model, found: PlsResult, held: Floats) -> list[dict[str, Any]]:
    """`weight` is what the target's index gains with one point of the item, None where nothing leads there."""
    indexes = model_indexes(found, low=LOW, high=HIGH)
    points = _points(model, found)
    means = dict(zip([item.part for item in model.items], held.mean(axis=0).tolist(), strict=True))
    return [
        {
            "part": item.part,
            "title": item.title,
            "dimension": one.key,
            "mean": means[item.part],
            "high": item.high,
            "index": indexes[one.key].means[item.part],
            "share": indexes[one.key].weights[item.part],
            "loading": found.loadings[one.key][item.part],
            "weight": points[one.key] * indexes[one.key].weights[item.part]
            if one.key in points
            else None,
            "quadrant": None,
        }
        for one in model.dimensions
        for item in one.items
    ]


def _quadrant(item: Mapping[str, Any], lines: Sequence[float]) -> str:
    if item["weight"] >= lines[0]:
        return "keep_up" if item["index"] >= lines[1] else "concentrate_here"
    return "possible_overkill" if item["index"] >= lines[1] else "low_priority"


def _spreads(spreads: Mapping[str, Spread]) -> list[dict[str, Any]]:
    return [
        {
            "start": name.split("->")[0],
            "end": name.split("->")[1],
            "estimate": one.estimate,
            "low": one.low,
            "high": one.high,
            "firm": one.low > 0 or one.high < 0,
        }
        for name, one in spreads.items()
    ]


def _reliability(found: PlsResult) -> dict[str, dict[str, float | None]]:
    """By block; empty where the blocks' items have nothing in common: the paths stand all the same."""
    try:
        blocks = reliability_of_model(found).blocks
    except MethodError:
        return {}
    return {
        key: {"alpha": one.alpha_standardized, "rho_c": one.rho_c, "ave": one.ave}
        for key, one in blocks.items()
    }
