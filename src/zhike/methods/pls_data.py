"""Answers made ready for a path model: the model's items in its order, missing ones settled, moments taken."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from zhike.methods.errors import MethodError
from zhike.methods.given import Floats, matrix, weights_for
from zhike.methods.pls_model import Missing, PathModel

# Squares of larger numbers leave the range of floating point.
_LARGEST = 1e100


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """Rows that can be used, n of them, over the model's items.

    `standard` (n, items) has mean 0 and variance 1 (n - 1), `correlations` (items, items) are theirs; `means` and
    `sds` (items,) take it back to the raw scale; `case_weights` (n,) have mean 1; `rows` are positions in what
    was given; `replaced` counts missing answers per item that became its mean; `excluded` says how many rows were
    left out, by reason.
    """

    standard: Floats
    correlations: Floats
    means: Floats
    sds: Floats
    case_weights: Floats
    rows: NDArray[np.int64]
    replaced: Mapping[str, int]
    excluded: Mapping[str, int]


def answers_for(
    model: PathModel,
    data: ArrayLike,
    names: Sequence[str],
    missing: Missing,
    case_weights: ArrayLike | None = None,
) -> Answers:
    """Answers over the items of a model.

    Raises MethodError naming the item or column for: unknown items, names given twice, an item nobody answered
    or all answered alike, numbers beyond 1e100, and fewer than items + 2 rows.
    """
    given = matrix("data", data, names=names)
    columns = _columns(model, names)
    weights = weights_for(given, case_weights)
    found = given[:, columns]
    items = model.items
    lacking = np.isnan(found)
    _usable(found, lacking, weights, items)
    kept, excluded = _kept(lacking, weights, missing)
    if kept.size < len(items) + 2:
        raise MethodError(
            "data",
            f"{len(items)} items need at least {len(items) + 2} rows, {kept.size} can be used",
        )
    if kept.size < found.shape[0]:
        found, lacking, weights = found[kept], lacking[kept], weights[kept]
    weights = weights * (kept.size / weights.sum())
    if lacking.any():
        counted = np.where(lacking, 0.0, weights[:, None])
        means = (np.where(lacking, 0.0, found) * counted).sum(axis=0) / counted.sum(axis=0)
        found = np.where(lacking, means, found)
    means, sds = _moments(found, weights, items)
    standard = found - means
    standard /= sds
    return Answers(
        standard=standard,
        correlations=_correlations(standard, weights),
        means=means,
        sds=sds,
        case_weights=weights,
        rows=kept,
        replaced={item: int(n) for item, n in zip(items, lacking.sum(axis=0), strict=True) if n},
        excluded=excluded,
    )


def _columns(model: PathModel, names: Sequence[str]) -> list[int]:
    places = {name: at for at, name in enumerate(names)}
    if len(places) < len(names):
        twice = next(name for at, name in enumerate(names) if places[name] != at)
        raise MethodError("names", f"column {twice} stands there twice")
    for block, items in model.blocks.items():
        for item in items:
            if item not in places:
                raise MethodError(f"block {block}", f"item {item} is no column of the data")
    return [places[item] for item in model.items]


def _usable(
    found: Floats, lacking: NDArray[np.bool_], weights: Floats, items: Sequence[str]
) -> None:
    """Raises MethodError for items nobody answered and numbers too large to be squared."""
    there = weights > 0
    for at, item in enumerate(items):
        if lacking[there, at].all():
            raise MethodError(f"item {item}", "nobody answered it")
    if np.nanmax(found) > _LARGEST or np.nanmin(found) < -_LARGEST:
        row, at = (int(part) for part in np.argwhere(np.abs(found) > _LARGEST)[0])
        raise MethodError("data", f"row {row + 1}, column {items[at]} is beyond 1e100")


def _kept(
    lacking: NDArray[np.bool_], weights: Floats, missing: Missing
) -> tuple[NDArray[np.int64], dict[str, int]]:
    """Positions of rows to use, and how many were left out for which reason."""
    gone = lacking.any(axis=1) if missing is Missing.LISTWISE else lacking.all(axis=1)
    reason = "an answer is missing" if missing is Missing.LISTWISE else "every answer is missing"
    idle = ~gone & (weights == 0)
    counts = {reason: int(gone.sum()), "case weight 0": int(idle.sum())}
    return np.flatnonzero(~gone & ~idle), {why: n for why, n in counts.items() if n}


def _moments(filled: Floats, weights: Floats, items: Sequence[str]) -> tuple[Floats, Floats]:
    """Means and standard deviations (n - 1), refusing items that say nothing."""
    flat = filled.max(axis=0) == filled.min(axis=0)
    means = np.average(filled, axis=0, weights=weights)
    off = filled - means
    off *= off
    sds = np.sqrt(weights @ off / (filled.shape[0] - 1))
    for at, item in enumerate(items):
        if flat[at] or sds[at] == 0:
            raise MethodError(f"item {item}", f"is constant: every answer is {means[at]:g}")
    return means, np.asarray(sds)


def _correlations(standard: Floats, weights: Floats) -> Floats:
    counted = standard if (weights == 1).all() else standard * weights[:, None]
    found = counted.T @ standard / (standard.shape[0] - 1)
    found = np.clip((found + found.T) / 2, -1.0, 1.0)
    np.fill_diagonal(found, 1.0)
    return np.asarray(found)
