"""Varimax: turning components so that each item belongs to few of them."""

from dataclasses import dataclass
from math import atan2, cos, hypot, sin

import numpy as np
from numpy.typing import ArrayLike, NDArray

from zhike.methods.errors import MethodError
from zhike.methods.given import Floats, matrix

# An angle below this (radians) no longer turns anything that is shown.
STILL = 1e-10
SWEEPS = 1000


@dataclass(frozen=True, slots=True)
class Rotation:
    """`loadings` = given loadings @ `turn`; `turn` is orthogonal; `sweeps` through all pairs were needed.

    Components come ordered by the variance they carry, each the way up `upright` gives: neither the order nor
    the signs of what came in matter."""

    loadings: Floats
    turn: Floats
    sweeps: int
    kaiser: bool


def varimax(loadings: ArrayLike, *, kaiser: bool = True) -> Rotation:
    """Loadings turned so that the variance of the squared loadings, summed over components, is largest.

    Parameters: `loadings`, float array (items, components). `kaiser`: rows are scaled to length 1 before the
    turn and back after it (default), so that each item pulls alike.
    Returns: Rotation.
    Raises: MethodError for a missing loading, more components than items, or no rest after 1,000 sweeps.
    Missing values: refused.
    Source: Kaiser 1958, Psychometrika 23:187–200, the closed angle for a pair of components; pairs are turned
    in order until none moves.

    >>> turned = varimax([[0.7, 0.7], [0.7, 0.7], [0.7, -0.7], [0.7, -0.7]])
    >>> (turned.loadings.round(3) + 0.0).tolist()
    [[0.99, 0.0], [0.99, 0.0], [0.0, 0.99], [0.0, 0.99]]
    """
    found = matrix("loadings", loadings)
    items, components = found.shape
    if np.isnan(found).any():
        raise MethodError("loadings", "has a missing value")
    if components > items:
        raise MethodError("loadings", f"{components} components of {items} items")
    length = np.sqrt((found**2).sum(axis=1)) if kaiser else np.ones(items)
    turned = found / np.where(length > 0, length, 1.0)[:, None]
    turn = np.eye(components)
    for sweep in range(1, SWEEPS + 1):
        widest = 0.0
        for first in range(components - 1):
            for second in range(first + 1, components):
                angle = _angle(turned[:, first], turned[:, second])
                widest = max(widest, abs(angle))
                if abs(angle) > STILL:
                    pair = [first, second]
                    rotor = np.array([[cos(angle), -sin(angle)], [sin(angle), cos(angle)]])
                    turned[:, pair] = turned[:, pair] @ rotor
                    turn[:, pair] = turn[:, pair] @ rotor
        if widest <= STILL:
            return _ordered(found, turn, sweep, kaiser)
    raise MethodError("loadings", f"found no rest after {SWEEPS} sweeps of varimax")


def upright(loadings: Floats) -> Floats:
    """Every component in the direction in which its loadings sum to more than 0; where they cancel out, its
    first largest loading is positive."""
    return np.where(_upside_down(loadings), -loadings, loadings)


def _upside_down(loadings: Floats) -> NDArray[np.bool_]:
    sums, sizes = loadings.sum(axis=0), np.abs(loadings)
    first = np.argmax(sizes >= sizes.max(axis=0) * (1 - 1e-9), axis=0)
    largest = loadings[first, np.arange(loadings.shape[1])]
    decides = np.where(np.abs(sums) > 1e-9 * sizes.sum(axis=0), sums, largest)
    return np.asarray(decides < 0)


def _ordered(found: Floats, turn: Floats, sweep: int, kaiser: bool) -> Rotation:
    turned = found @ turn
    # Rounded for the order alone; equal components stand by the item that leads them.
    variance = np.round((turned**2).sum(axis=0), 9)
    order = np.lexsort((np.abs(turned).argmax(axis=0), -variance))
    turn = turn[:, order] * np.where(_upside_down(turned[:, order]), -1.0, 1.0)
    return Rotation(found @ turn, turn, sweep, kaiser)


def _angle(one: Floats, other: Floats) -> float:
    """The angle by which this pair of components should turn."""
    real, imaginary = one**2 - other**2, 2 * one * other
    count = one.size
    upper = 2 * float(real @ imaginary) - 2 * float(real.sum() * imaginary.sum()) / count
    lower = float(real @ real - imaginary @ imaginary)
    lower -= float(real.sum() ** 2 - imaginary.sum() ** 2) / count
    size = float(((one**2 + other**2) ** 2).sum())
    # Where every angle is as good as another, rounding alone would decide, and never rest.
    if hypot(upper, lower) <= 1e-12 * size:
        return 0.0
    return atan2(upper, lower) / 4
