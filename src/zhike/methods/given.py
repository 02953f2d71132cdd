"""Taking in numbers: shapes, missing values and ranges are looked at once, in the same words everywhere."""

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from zhike.methods.errors import MethodError

Floats: TypeAlias = NDArray[np.float64]


def vector(what: str, given: ArrayLike, *, least: int = 1) -> Floats:
    """A one-dimensional array of at least `least` numbers; NaN is allowed and means missing.

    Raises MethodError for other shapes, for what is no number and for infinite values, naming the first row
    (counted from 1).
    """
    found = _numbers(what, given)
    if found.ndim != 1:
        raise MethodError(what, f"needs one column of numbers, got {found.ndim} dimensions")
    if found.size < least:
        raise MethodError(what, f"needs at least {least} values, got {found.size}")
    return found


def matrix(what: str, given: ArrayLike, *, names: Sequence[str] = ()) -> Floats:
    """A two-dimensional array, a row a person, a column an item; NaN is allowed and means missing.

    `names` are the columns' names for messages. Raises MethodError as `vector` does, naming row and column.
    """
    found = _numbers(what, given, names)
    if found.ndim != 2 or 0 in found.shape:
        raise MethodError(what, "needs rows of persons and columns of items")
    if names and len(names) != found.shape[1]:
        raise MethodError(what, f"has {found.shape[1]} columns, but {len(names)} names were given")
    return found


def within(what: str, found: Floats, low: float, high: float, *, names: Sequence[str] = ()) -> None:
    """Raises MethodError naming the first value outside of [low, high]; missing ones pass."""
    outside = np.argwhere((found < low) | (found > high))
    if outside.size:
        where = tuple(int(part) for part in outside[0])
        raise MethodError(
            what, f"{_place(where, names)} is {found[where]:g}, outside of {low:g} to {high:g}"
        )


def weights_for(found: Floats, weights: ArrayLike | None) -> Floats:
    """Weights of the same length, none negative, not all zero; ones where none are given."""
    if weights is None:
        return np.ones(found.shape[0])
    given = vector("weights", weights)
    if given.shape[0] != found.shape[0]:
        raise MethodError("weights", f"{given.shape[0]} for {found.shape[0]} answers")
    if np.isnan(given).any() or (given < 0).any():
        raise MethodError("weights", "must be numbers of at least 0, none missing")
    if given.sum() <= 0:
        raise MethodError("weights", "are all 0")
    return given


def share(what: str, value: float, *, inclusive: bool = False) -> float:
    """A share between 0 and 1; the ends only with `inclusive`."""
    fits = 0 <= value <= 1 if inclusive else 0 < value < 1
    if not fits:
        raise MethodError(what, f"must lie between 0 and 1, got {value:g}")
    return float(value)


def _numbers(what: str, given: ArrayLike, names: Sequence[str] = ()) -> Floats:
    try:
        found = np.array(given, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise MethodError(what, f"holds something that is no number ({error})") from error
    infinite = np.argwhere(np.isinf(found))
    if infinite.size:
        raise MethodError(what, f"{_place(tuple(map(int, infinite[0])), names)} is infinite")
    return found


def _place(where: tuple[int, ...], names: Sequence[str]) -> str:
    row = f"row {where[0] + 1}"
    if len(where) < 2:
        return row
    return f"{row}, column {names[where[1]] if names else where[1] + 1}"
