"""SERVQUAL: 22 pairs of expectation and perception in five dimensions, and the gaps between them.

A gap is perception less expectation: below 0 the service falls short of what is expected.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from types import MappingProxyType
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from zhike.methods.errors import MethodError
from zhike.methods.given import Floats, matrix, within

ITEMS = 22
# Columns of each dimension, from 0.
DIMENSIONS: Mapping[str, slice] = MappingProxyType(
    {
        "tangibles": slice(0, 4),
        "reliability": slice(4, 9),
        "responsiveness": slice(9, 13),
        "assurance": slice(13, 17),
        "empathy": slice(17, 22),
    }
)
# Points somebody shares out may miss 100 by a rounding of decimals, not by a whole point.
POINTS_SLACK = 1e-6


@dataclass(frozen=True, slots=True)
class ItemGap:
    """Means over the `n` complete pairs of an item; `missing` pairs lack a side.

    `sd` of the gap with n - 1; `t` tests it against 0 and is None when all gaps are equal.
    """

    expectation: float
    perception: float
    gap: float
    sd: float
    t: float | None
    n: int
    missing: int


@dataclass(frozen=True, slots=True)
class DimensionGap:
    """Means of the dimension's items, Cronbach's alpha (raw) of each kind, and the mean of its points.

    Alpha is over persons with all pairs of the dimension; None where their sums do not differ. `points` is None
    when none were asked.
    """

    expectation: float
    perception: float
    gap: float
    alpha_expectation: float | None
    alpha_perception: float | None
    alpha_gap: float | None
    points: float | None


@dataclass(frozen=True, slots=True)
class Overall:
    """The overall gap; the weighted ones are None when no points were asked.

    `unweighted`: mean of the five dimensions (or of the 22 items, by option). `weighted_individual`: mean of every
    person's own weighted gap. `weighted_mean_points`: the dimensions' gaps weighted by their mean points.
    """

    unweighted: float
    weighted_individual: float | None
    weighted_mean_points: float | None


@dataclass(frozen=True, slots=True)
class Servqual:
    """`items` by number "1" to "22", `dimensions` by name. `notes` say which figures are lacking, and why."""

    method: str
    options: dict[str, object]
    n: int
    excluded: dict[str, int]
    items: dict[str, ItemGap]
    dimensions: dict[str, DimensionGap]
    overall: Overall
    notes: tuple[str, ...] = ()


def servqual(
    expectations: ArrayLike,
    perceptions: ArrayLike,
    *,
    points: ArrayLike | None = None,
    scale: tuple[float, float] = (1, 7),
    points_rule: Literal["refuse", "rescale"] = "refuse",
    missing: Literal["pairs", "listwise"] = "pairs",
    overall: Literal["dimensions", "items"] = "dimensions",
) -> Servqual:
    """Gaps per item and dimension, the overall gap unweighted and weighted, and reliability.

    Parameters: `expectations`, `perceptions` numbers on `scale`, shape (n, 22), a row a person, columns in the
    order tangibles 1-4, reliability 5-9, responsiveness 10-13, assurance 14-17, empathy 18-22; NaN = missing.
    `points` shape (n, 5), at least 0, 100 shared out by each person; a row of NaN alone gave none. `points_rule`
    what becomes of rows that do not sum to 100: "refuse" or "rescale". `missing` "pairs": an item uses everybody
    with both sides; "listwise": persons with all 22 pairs. `overall`: what the unweighted gap is the mean of.
    Returns a Servqual. A dimension's figure is the mean of its items' figures. A person's gap in a dimension, for
    `weighted_individual`, is the mean of their pairs there; persons without a pair in each of the five, or without
    points, are left out of it and counted (`excluded["not_weighted"]`).
    Raises MethodError for other shapes, values off the scale, an item with fewer than 2 pairs, points that are
    negative, given in part, sum to 0, or (unless rescaled) not to 100, naming the row.
    Source: Parasuraman, Zeithaml, Berry 1988, Journal of Retailing 64: 12-40; 1991, 67: 420-450.

    >>> expected, seen = np.full((3, 22), 6.0), np.full((3, 22), 5.0)
    >>> seen[0] = 4.0
    >>> found = servqual(expected, seen)
    >>> round(found.items["1"].gap, 4), found.items["1"].t, round(found.overall.unweighted, 4)
    (-1.3333, -4.0, -1.3333)
    """
    _known("points_rule", points_rule, ("refuse", "rescale"))
    _known("missing", missing, ("pairs", "listwise"))
    _known("overall", overall, ("dimensions", "items"))
    wanted, seen = _pairs(expectations, perceptions, scale)
    shared = None if points is None else _points(points, wanted.shape[0], points_rule)
    options: dict[str, object] = {
        "scale": tuple(scale),
        "points": points is not None,
        "points_rule": points_rule,
        "missing": missing,
        "overall": overall,
    }
    return _measured(wanted, seen, shared, options)


def _measured(
    wanted: Floats, seen: Floats, shared: Floats | None, options: dict[str, object]
) -> Servqual:
    lacking = np.isnan(wanted) | np.isnan(seen)
    left_out = {
        "persons": int(lacking.all(axis=1).sum()),
        "incomplete_persons": int(lacking.any(axis=1).sum()),
        "missing_pairs": int(lacking.sum()),
    }
    if options["missing"] == "listwise":
        kept = ~lacking.any(axis=1)
        left_out["persons"] = left_out["incomplete_persons"]
        wanted, seen, lacking = wanted[kept], seen[kept], lacking[kept]
        shared = None if shared is None else shared[kept]
    wanted, seen = np.where(lacking, np.nan, wanted), np.where(lacking, np.nan, seen)
    notes: list[str] = []
    items = [_item(at, wanted[:, at], seen[:, at], notes) for at in range(ITEMS)]
    means = dict.fromkeys(DIMENSIONS) if shared is None else _mean_points(shared)
    dimensions = {
        name: _dimension(name, wanted[:, part], seen[:, part], items[part], means[name], notes)
        for name, part in DIMENSIONS.items()
    }
    weighted, left_out["not_weighted"] = _individual(seen - wanted, shared)
    basis: Sequence[ItemGap | DimensionGap] = items
    if options["overall"] == "dimensions":
        basis = list(dimensions.values())
    return Servqual(
        "servqual",
        options,
        int((~lacking.all(axis=1)).sum()),
        left_out,
        {str(at + 1): item for at, item in enumerate(items)},
        dimensions,
        Overall(
            float(np.mean([each.gap for each in basis])), weighted, _by_mean_points(dimensions)
        ),
        tuple(notes),
    )


def cronbach_alpha(answers: Floats) -> float | None:
    """Raw alpha of items (columns) over persons (rows), none missing; None when the sums do not differ."""
    k = answers.shape[1]
    if answers.shape[0] < 2:
        return None
    sums = answers.sum(axis=1)
    if float(np.ptp(sums)) <= 1e-9 * max(1.0, float(np.abs(sums).max())):
        return None
    parts = float(answers.var(axis=0, ddof=1).sum())
    return float(k / (k - 1) * (1 - parts / float(sums.var(ddof=1))))


def _known(what: str, given: str, known: tuple[str, ...]) -> None:
    if given not in known:
        raise MethodError(what, f"is {given!r}; known are {' and '.join(known)}")


def _pairs(
    expectations: ArrayLike, perceptions: ArrayLike, scale: tuple[float, float]
) -> tuple[Floats, Floats]:
    low, high = scale
    if not low < high:
        raise MethodError(
            "scale", f"needs its lowest point before its highest, got {low:g}, {high:g}"
        )
    both = []
    for what, letter, given in (
        ("expectations", "E", expectations),
        ("perceptions", "P", perceptions),
    ):
        names = [f"{letter}{at + 1}" for at in range(ITEMS)]
        found = matrix(what, given)
        if found.shape[1] != ITEMS:
            raise MethodError(what, f"need {ITEMS} columns, got {found.shape[1]}")
        within(what, found, low, high, names=names)
        both.append(found)
    if both[0].shape[0] != both[1].shape[0]:
        raise MethodError(
            "perceptions", f"{both[1].shape[0]} rows for {both[0].shape[0]} of expectations"
        )
    return both[0], both[1]


def _points(points: ArrayLike, n: int, rule: str) -> Floats:
    """Points that sum to 100 in every row, or are all NaN there."""
    given = matrix("points", points)
    if given.shape != (n, len(DIMENSIONS)):
        raise MethodError(
            "points", f"need {n} rows of {len(DIMENSIONS)} columns, got {given.shape}"
        )
    within("points", given, 0, np.inf, names=list(DIMENSIONS))
    lacking = np.isnan(given)
    partly = np.flatnonzero(lacking.any(axis=1) & ~lacking.all(axis=1))
    if partly.size:
        raise MethodError("points", f"row {partly[0] + 1} gives points to some dimensions only")
    if lacking.all():
        raise MethodError("points", "all are missing")
    # A row without points is NaN and compares as neither.
    sums = given.sum(axis=1)
    empty = np.flatnonzero(sums == 0)
    if empty.size:
        raise MethodError("points", f"row {empty[0] + 1} shares out nothing")
    odd = np.flatnonzero(np.abs(sums - 100) > POINTS_SLACK)
    if odd.size and rule == "refuse":
        row = int(odd[0])
        raise MethodError("points", f"row {row + 1} sums to {sums[row]:g} instead of 100")
    return np.asarray(given * (100 / sums)[:, None], dtype=np.float64)


def _mean_points(shared: Floats) -> dict[str, float | None]:
    given = shared[~np.isnan(shared[:, 0])]
    if given.shape[0] == 0:
        raise MethodError("points", "none are left of persons with all 22 pairs")
    return dict(zip(DIMENSIONS, given.mean(axis=0).tolist(), strict=True))


def _by_mean_points(dimensions: Mapping[str, DimensionGap]) -> float | None:
    parts = [each.gap * each.points for each in dimensions.values() if each.points is not None]
    return sum(parts) / 100 if parts else None


def _item(at: int, wanted: Floats, seen: Floats, notes: list[str]) -> ItemGap:
    both = ~np.isnan(wanted)
    n = int(both.sum())
    if n < 2:
        raise MethodError(f"item {at + 1}", f"has {n} pairs of E{at + 1} and P{at + 1}; needs 2")
    gaps = seen[both] - wanted[both]
    equal = float(np.ptp(gaps)) == 0
    sd = 0.0 if equal else float(gaps.std(ddof=1))
    gap = float(gaps.mean())
    if equal:
        notes.append(f"Item {at + 1}: every gap is {gap:g}, so there is no t.")
    return ItemGap(
        float(wanted[both].mean()),
        float(seen[both].mean()),
        gap,
        sd,
        None if equal else gap / (sd / sqrt(n)),
        n,
        int(both.size - n),
    )


def _dimension(
    name: str,
    wanted: Floats,
    seen: Floats,
    items: list[ItemGap],
    points: float | None,
    notes: list[str],
) -> DimensionGap:
    complete = np.asarray(~np.isnan(wanted).any(axis=1))
    kinds = {
        "expectation": wanted[complete],
        "perception": seen[complete],
        "gap": seen[complete] - wanted[complete],
    }
    alphas = {kind: cronbach_alpha(answers) for kind, answers in kinds.items()}
    notes.extend(
        f"{name}: the {kind}s of {complete.sum()} complete persons do not differ, so there is no alpha."
        for kind, alpha in alphas.items()
        if alpha is None
    )
    return DimensionGap(
        float(np.mean([item.expectation for item in items])),
        float(np.mean([item.perception for item in items])),
        float(np.mean([item.gap for item in items])),
        alphas["expectation"],
        alphas["perception"],
        alphas["gap"],
        points,
    )


def _individual(gaps: Floats, shared: Floats | None) -> tuple[float | None, int]:
    """Mean over persons of their gaps weighted by their own points, and how many it leaves out."""
    if shared is None:
        return None, gaps.shape[0]
    there = ~np.isnan(gaps)
    filled = np.where(there, gaps, 0.0)
    parts = list(DIMENSIONS.values())
    counts = np.column_stack([there[:, part].sum(axis=1) for part in parts])
    sums = np.column_stack([filled[:, part].sum(axis=1) for part in parts])
    kept = (counts > 0).all(axis=1) & ~np.isnan(shared[:, 0])
    if not kept.any():
        raise MethodError("points", "nobody has both points and a pair in every dimension")
    own = (sums[kept] / counts[kept] * shared[kept]).sum(axis=1) / 100
    return float(own.mean()), int((~kept).sum())
