"""Control charts for counts: p, np, c, u and g, with the rules of Western Electric and of Nelson.

A chart asks whether a figure moves more than chance explains. What lies within the limits is the work of the
process as it is; what a rule flags has a cause of its own worth looking for.

Sources: Montgomery, Introduction to Statistical Quality Control, ch. 6–7; Western Electric, Statistical
Quality Control Handbook, 1956; Nelson 1984, Journal of Quality Technology 16; Benneyan 2001 (g chart).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from zhike.methods.errors import MethodError
from zhike.methods.given import Floats, vector

Kind: TypeAlias = Literal["p", "np", "c", "u", "g"]
RuleSet: TypeAlias = Literal["western", "nelson"]
Bools: TypeAlias = NDArray[np.bool_]

ROUNDING = 1e-9
"""In units of sigma: nearer to a line than this is on the line, so that rounding flags nothing."""


@dataclass(frozen=True, slots=True)
class ControlChart:
    """A chart: a value, a sigma and two limits per point, and the positions, from 1, that each rule flags."""

    method: str
    kind: Kind
    rules: RuleSet
    center: float
    center_given: bool
    values: Floats
    sigma: Floats
    lcl: Floats
    ucl: Floats
    flagged: Mapping[str, tuple[int, ...]]
    n: int
    excluded: Mapping[str, int]
    without: tuple[int, ...]

    @property
    def in_control(self) -> bool:
        return not any(self.flagged.values())

    @property
    def options(self) -> Mapping[str, object]:
        """What was chosen; `center` None: from the points."""
        return {
            "kind": self.kind,
            "rules": self.rules,
            "center": self.center if self.center_given else None,
            "without": self.without,
        }


def control_chart(
    x: ArrayLike,
    size: ArrayLike | None = None,
    *,
    kind: Kind,
    rules: RuleSet = "western",
    center: float | None = None,
    without: Sequence[int] = (),
) -> ControlChart:
    """A control chart with limits three sigma from the centre, and what the rules flag.

    Parameters, shape (points,), in order of time: `x` counts, whole, at least 0 (`u`: any number of at least 0);
    `size` what they are counted in: for `p` and `np` the whole sample sizes (x ≤ size; all equal for `np`), for
    `u` the amount looked at, above 0; none for `c` and `g`. For `g`, `x` counts the cases between two events.
    `center` is a known centre in the unit of the chart; without it the centre comes from the points, leaving out
    the positions (from 1) in `without`, whose cause is known: these are the revised limits. All points stay on the
    chart. The lower limit is never below 0.

    Rules: a point is flagged where it ends a pattern and itself lies in the zone; beyond means strictly beyond; a
    point on the centre line is on neither side and ends a run. See `western` and `nelson`.

    Returns a `ControlChart`. Raises MethodError for values out of range, missing ones (a gap would break or
    join runs), fewer than two points, unequal sizes of `np`, unknown positions, and when there is no variation
    to judge by.

    >>> cans = [12, 15, 8, 10, 4, 7, 16, 9, 14, 10, 5, 6, 17, 12, 22]
    >>> chart = control_chart(cans, [50] * 15, kind="p")
    >>> round(chart.center, 4), chart.flagged["1"]
    (0.2227, (15,))
    """
    if kind not in CHARTS:
        raise MethodError("kind", f"is one of {', '.join(CHARTS)}, not {kind}")
    if rules not in RULES:
        raise MethodError("rules", f"are western or nelson, not {rules}")
    counts = _complete("x", vector("x", x, least=2))
    sizes = _sizes(kind, counts, size)
    left_out = _positions(without, counts.size)
    if center is not None and left_out:
        raise MethodError("without", "has no meaning beside a given center")
    middle = _center(kind, counts, sizes, left_out) if center is None else float(center)
    values, sigma = CHARTS[kind](counts, sizes, _checked_center(kind, middle, sizes))
    flagged = RULES[rules](values, middle, sigma)
    return ControlChart(
        f"{kind} chart",
        kind,
        rules,
        middle,
        center is not None,
        values,
        sigma,
        np.maximum(0.0, middle - 3 * sigma),
        middle + 3 * sigma,
        {name: tuple(int(at) + 1 for at in np.flatnonzero(hit)) for name, hit in flagged.items()},
        counts.size,
        {"left out of the center": len(left_out)} if left_out else {},
        left_out,
    )


def western(values: Floats, center: float, sigma: Floats) -> dict[str, Bools]:
    """Points flagged by the four rules of Western Electric; all arrays of shape (points,), in one unit.

    1 beyond 3 sigma; 2 the second or third of three beyond 2 sigma on one side; 3 the fourth or fifth of five
    beyond 1 sigma on one side; 4 the eighth or later in a row on one side. Values missing are the caller's to
    refuse, as `control_chart` does. Source: Western Electric 1956.

    >>> found = western(np.array([10.0, 14.5, 9.0, 14.2, 16.5]), 10.0, np.full(5, 2.0))
    >>> {rule: (np.flatnonzero(flags) + 1).tolist() for rule, flags in found.items()}
    {'1': [5], '2': [4, 5], '3': [], '4': []}
    """
    z = _standing(values, center, sigma)
    return {
        "1": _beyond(z, 3) | _beyond(-z, 3),
        "2": _both_sides(z, lambda side: _enough(_beyond(side, 2), 2, 3)),
        "3": _both_sides(z, lambda side: _enough(_beyond(side, 1), 4, 5)),
        "4": _both_sides(z, lambda side: _enough(side > 0, 8, 8)),
    }


def nelson(values: Floats, center: float, sigma: Floats) -> dict[str, Bools]:
    """Points flagged by Nelson's eight rules; all arrays of shape (points,).

    1 beyond 3 sigma; 2 nine in a row on one side; 3 six in a row steadily rising or falling; 4 fourteen in a row
    alternating up and down; 5 two of three beyond 2 sigma on one side; 6 four of five beyond 1 sigma on one side;
    7 fifteen in a row none beyond 1 sigma; 8 eight in a row all beyond 1 sigma, on whichever side.
    Rules 3 and 4 look at the plotted values, and equal neighbours end their patterns. Values missing are the
    caller's to refuse, as `control_chart` does. Source: Nelson 1984.

    >>> found = nelson(np.array([9.0, 9.4, 9.8, 10.2, 10.6, 11.0]), 10.0, np.full(6, 2.0))
    >>> [rule for rule, flags in found.items() if flags.any()]
    ['3']
    """
    z = _standing(values, center, sigma)
    steps = np.concatenate(([0.0], np.sign(np.diff(values))))
    turns = np.concatenate(([False], steps[1:] * steps[:-1] < 0))
    outside = _beyond(z, 1) | _beyond(-z, 1)
    return {
        "1": _beyond(z, 3) | _beyond(-z, 3),
        "2": _both_sides(z, lambda side: _enough(side > 0, 9, 9)),
        "3": _enough(steps > 0, 5, 5) | _enough(steps < 0, 5, 5),
        "4": _enough(turns, 12, 12),
        "5": _both_sides(z, lambda side: _enough(_beyond(side, 2), 2, 3)),
        "6": _both_sides(z, lambda side: _enough(_beyond(side, 1), 4, 5)),
        "7": _enough(~outside, 15, 15),
        "8": _enough(outside, 8, 8),
    }


RULES: dict[str, Callable[[Floats, float, Floats], dict[str, Bools]]] = {
    "western": western,
    "nelson": nelson,
}


def _standing(values: Floats, center: float, sigma: Floats) -> Floats:
    z = (values - center) / sigma
    return np.where(np.abs(z) < ROUNDING, 0.0, z)


def _beyond(z: Floats, times: float) -> Bools:
    return np.asarray(z > times + ROUNDING)


def _both_sides(z: Floats, rule: Callable[[Floats], Bools]) -> Bools:
    return rule(z) | rule(-z)


def _enough(inside: Bools, needed: int, of: int) -> Bools:
    """Points inside that end a stretch of `of` points (or fewer at the beginning) with `needed` inside."""
    upto = np.zeros(inside.size + of, dtype=np.int64)
    np.cumsum(inside, out=upto[of:])
    return np.asarray(inside & (upto[of:] - upto[:-of] >= needed))


def _p(counts: Floats, sizes: Floats, center: float) -> tuple[Floats, Floats]:
    return counts / sizes, np.sqrt(center * (1 - center) / sizes)


def _np(counts: Floats, sizes: Floats, center: float) -> tuple[Floats, Floats]:
    return counts, np.sqrt(center * (1 - center / sizes))


def _c(counts: Floats, sizes: Floats, center: float) -> tuple[Floats, Floats]:
    return counts, np.full(counts.size, np.sqrt(center))


def _u(counts: Floats, sizes: Floats, center: float) -> tuple[Floats, Floats]:
    return counts / sizes, np.sqrt(center / sizes)


def _g(counts: Floats, sizes: Floats, center: float) -> tuple[Floats, Floats]:
    return counts, np.full(counts.size, np.sqrt(center * (center + 1)))


CHARTS: dict[str, Callable[[Floats, Floats, float], tuple[Floats, Floats]]] = {
    "p": _p,
    "np": _np,
    "c": _c,
    "u": _u,
    "g": _g,
}


def _sizes(kind: str, counts: Floats, size: ArrayLike | None) -> Floats:
    """Sizes checked against the kind of chart and the counts; ones where the kind has none."""
    _refuse("x", counts, counts < 0, "below 0")
    if kind != "u":
        _refuse("x", counts, counts != np.rint(counts), "no whole number")
    if kind in ("c", "g"):
        if size is not None:
            raise MethodError("size", f"has no meaning in a {kind} chart")
        return np.ones(counts.size)
    if size is None:
        raise MethodError("size", f"is needed by a {kind} chart")
    sizes = _complete("size", vector("size", size))
    if sizes.size != counts.size:
        raise MethodError("size", f"has {sizes.size} rows, x has {counts.size}")
    _refuse("size", sizes, sizes <= 0, "not above 0")
    if kind != "u":
        _refuse("size", sizes, sizes != np.rint(sizes), "no whole number")
        _refuse("x", counts, counts > sizes, "more than its size")
    if kind == "np":
        _refuse("size", sizes, sizes != sizes[0], "unlike the first; an np chart needs equal sizes")
    return sizes


def _center(kind: str, counts: Floats, sizes: Floats, left_out: tuple[int, ...]) -> float:
    kept = np.ones(counts.size, dtype=np.bool_)
    kept[[at - 1 for at in left_out]] = False
    if kept.sum() < 2:
        raise MethodError("without", "leaves fewer than two points for the center")
    below = sizes[kept].sum() if kind in ("p", "u") else kept.sum()
    return float(counts[kept].sum() / below)


def _checked_center(kind: str, center: float, sizes: Floats) -> float:
    top = {"p": 1.0, "np": float(sizes[0])}.get(kind, np.inf)
    if not 0 < center < top:
        reach = f"between 0 and {top:g}" if np.isfinite(top) else "above 0 and finite"
        raise MethodError(
            "center", f"is {center:g}; chance leaves no variation unless it lies {reach}"
        )
    return center


def _positions(without: Sequence[int], points: int) -> tuple[int, ...]:
    found = tuple(sorted(set(without)))
    for at in found:
        if at != int(at) or not 1 <= at <= points:
            raise MethodError("without", f"{at} is no position from 1 to {points}")
    return found


def _complete(what: str, column: Floats) -> Floats:
    _refuse(what, column, np.isnan(column), "missing; leave the point out, or find its value")
    return column


def _refuse(what: str, column: Floats, wrong: Bools, why: str) -> None:
    if wrong.any():
        row = int(wrong.argmax())
        raise MethodError(what, f"row {row + 1} is {column[row]:g}: {why}")
