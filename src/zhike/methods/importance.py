"""What to work on first: importance-performance analysis (IPA). Kano's categories are in `kano`."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from zhike.methods.drivers import correlations, standardised_coefficients
from zhike.methods.errors import MethodError
from zhike.methods.given import Floats, matrix, vector, within

Quadrant = Literal["keep_up", "concentrate_here", "low_priority", "possible_overkill"]
Crosshair = Literal["means", "midpoints", "given"]
Range = tuple[float, float]

# Means of the same answers may differ in their last digits; so near to a line lies on it.
ON_LINE = 1e-9


@dataclass(frozen=True, slots=True)
class Placed:
    """An item in its quadrant; `on_line` names the axes on whose line it lies, where it counts as high."""

    name: str
    importance: float
    performance: float
    quadrant: Quadrant
    on_line: tuple[Literal["importance", "performance"], ...]


@dataclass(frozen=True, slots=True)
class Ipa:
    """Items in the order given, and where the crosshair lies on each axis."""

    method: str
    options: dict[str, object]
    n: int
    excluded: dict[str, int]
    items: tuple[Placed, ...]
    importance_line: float
    performance_line: float

    def of(self, quadrant: Quadrant) -> tuple[str, ...]:
        """Names of the items in a quadrant."""
        return tuple(item.name for item in self.items if item.quadrant == quadrant)


def ipa(
    performance: ArrayLike,
    *,
    importance: ArrayLike | None = None,
    outcome: ArrayLike | None = None,
    derived: Literal["correlation", "coefficient"] = "correlation",
    names: Sequence[str] = (),
    performance_scale: Range = (1, 5),
    importance_scale: Range = (1, 5),
    crosshair: Crosshair = "means",
    lines: tuple[float, float] | None = None,
) -> Ipa:
    """Places items by people's answers; importance as they state it, or derived from an overall outcome.

    Parameters: `performance` on `performance_scale`, shape (n, k), NaN = missing; either `importance` stated on
    `importance_scale`, shape (m, k), or `outcome` (overall satisfaction), shape (n,), whose correlation with each
    item, or standardised regression coefficient ("coefficient"), is its importance; `names` k names, default
    "1", "2", …; `crosshair` and `lines` as in `place_items`.
    Returns an Ipa; `n` persons have an answer on performance. Means use every answer an item has, derived
    importance complete rows; what is missing is counted.
    Raises MethodError for values off the scale, an item nobody answered, both or neither of importance and
    outcome, and, for derived importance, constant items and what `drivers` refuses besides.
    Source: Martilla and James 1977, Journal of Marketing 41: 77-79; Matzler and others 2004 (derived).

    >>> ipa([[5, 2], [4, 3]], importance=[[5, 5], [3, 4]], names=["speed", "price"]).of("concentrate_here")
    ('price',)
    """
    seen = matrix("performance", performance, names=names)
    called = _names(names, seen.shape[1])
    within("performance", seen, *_range("performance_scale", performance_scale), names=names)
    if importance is not None and outcome is not None:
        raise MethodError("importance", "is stated and derived from an outcome; give one of them")
    if importance is not None:
        weight, left_out = _stated(importance, called, importance_scale)
    elif outcome is None:
        raise MethodError("importance", "is neither stated nor to be derived from an outcome")
    elif crosshair == "midpoints":
        raise MethodError("crosshair", "derived importance has no scale and so no mid-point")
    else:
        weight, left_out = _derived(outcome, seen, called, derived)
    placed = place_items(
        weight,
        _means("performance", seen, called),
        names=called,
        performance_scale=performance_scale,
        importance_scale=importance_scale,
        crosshair=crosshair,
        lines=lines,
    )
    return replace(
        placed,
        options={
            **placed.options,
            "importance": "stated" if importance is not None else f"derived_{derived}",
            "performance_scale": performance_scale,
            "importance_scale": importance_scale if importance is not None else None,
        },
        n=int((~np.isnan(seen)).any(axis=1).sum()),
        excluded={"missing_performance": int(np.isnan(seen).sum()), **left_out},
    )


def place_items(
    importance: ArrayLike,
    performance: ArrayLike,
    *,
    names: Sequence[str] = (),
    performance_scale: Range = (1, 5),
    importance_scale: Range = (1, 5),
    crosshair: Crosshair = "means",
    lines: tuple[float, float] | None = None,
) -> Ipa:
    """Places items whose importance and performance are known figures already.

    Parameters: both of shape (k,), none missing; `crosshair` "means" of the items, "midpoints" of the two
    scales, or "given" in `lines` (importance, performance). An item on a line counts as high there, and says so.
    Returns an Ipa with `n` = k. Raises MethodError for missing figures, unequal lengths, or lines without "given".
    Source: as `ipa`.

    >>> place_items([4.5, 3.0], [2.0, 4.0], crosshair="midpoints").of("concentrate_here")
    ('1',)
    """
    weight, seen = vector("importance", importance), vector("performance", performance)
    if weight.size != seen.size:
        raise MethodError("importance", f"{weight.size} figures for {seen.size} items")
    called = _names(names, seen.size)
    for what, figures in (("importance", weight), ("performance", seen)):
        lacking = np.flatnonzero(np.isnan(figures))
        if lacking.size:
            raise MethodError(what, f"of {called[int(lacking[0])]} is missing")
    across = _lines(weight, seen, (importance_scale, performance_scale), crosshair, lines)
    items = tuple(
        _placed(name, float(one), float(other), across)
        for name, one, other in zip(called, weight, seen, strict=True)
    )
    options: dict[str, object] = {"crosshair": crosshair, "on_line": "high"}
    return Ipa("ipa", options, len(items), {}, items, *across)


def _lines(
    weight: Floats,
    seen: Floats,
    scales: tuple[Range, Range],
    crosshair: Crosshair,
    lines: tuple[float, float] | None,
) -> tuple[float, float]:
    if (lines is not None) != (crosshair == "given"):
        raise MethodError("lines", 'belong to crosshair "given", and it needs them')
    if crosshair == "means":
        return float(weight.mean()), float(seen.mean())
    if crosshair == "midpoints":
        importance, performance = _range("importance_scale", scales[0]), scales[1]
        performance = _range("performance_scale", performance)
        return sum(importance) / 2, sum(performance) / 2
    if lines is None:
        raise MethodError("crosshair", f"is {crosshair!r}; known are means, midpoints and given")
    if not np.isfinite(lines).all():
        raise MethodError("lines", "must be two numbers")
    return float(lines[0]), float(lines[1])


def _placed(name: str, weight: float, seen: float, lines: tuple[float, float]) -> Placed:
    weight_side, seen_side = _side(weight, lines[0]), _side(seen, lines[1])
    quadrant: Quadrant
    if weight_side >= 0:
        quadrant = "keep_up" if seen_side >= 0 else "concentrate_here"
    else:
        quadrant = "possible_overkill" if seen_side >= 0 else "low_priority"
    on_line: list[Literal["importance", "performance"]] = []
    if weight_side == 0:
        on_line.append("importance")
    if seen_side == 0:
        on_line.append("performance")
    return Placed(name, weight, seen, quadrant, tuple(on_line))


def _side(figure: float, line: float) -> int:
    """1 above the line, 0 on it, -1 below it."""
    if abs(figure - line) <= ON_LINE * max(1.0, abs(line)):
        return 0
    return 1 if figure > line else -1


def _stated(
    importance: ArrayLike, names: tuple[str, ...], scale: Range
) -> tuple[Floats, dict[str, int]]:
    found = matrix("importance", importance)
    if found.shape[1] != len(names):
        raise MethodError("importance", f"has {found.shape[1]} columns for {len(names)} items")
    within("importance", found, *_range("importance_scale", scale), names=names)
    return _means("importance", found, names), {"missing_importance": int(np.isnan(found).sum())}


def _derived(
    outcome: ArrayLike, seen: Floats, names: tuple[str, ...], derived: str
) -> tuple[Floats, dict[str, int]]:
    if derived not in ("correlation", "coefficient"):
        raise MethodError("derived", f"is {derived!r}; known are correlation and coefficient")
    among, with_outcome, _, left_out = correlations(outcome, seen, names)
    incomplete = {"incomplete_rows": left_out["missing"]}
    if derived == "correlation":
        return with_outcome, incomplete
    return standardised_coefficients(among, with_outcome, names), incomplete


def _means(what: str, answers: Floats, names: Sequence[str]) -> Floats:
    there = ~np.isnan(answers)
    counts = there.sum(axis=0)
    empty = np.flatnonzero(counts == 0)
    if empty.size:
        raise MethodError(what, f"nobody answered on {names[int(empty[0])]}")
    sums = np.where(there, answers, 0.0).sum(axis=0)
    return np.asarray(sums / counts, dtype=np.float64)


def _range(what: str, given: Range) -> Range:
    low, high = given
    if not -np.inf < low < high < np.inf:
        raise MethodError(what, f"needs its lowest point before its highest, got {low:g}, {high:g}")
    return float(low), float(high)


def _names(names: Sequence[str], k: int) -> tuple[str, ...]:
    called = tuple(names) or tuple(str(at + 1) for at in range(k))
    if len(called) != k:
        raise MethodError("names", f"{len(called)} for {k} items")
    return called
